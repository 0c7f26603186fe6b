"""Names of persons: sure ones, names in small letters, and each again wherever the same text has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from assistant.privacy.name_runs import runs
from assistant.privacy.name_signs import LETTER, TOKEN, clinical, is_eponym, made, rows, sure_words, within_sentence
from assistant.privacy.words import common, eponyms, known, rank
from assistant.records import Span


def names(text: str) -> list[Span]:
    """Spans of names in text order; none overlaps another."""
    words = [made(match) for match in TOKEN.finditer(text) if match[0][0].isupper() and len(match[0]) > 1]
    small = list(_small(text))
    sure = sure_words(text, words, small)
    words = [replace(word, rank="name") if found else word for word, found in zip(words, sure, strict=True)]
    found = runs(text, words, sure)
    found += [span for span in small if not _inside(span, found)]
    found += [span for span in _again(text, found) if not _inside(span, found)]
    return _merged(text, found)


def _inside(span: Span, others: Sequence[Span]) -> bool:
    return any(other.start < span.end and span.start < other.end for other in others)


def _small(text: str) -> Iterator[Span]:
    """Names in small letters, as transcripts have them: after a title, "my name is" or "hi", or before an age."""
    for match in re.finditer(_small_pattern(), text):
        word = next(name for name in ("titled", "called", "aged") if match[name])
        likely = rank(match[word]) == "name" or (word != "aged" and rank(match[word]) != "word")
        if likely and not (word == "called" and is_eponym(match[word])):
            yield Span(match.start(word), match.end(word))


@cache
def _small_pattern() -> re.Pattern[str]:
    small = r"[a-zß-ÿ][a-zß-ÿ'\-]{2,}"
    relatives = rows()["relatives"]
    return re.compile(
        rf"\b(?:dr|mr|mrs|ms\.|miss|prof)\.?[ ](?P<titled>{small})"
        rf"|\b(?:hi|hey|hello|name is|named|called|{relatives})[ ],?[ ]?(?P<called>{small})\b"
        rf"|(?<![\w'])(?P<aged>{small})(?= is an? \d+[ -]year)"
    )


def _again(text: str, runs: Sequence[Span]) -> Iterator[Span]:
    """Other places of the parts of a name that was found: what could not be told there is told here."""
    parts = {part for span in runs for part in re.findall(r"[^\W\d_]{3,}(?:['’\-][^\W\d_]+)*", text[span.start : span.end])}
    parts = {part.lower() for part in parts if part.lower() not in common()}
    for match in TOKEN.finditer(text):
        word = made(match)
        said = text[word.start : word.end].lower()
        if said not in parts or not (match[0][0].isupper() or word.rank == "name") or clinical(text, word):
            continue
        here = said not in eponyms() or within_sentence(text[max(0, word.start - 3) : word.start])
        if here and (word.rank != "word" or said not in known()):
            yield Span(word.start, word.end)


def _merged(text: str, spans: Sequence[Span]) -> list[Span]:
    """Spans with nothing but a blank or an initial between them are one name."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if kept and re.fullmatch(rf"[ ](?:{LETTER}\.?[ ])?", text[kept[-1].end : span.start]):
            kept[-1] = Span(kept[-1].start, span.end)
        else:
            kept.append(span)
    return kept
