"""The lines of a note under their sections, and the first line that says who the patient is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.facts.sections import Section
from assistant.records import Bullet, PatientFacts, Span
from knowledge_base.lexicon import read_table

NEGATION = re.compile(
    r"\b(?:no|not|nor|none|nil|never|denie[sd]|deny|without|negative|absent|free of|ruled out|rule out|unremarkable)\b", re.IGNORECASE
)
_MARK = re.compile(r"[ \t]*(?:[-*•–·>]+|#?\(?\d{1,2}[.)]|\[[ xX]?\])[ \t]*")
_POINT = re.compile(r"(?<![^\s;,:])\(?(?P<n>\d{1,2})[.)][ \t]+(?=[^\W\d])")       # "1. Gout 2. Asthma": the points of a list in one line
_SENTENCE = re.compile(r"(?<=[.!?;])[ \t]+(?=[A-Z\d\"(•*-])")
_SHORT = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|e\.g|i\.e|approx|No|Nos|Fig|Prof|q\.d|b\.i\.d|t\.i\.d)|\b[A-Z])\.$")
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """A note, read: its text, facts and sections. Each is itself alone, so that what was made of it can be kept."""

    text: str
    facts: PatientFacts
    sections: Sequence[Section]

    def said(self, span: Span) -> str:
        """The words of a span, on one line."""
        return re.sub(r"\s+", " ", self.text[span.start : span.end]).strip()

    def section_at(self, place: int) -> str:
        """Name of the section that holds a character."""
        return next((section.name for section in reversed(self.sections) if section.start <= place), "")

    def sentence(self, span: Span) -> str:
        """The sentence that holds a span."""
        start = max(self.text.rfind(mark, 0, span.start) for mark in ("\n", ". ", "? ")) + 1
        ends = [place for mark in ("\n", ". ", "? ") if (place := self.text.find(mark, span.end)) >= 0]
        return self.text[start : min([*ends, len(self.text) - 1]) + 1]

    def lines(self, names: Iterable[str]) -> list[Span]:
        """Sentences of the sections of those names, in note order."""
        wanted = frozenset(names)
        return [line for section in self.sections if section.name in wanted for line in sentences(self.text, section.body, section.end)]


@cache
def styles() -> Mapping[str, Any]:
    """The rows of summary_styles.toml."""
    return read_table("summary_styles")


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Sentences between two places; a new line ends one, list marks are left out."""
    for begin, stop in _rows(text, start, end):
        if mark := _MARK.match(text, begin, stop):
            begin = mark.end()
        yield from _cut(text, begin, stop)


def _rows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines, and in a line the points of a list that counts up."""
    for row in re.finditer(r"[^\n]+", text[start:end]):
        begin, stop = start + row.start(), start + row.end()
        marks = list(_POINT.finditer(text, begin, stop))
        counted = [mark for mark, before in zip(marks[1:], marks, strict=False) if int(mark["n"]) == int(before["n"]) + 1]
        for mark in counted:
            yield begin, mark.start()
            begin = mark.start()
        yield begin, stop


def _cut(text: str, begin: int, stop: int) -> Iterator[Span]:
    for gap in _SENTENCE.finditer(text, begin, stop):
        if not _SHORT.search(text[begin : gap.start()]):
            yield from _line(text, begin, gap.start())
            begin = gap.end()
    yield from _line(text, begin, stop)


def _line(text: str, begin: int, stop: int) -> Iterator[Span]:
    """The span without white space, when it holds a word."""
    piece = text[begin:stop]
    if _WORDS.search(piece):
        yield Span(begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip()))


def items(note: Note, line: Span) -> Iterator[Span]:
    """The items of a list line ("gout, asthma; eczema"); a line with a negation stays whole, so that no item loses it."""
    if NEGATION.search(note.text[line.start : line.end]):
        yield line
        return
    for piece in re.finditer(r"[^,;]+", note.text[line.start : line.end]):
        yield from _line(note.text, line.start + piece.start(), line.start + piece.end())


def quotes(note: Note, part: str, names: Iterable[str]) -> Iterator[Bullet]:
    """Each line of those sections, verbatim."""
    return (Bullet(note.said(line), part, (line,), "quote") for line in note.lines(names))


def patient(note: Note) -> Iterator[Bullet]:
    """Age, sex and pregnancy as the note says them, and the first line of the complaint."""
    known = identity(note)
    complaint = next(iter(note.lines(("complaint",))), None)
    if complaint:
        known.append((note.said(complaint).rstrip("."), complaint))
    if known:
        yield Bullet(", ".join(dict.fromkeys(word for word, _ in known)), "patient", tuple(span for _, span in known), "rule")


def identity(note: Note) -> list[tuple[str, Span]]:
    """Age, sex, pregnancy with their places; age and sex that stand together stay together ("72-year-old man")."""
    facts, found = note.facts, []
    age, sex = facts.age_span, facts.sex_span
    if age and sex and age.start <= sex.end and sex.end - age.start < 60 and "\n" not in note.text[age.start : sex.end]:
        whole = Span(age.start, max(age.end, sex.end))
        found.append((note.said(whole), whole))
    else:
        found += [(_aged(note, age), age)] if age else []
        found += [(str(facts.sex), sex)] if sex and facts.sex else []
    if facts.pregnant and facts.pregnant_span:
        found.append(("pregnant", facts.pregnant_span))
    return found


def _aged(note: Note, age: Span) -> str:
    said = note.said(age)
    return said if re.search(r"[a-z]", said, re.IGNORECASE) else f"{note.facts.age_years:g} years"
