"""The sentences and lines of a text with the drugs and the verbs in each, so that what a verb says can be asked of its clause alone."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from assistant.records import Span
from knowledge_base.lexicon import drug_class_names, read_table

FAR = 400           # letters from a verb beyond which none of its drugs is looked for, nor an "if" that bears on it
WRAPPED = 60        # letters of a line that may go on in the next one
KIN = (
    r"(?:mother|mum|mom|father|dad|brother|sister|son|daughter|husband|wife|partner|boyfriend|girlfriend|spouse|uncle|aunt|cousin|"
    r"grand\w+|gran|nan|twin|sibling)s?"
)
_END = re.compile(r"[?!](?=\s|$)|\.(?=\s+[^a-z\s]|\s*$)|\n")
_GOES_ON = re.compile(r"(?:[,&+/]|\b(?:and|or))[ \t]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """A verb in the text and what it makes of its drugs (clauses.toml explains the fields)."""

    says: str
    side: str
    tied: bool
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Clause:
    """A sentence or a line with what it names: drugs and drug classes in text order, and the verbs."""

    text: str
    start: int
    end: int
    items: Sequence[Span]

    @cached_property
    def cues(self) -> list[Cue]:
        """The verbs in text order; a longer one hides those inside it."""
        rows, pattern = _rows()
        found = []
        for match in pattern.finditer(self.text, self.start, self.end):
            row = rows[int(str(match.lastgroup)[1:])]
            found.append(Cue(row["says"], row["side"], row.get("tied", False), match.start(), match.end(), match[0].lower()))
        return [cue for cue in found if not self.within(cue.start)]

    @cached_property
    def starts(self) -> list[int]:
        """Where the drugs begin."""
        return [item.start for item in self.items]

    @cached_property
    def _brackets(self) -> list[int]:
        return [mark.start() for mark in re.finditer(r"[()\[\]]", self.text[self.start : self.end])]

    @cached_property
    def _depths(self) -> list[int]:
        opened, depth = [0], 0
        for place in self._brackets:
            depth += 1 if self.text[self.start + place] in "([" else -1
            opened.append(depth)
        return opened

    def within(self, place: int) -> bool:
        """Whether a place is inside the name of a drug."""
        number = bisect_right(self.starts, place) - 1
        return number >= 0 and place < self.items[number].end

    def depth(self, place: int) -> int:
        """How many brackets are open at a place."""
        return self._depths[bisect_left(self._brackets, place - self.start)]

    def lead(self, place: int) -> str:
        """The words before a place, as far as they may bear on it."""
        return self.text[max(self.start, place - FAR) : place]

    def after(self, place: int) -> Sequence[Span]:
        """The drugs from a place on."""
        return self.items[bisect_left(self.starts, place) :][:FAR]

    def cues_between(self, start: int, end: int) -> list[Cue]:
        """The verbs that begin in a range."""
        places = self.cue_starts
        return self.cues[bisect_left(places, start) : bisect_left(places, end)]

    @cached_property
    def cue_starts(self) -> list[int]:
        """Where the verbs begin."""
        return [cue.start for cue in self.cues]


@cache
def _rows() -> tuple[list[dict[str, Any]], re.Pattern[str]]:
    rows: list[dict[str, Any]] = read_table("clauses")["drug_cue"]
    every = "|".join(f"(?P<r{number}>{'|'.join(row['phrases'])})" for number, row in enumerate(rows))
    return rows, re.compile(rf"(?<![\w-])(?:{every})(?!\w)", re.IGNORECASE)


@cache
def classes() -> re.Pattern[str]:
    """Every spelling of a drug class."""
    names = sorted(drug_class_names(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)


def clauses(text: str, items: Sequence[Span]) -> Iterator[Clause]:
    """The clauses of a text in order; `items` are the places of its drugs and drug classes, sorted."""
    start, starts = 0, [item.start for item in items]
    for end in [*(mark.end() for mark in _END.finditer(text) if not _wraps(text, mark)), len(text)]:
        yield Clause(text, start, end, items[bisect_left(starts, start) : bisect_left(starts, end)])
        start = end


def _wraps(text: str, mark: re.Match[str]) -> bool:
    """Whether a line only goes on in the next: after a comma or "and", or a long one before a small letter."""
    if mark[0] != "\n":
        return False
    line, after = text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()], text[mark.end() : mark.end() + 1]
    return bool(after) and after.isalpha() and (bool(_GOES_ON.search(line)) or (len(line) >= WRAPPED and after.islower()))
