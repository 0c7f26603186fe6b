"""Where the parts of a clinical note begin and end: headings as data (knowledge_base/sections.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge_base.lexicon import drug_class_names, drug_names, read_table

CLOSED = frozenset({"allergies", "family"})
ONE_SENTENCE = frozenset({"past", "family", "medications", "social"})     # in mid-line: "PMH: HTN. Chest pain for 2 h" has the pain now
Mark = tuple[int, int, str]      # where a heading begins, where the text after it begins, the section that it opens
_START = r"^[ \t#*•\d.)-]*"
_BEHIND = r"(?:(?<=[.;!?)])[ \t]+)"     # mid-line, where a sentence has ended
_LABEL = re.compile(r"^[ \t]*(?P<words>[A-Z][A-Za-z/&-]*(?: [A-Za-z/&-]+){0,3}):|^#{1,4} [^\n]+$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<![ .]\w)[.;](?=\s)|\n")
_PARAGRAPH = re.compile(r"\S[^\n]*\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a note under a heading; `name` is "" before the first one. `body` is where the text after the heading begins."""

    name: str
    start: int
    end: int
    body: int


def split(text: str) -> Iterator[Section]:
    """Cut a note at its headings, in order; the whole text is covered."""
    marks = list(_outside(text, _apart([*_headed(text), *_bare(text), *_paragraphs(text)])))
    marks = _apart([*marks, *_systems(text, marks)])
    marks = sorted([*marks, *_closing(text, marks)])
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, 0, ""))
    for (start, body, name), end in zip(marks, _ends(text, marks), strict=True):
        yield Section(name, start, end, min(body, end))


def _ends(text: str, marks: Sequence[Mark]) -> list[int]:
    return [start for start, _, _ in marks[1:]] + [len(text)] * bool(marks)


def _apart(marks: Iterable[Mark]) -> list[Mark]:
    """Marks in order, less those that begin inside the heading before."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


def _headed(text: str) -> Iterator[Mark]:
    """Headings before a colon, a dash or alone on their line, and in mid-line before a colon."""
    for pattern in _heading_patterns():
        for match in pattern.finditer(text):
            if _is_heading(text, match):
                yield match.start(), match.end(), _headings()[_plain(match[1])]


def _outside(text: str, marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks less the headings that open nothing inside the section before: "Rx:" in a plan."""
    table, before = read_table("sections")["not_within"], ""
    for start, body, name in marks:
        if before not in table.get(text[start:body].strip(" \t\n*#:-–—").lower(), ()):
            yield start, body, name
            before = name


def _is_heading(text: str, match: re.Match[str]) -> bool:
    heading, table = _plain(match[1]), read_table("sections")
    if heading in map(str.lower, table["written"]["words"]) and match[1] not in table["written"]["words"]:
        return False
    if match[0].rstrip()[-1:] in "-–—" and heading in table["colon_only"]["words"]:
        return False
    line_before = text.rfind("\n", 0, max(text.rfind("\n", 0, match.start(1)), 0)) + 1
    line_end = (text + "\n").find("\n", match.end())
    unless = table["unless"].get(heading)
    return not (unless and re.search(unless, text[line_before : match.start(1)] + text[match.end() : line_end]))


def _bare(text: str) -> Iterator[Mark]:
    """Headings that need no colon: "O/E T 39.6"."""
    for match in _bare_pattern().finditer(text):
        yield match.start(), match.end(), _headings()[_plain(match[1])]


def _paragraphs(text: str) -> Iterator[Mark]:
    """The paragraphs of a letter that open a part of it without a heading, each by how it begins."""
    for name, begins in read_table("sections")["paragraphs"].items():
        for match in re.finditer(rf"(?:(?<=\n\n)|(?<=\n \n))(?:{begins})", text, re.IGNORECASE):
            yield match.start(), match.start(), "" if name == "closing" else name


def _systems(text: str, marks: Sequence[Mark]) -> Iterator[Mark]:
    """The organs of an organ-by-organ note, where no examination, review or plan holds them."""
    table = read_table("sections")["systems"]
    found = list(re.finditer(rf"^[ \t]*({'|'.join(table['exam'])})[ \t]*:", text, re.IGNORECASE | re.MULTILINE))
    if len({match[1].lower() for match in found}) < table["least"]:
        return
    for match in found:
        before = [name for start, _, name in marks if start <= match.start()]
        if not before or before[-1] not in table["kept_in"]:
            yield match.start(), match.end(), "exam"


