"""A copy of a note without names, dates, numbers and places that identify a person. By rule and on this machine.

A word is taken for a name when a title or a label stands before it, or when it is capitalised and neither our word tables nor the
guidelines know it. The rules miss names that are common words; a person must look at a copy before it leaves the house.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.privacy import places
from assistant.privacy.digits import CHECKS
from assistant.privacy.names import names
from assistant.privacy.organisations import organisations
from assistant.privacy.tags import Identifier, tags
from assistant.privacy.words import rank
from assistant.records import Span
from knowledge_base.lexicon import read_table


@dataclass(frozen=True, slots=True)
class Copy:
    """The text with each identifier replaced by a tag; `items` are places of the original."""

    text: str
    items: tuple[Identifier, ...]


def deidentify(text: str) -> Copy:
    """Mask what identifies a person; equal text gives an equal copy."""
    items = find(text)
    pieces, at = [], 0
    for item, tag in zip(items, tags(text, items), strict=True):
        pieces += [text[at : item.span.start], tag]
        at = item.span.end
    return Copy("".join([*pieces, text[at:]]), tuple(items))


def find(text: str) -> list[Identifier]:
    """Identifiers in text order; none overlaps another, and of two that do the earlier source keeps the place."""
    sources = (
        (item for item in _numbers(text) if item.kind != "ZIP"),
        (Identifier("ADDRESS", span) for span in _joined(places.addresses(text))),
        (item for item in _numbers(text) if item.kind == "ZIP"),
        (Identifier("ORGANISATION", span) for span in _joined(organisations(text))),
        (Identifier("NATIONALITY", span) for span in places.nationalities(text)),
        (Identifier("COUNTRY", span, f"in {region}" if region else "") for span, region in places.countries(text)),
        (Identifier("PLACE", span) for span in places.towns(text)),
        (Identifier("NAME", span) for span in names(text)),
    )
    return sorted(_apart(text, [item for source in sources for item in source]), key=lambda item: item.span.start)


def _apart(text: str, found: Sequence[Identifier]) -> list[Identifier]:
    """What overlaps something earlier keeps the part that stands out; an address takes what lies in it."""
    kept: list[Identifier] = []
    for item in found:
        for span in _outside(item.span, [other.span for other in kept]):
            if span == item.span or _worth(text[span.start : span.end]):
                kept.append(Identifier(item.kind, _trimmed(text, span), item.note))
    return kept


def _trimmed(text: str, span: Span) -> Span:
    said = text[span.start : span.end]
    return Span(span.start + len(said) - len(said.lstrip()), span.end - len(said) + len(said.rstrip()))


def _worth(rest: str) -> bool:
    """Whether what an overlap left over still tells something."""
    return any(word.isdigit() or rank(word) == "name" for word in re.findall(r"\w+", rest))


def _outside(span: Span, taken: Sequence[Span]) -> list[Span]:
    parts = [span]
    for other in taken:
        parts = [part for old in parts for part in _cut(old, other)]
    return parts


def _cut(old: Span, other: Span) -> list[Span]:
    if other.start >= old.end or old.start >= other.end:
        return [old]
    return [span for span in (Span(old.start, other.start), Span(other.end, old.end)) if span.start < span.end]


def _joined(spans: Iterator[Span]) -> list[Span]:
    """Overlapping spans as one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if kept and span.start <= kept[-1].end:
            kept[-1] = Span(kept[-1].start, max(kept[-1].end, span.end))
        else:
            kept.append(span)
    return kept


def _numbers(text: str) -> Iterator[Identifier]:
    for kind, pattern, check in _patterns():
        for match in pattern.finditer(text):
            name = "value" if "value" in match.groupdict() and match["value"] else 0
            if not check or CHECKS[check](match[name]):
                yield Identifier(kind, Span(*match.span(name)))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Kind, pattern, and the check that a match must pass."""
    rows = read_table("identifiers")["identifier"]
    return tuple((row["kind"], re.compile(row["pattern"], re.IGNORECASE), row.get("check", "")) for row in rows)
