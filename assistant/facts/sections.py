"""Where the parts of a clinical note begin and end: headings as data (knowledge_base/sections.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge_base.lexicon import read_table

CLOSED = frozenset({"allergies", "family"})
_LABEL = re.compile(r"^[ \t]*[A-Z][A-Za-z/&-]*(?: [A-Za-z/&-]+){0,3}:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a note under a heading; `name` is "" before the first one. `body` is where the text after the heading begins."""

    name: str
    start: int
    end: int
    body: int


def split(text: str) -> Iterator[Section]:
    """Cut a note at its headings, in order; the whole text is covered."""
    marks = [(match.start(), match.end(), _headings()[_plain(match[1])]) for match in _heading_pattern().finditer(text)]
    marks = sorted([*marks, *_closing(text, marks)])
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, 0, ""))
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    for (start, body, name), end in zip(marks, ends, strict=True):
        yield Section(name, start, end, min(body, end))


def _closing(text: str, marks: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """A label that no heading spells ("Tetanus status:") ends a list of allergies or of relatives: neither takes in what follows."""
    ends = [start for start, _, _ in marks[1:]] + [len(text)] * bool(marks)
    for (_, body, name), end in zip(marks, ends, strict=True):
        if name in CLOSED and (label := _LABEL.search(text, body, end)):
            yield label.start(), label.end(), ""


def name_at(sections: Sequence[Section], place: int) -> str:
    """Name of the section that holds a character of the note."""
    return next((section.name for section in reversed(sections) if section.start <= place), "")


def _plain(heading: str) -> str:
    return re.sub(r"\s+", " ", heading.lower())


@cache
def _headings() -> dict[str, str]:
    return {heading: name for name, headings in read_table("sections")["headings"].items() for heading in headings}


@cache
def _heading_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(heading).replace(r"\ ", r"\s+") for heading in sorted(_headings(), key=len, reverse=True))
    return re.compile(rf"^[ \t#*\d.)]*({words})[ \t*]*(?::\**|(?=\n)|$)", re.IGNORECASE | re.MULTILINE)