def _closing(text: str, marks: Sequence[Mark]) -> Iterator[Mark]:
    """What ends a list of allergies or of relatives before the next heading: neither takes in what follows."""
    for (start, body, name), end in zip(marks, _ends(text, marks), strict=True):
        stops = [*_labels(text, body, end)] if name in CLOSED else []
        if name in ONE_SENTENCE and text[text.rfind("\n", 0, start) + 1 : start].strip() and (stop := _SENTENCE.search(text, body, end)):
            stops.append((stop.end(), stop.end()))
        if name in read_table("sections")["list_ends"]:
            stops += [*_list_ends(text, body, end, name)]
        if stops and min(stops)[0] < end:
            yield (*min(stops), "")


def _labels(text: str, body: int, end: int) -> Iterator[tuple[int, int]]:
    """A label that no heading spells ("Tetanus status:"); a drug before a colon ("Codeine: vomiting") is an item."""
    for label in _LABEL.finditer(text, body, end):
        if not _is_drug((label["words"] or "").lower()):
            yield label.start(), label.end()


def _list_ends(text: str, body: int, end: int, name: str) -> Iterator[tuple[int, int]]:
    """A line or sentence that is no item; a blank line behind those of a list that must take in nothing else."""
    if name in CLOSED and (blank := _PARAGRAPH.search(text, body, end)):
        yield blank.end(), blank.end()
    for match in _end_pattern(name).finditer(text, body, end):
        if text[body : match.start()].strip():
            yield match.start(), match.start()


def _is_drug(name: str) -> bool:
    return name in drug_names() or name in drug_class_names()


def name_at(sections: Sequence[Section], place: int) -> str:
    """Name of the section that holds a character of the note."""
    return next((section.name for section in reversed(sections) if section.start <= place), "")


def _plain(heading: str) -> str:
    return re.sub(r"\s+", " ", heading.lower())


@cache
def _headings() -> dict[str, str]:
    return {heading: name for name, headings in read_table("sections")["headings"].items() for heading in headings}


def _any(headings: Iterable[str]) -> str:
    return "|".join(re.escape(heading).replace(r"\ ", r"[ \t]+") for heading in sorted(headings, key=len, reverse=True))


@cache
def _heading_patterns() -> tuple[re.Pattern[str], ...]:
    """At the start of a line; behind a sentence; and "allergies" wherever it stands before a colon, unless it is denied."""
    more = rf"(?:[ \t]+(?:{_any(read_table('sections')['qualifiers']['words'])}))*[ \t*]*"
    aside = r"(?:[ \t]+\([^()\n]{1,40}\))?[ \t]*"       # "Meds (daughter reading boxes) –"
    long = [heading for heading in _headings() if len(heading) > 1]
    asided = [heading for heading in long if _headings()[heading] in read_table("sections")["qualifiers"]["bracketed"]]
    allergies = [heading for heading in long if _headings()[heading] == "allergies" and "allerg" in heading]
    flags = re.IGNORECASE | re.MULTILINE
    return (
        re.compile(rf"{_START}({_any(_headings())}){more}(?::\**|(?<=[ \t])[-–—](?=[ \t])|(?=\n)|$)", flags),
        re.compile(rf"{_START}({_any(asided)}){more}{aside}(?::|(?<=[ \t])[-–—](?=[ \t]))", flags),
        re.compile(rf"{_BEHIND}({_any(long)}){more}:", flags),
        re.compile(rf"(?<!\bno )(?<!known )(?<!drug )(?<!\w)(?:({_any(allergies)})){more}:", flags),
    )


@cache
def _bare_pattern() -> re.Pattern[str]:
    words = _any(read_table("sections")["bare"]["words"])
    return re.compile(rf"(?:^[ \t]*|{_BEHIND})({words})(?=[ \t]+(?!of\b|was\b|is\b)[^\s:–—-])", re.MULTILINE)


@cache
def _end_pattern(name: str) -> re.Pattern[str]:
    ends = read_table("sections")["list_ends"][name]
    return re.compile(rf"(?:(?<=\n)|(?<=[.!?][ ]))[ \t]*(?:{ends})", re.IGNORECASE | re.VERBOSE)
