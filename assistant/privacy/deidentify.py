"""A copy of a note without names, dates, numbers and places that identify a person. By rule and on this machine.

A word is taken for a name when a title or a label stands before it, or when it is capitalised and neither our word tables nor the
guidelines know it. The rules miss names that are common words; a person must look at a copy before it leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.records import Span
from knowledge_base.conditions import conditions
from knowledge_base.lexicon import FOLDER, drug_class_names, drug_names, read_table
from knowledge_base.terms import stems

_TOKEN = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*"
_CAPITAL = re.compile(rf"(?<![\w@]){_TOKEN}")
_BEFORE = re.compile(r"(?<![\w./%-])(?P<n>\d{1,6}),?[ ]$")
_AFTER = re.compile(r",?[ ](?P<n>\d{1,6}[A-Za-z]?)(?![\w./%-]|[ ](?:mg|mcg|g|mL|units?|years?|days?|weeks?|mm)\b)")


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that was masked, and its kind."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Copy:
    """The text with each identifier replaced by its kind in brackets; `items` are places of the original."""

    text: str
    items: tuple[Identifier, ...]


def deidentify(text: str) -> Copy:
    """Mask what identifies a person; equal text gives an equal copy."""
    items = find(text)
    pieces, at = [], 0
    for item in items:
        pieces += [text[at : item.span.start], f"[{item.kind}]"]
        at = item.span.end
    return Copy("".join([*pieces, text[at:]]), tuple(items))


def find(text: str) -> list[Identifier]:
    """Identifiers in text order; none overlaps another."""
    found = _apart([*_by_pattern(text), *_names(text)])
    found += [item for name in found if name.kind == "NAME" for item in _house_numbers(text, name.span)]
    return sorted(_apart(found), key=lambda item: item.span.start)


def _apart(found: Sequence[Identifier]) -> list[Identifier]:
    kept: list[Identifier] = []
    for item in found:
        if not any(other.span.start < item.span.end and item.span.start < other.span.end for other in kept):
            kept.append(item)
    return kept


def _house_numbers(text: str, name: Span) -> Iterator[Identifier]:
    """Numbers that make an address of a name: one on each side of it, or a long one on either ("28245 Puruntie 82")."""
    before, after = _BEFORE.search(text[max(0, name.start - 12) : name.start]), _AFTER.match(text[name.end : name.end + 14])
    for match, offset in ((before, max(0, name.start - 12)), (after, name.end)):
        if match and (len(match["n"]) > 2 or (before and after)):
            yield Identifier("ADDRESS", Span(offset + match.start("n"), offset + match.end("n")))


def _by_pattern(text: str) -> Iterator[Identifier]:
    for kind, pattern, capital in _patterns():
        for match in pattern.finditer(text):
            name = next((name for name, value in match.groupdict().items() if value), 0)
            said = match.group(name)
            if not capital or any(_unknown(word[0]) for word in _CAPITAL.finditer(said)):
                yield Identifier(kind, Span(match.start(name), match.end(name)))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """Kind, pattern, and whether one of its words must be a capitalised one that we do not know. Letters count where capitals do."""
    rows = read_table("identifiers")["identifier"]
    minds = ("IBAN", "ADDRESS", "ZIP", "ID")
    return tuple(
        (row["kind"], re.compile(row["pattern"], 0 if row["kind"] in minds else re.IGNORECASE), bool(row.get("capital"))) for row in rows
    )


def _names(text: str) -> Iterator[Identifier]:
    """Runs of names: each word capitalised and unknown, initials between them included; after a title or a label any capitalised words."""
    start = end = -1
    for match in _CAPITAL.finditer(text):
        if not (_unknown(match[0]) or _announced(text, match)):
            continue
        if end >= 0 and re.fullmatch(
            r"[ ](?:[A-Z]\.?[ ])?|[ ](?:van|von|de|del|da|di|la|bin|al)(?: der| la)?[ ]", text[end : match.start()]
        ):
            end = match.end()
            continue
        if end >= 0:
            yield Identifier("NAME", Span(start, end))
        start, end = match.start(), match.end()
    if end >= 0:
        yield Identifier("NAME", Span(start, end))


def _announced(text: str, match: re.Match[str]) -> bool:
    """Whether a title or a label stands before a capitalised word or its run."""
    if not match[0][:1].isupper() or match[0].lower() in _common():
        return False
    rows = read_table("identifiers")["names"]
    before = text[max(0, match.start() - 40) : match.start()]
    return bool(re.search(rf"(?:\b{rows['titles']}|^[ \t]*{rows['labels']}[ \t]*:)[ \t]+(?:[^\W\d_]+\.?[ ]){{0,1}}$", before, re.MULTILINE))


def _unknown(word: str) -> bool:
    """A capitalised word, not all capitals, that no table and no guideline holds."""
    if not word[:1].isupper() or len(word) < 3 or (word.isupper() and len(word) < 5):
        return False
    parts = [re.sub(r"['’][a-z]+$", "", part) for part in word.lower().split("-")]
    return not all(len(part) < 2 or part in known() or set(stems(part)) <= _known_stems() for part in parts)


@cache
def _common() -> frozenset[str]:
    return frozenset(read_table("identifiers")["names"]["words"].split())


@cache
def _known_stems() -> frozenset[str]:
    return frozenset(stems(" ".join(known())))


@cache
def known() -> frozenset[str]:
    """Words that are nobody's name: of the guidelines where they stand uncapitalised, of findings, conditions, drugs and headings."""
    words = set(_common())
    for path in sorted(Path(FOLDER, "guidelines").glob("*.md")):
        words |= set(re.findall(r"(?<![\w])[a-z][a-z'’]+", path.read_text(encoding="utf-8")))
    tables = [*drug_names(), *drug_class_names(), *read_table("findings")["findings"]]
    tables += [
        name
        for condition in conditions()
        for name in (condition.name, *condition.synonyms, *(finding for finding, _ in condition.findings))
    ]
    tables += [heading for headings in read_table("sections")["headings"].values() for heading in headings]
    return frozenset(words | {word for name in tables for word in re.findall(r"[^\W\d_]+", name.lower())})
