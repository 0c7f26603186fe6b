"""Problems, symptoms and signs of a note as lines of a summary: in the words of the note, each with its places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from assistant.facts.patient import implies
from assistant.notes.lines import NEGATION, Note, items, sentences, styles
from assistant.records import Bullet, Finding, Span
from knowledge_base.conditions import conditions

ALLERGY_REACH = 45  # characters from an allergen to the reaction that it caused
LABEL_WORDS = 12  # an assessment line of up to so many words names a problem, a longer one tells a story
PARTS = ("problems", "symptoms", "findings")
SUPPOSED = re.compile(
    r"\?|\b(?:if|when|unless|should|consider\w*|avoid\w*|option\w*|versus|may|might|could|would|discuss\w*|risk|prevent\w*|in case)\b", re.I
)
EMPTY = re.compile(
    r"^\W*(?:none|nil|nkda|nka|unknown|see (?:above|below|list)\b.*|reviewed.*|unchanged|as above|no (?:known|regular|current)\b.*)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Findings that overlap in the note: one line, in the note's own words."""

    span: Span
    names: frozenset[str]
    part: str  # of PARTS
    history: bool
    uncertain: bool
    side: str
    also: tuple[Span, ...] = ()  # further places that say the same

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every place, the one that is quoted first."""
        return (self.span, *self.also)


@lru_cache(maxsize=4)
def problems(note: Note) -> tuple[Problem, ...]:
    """Every problem, symptom and sign that the patient has or had, each once."""
    kept: list[Problem] = []
    for problem in (_problem(note, group) for group in _groups(note)):
        if kept and problem.span == kept[-1].span:
            kept[-1] = replace(_joined(kept[-1], problem), span=problem.span, also=kept[-1].also)
            continue
        same = next((n for n, other in enumerate(kept) if _same(problem, other)), None)
        if same is None:
            kept.append(problem)
        else:
            kept[same] = _joined(kept[same], problem)
    return tuple(kept)


def problem_bullets(note: Note, part: str) -> Iterator[Bullet]:
    """The lines of one part, and under problems what the vocabulary does not know but the note lists as one."""
    for problem in problems(note):
        if problem.part == part:
            yield Bullet(_worded(note, problem), part, problem.spans, "rule")
    if part == "problems":
        yield from unread(note, ("past",), part, [finding.span for finding in note.facts.findings])
        yield from unread(note, ("assessment",), part, [finding.span for finding in note.facts.findings])


def _worded(note: Note, problem: Problem) -> str:
    said = note.said(problem.span)
    doubted = problem.uncertain and not re.search(styles()["problem_words"]["doubt"], said, re.IGNORECASE)
    marks = [word for word, true in (("history", problem.history), ("uncertain", doubted)) if true]
    return f"{said} ({', '.join(marks)})" if marks else said


def _groups(note: Note) -> Iterator[list[Finding]]:
    """Findings that count, those at overlapping places together."""
    group: list[Finding] = []
    end = -1
    for finding in sorted((f for f in note.facts.findings if _counts(note, f)), key=lambda f: (f.span.start, -f.span.end)):
        if group and finding.span.start >= end:
            yield group
            group = []
        group.append(finding)
        end = max(end, finding.span.end) if len(group) > 1 else finding.span.end
    if group:
        yield group


def _counts(note: Note, finding: Finding) -> bool:
    """Whether a finding is a problem of this patient: not denied, not a relative's, no drug, no reaction to an allergen, no number."""
    if finding.experiencer != "patient" or is_denied(note, finding) or finding.when == "planned":
        return False
    if finding.when == "hypothetical" and (SUPPOSED.search(note.sentence(finding.span)) or note.section_at(finding.span.start) == "plan"):
        return False
    if _described().search(finding.name) or note.section_at(finding.span.start) in ("allergies", "family", "medications", "technique"):
        return False
    if any(m.span.start < finding.span.end and finding.span.start < m.span.end for m in note.facts.measurements):
        return False
    return not any(was_caused(note, allergy, finding) for allergy in note.facts.allergies)


def _row(note: Note, span: Span) -> str:
    """The line of the note that holds a span."""
    end = note.text.find("\n", span.end)
    return note.text[note.text.rfind("\n", 0, span.start) + 1 : end if end >= 0 else len(note.text)]


def is_denied(note: Note, finding: Finding) -> bool:
    """Whether a finding is denied in its own line or by one above it; a denial further down is that of another line."""
    if finding.presence != "absent":
        return False
    above = note.text[: finding.span.end].split("\n\n")[-1]
    return bool(
        NEGATION.search(above) or NEGATION.search(_row(note, finding.span)) or re.search(r":\s*[-–]\s*$|\(-\)", _row(note, finding.span))
    )


def was_caused(note: Note, allergy: Finding, finding: Finding) -> bool:
    """Whether a finding is the reaction that an allergen caused, as the words between them tell."""
    if allergy.span.start < finding.span.end and finding.span.start < allergy.span.end:
        return True
    between = note.text[allergy.span.end : finding.span.start]
    if 0 <= finding.span.start - allergy.span.end <= ALLERGY_REACH and not re.search(r"[.;\n]", between):
        return bool(re.match(styles()["not_problems"]["reaction"], between, re.IGNORECASE))
    return False


def _problem(note: Note, group: Sequence[Finding]) -> Problem:
    span = _extended(note, Span(group[0].span.start, max(f.span.end for f in group)))
    names = frozenset(f.name for f in group)
    entailed = {general for name in names for general in implies().get(name, ())}
    side = re.search(styles()["qualifiers"]["side"], note.text[span.start : span.end], re.IGNORECASE)
    return Problem(
        span, names | entailed, _part(note, span, names), all(f.when == "history" for f in group),
        all(f.presence == "uncertain" for f in group), side[0].lower() if side else "",
    )  # fmt: skip


def _part(note: Note, span: Span, names: frozenset[str]) -> str:
    section = note.section_at(span.start)
    if section in ("past", "assessment"):
        return "problems"
    if section in ("exam", "vitals", "results"):
        return "findings"
    disease = names & _diseases() or any(re.search(styles()["problem_words"]["disease"], name, re.IGNORECASE) for name in names)
    return "problems" if disease else "symptoms"


def _same(one: Problem, other: Problem) -> bool:
    """Whether two places speak of the same: every name of one is said or implied by the other, on the same side."""
    return (one.names <= other.names or other.names <= one.names) and not (one.side and other.side and one.side != other.side)


def _joined(one: Problem, other: Problem) -> Problem:
    """The more telling words first; certain beats uncertain, now beats once, a diagnosis beats a sign."""
    richer = (len(other.names), bool(other.side), other.span.end - other.span.start) > (
        len(one.names),
        bool(one.side),
        one.span.end - one.span.start,
    )
    first, second = (other, one) if richer or (one.uncertain and not other.uncertain) else (one, other)
    return replace(
        first, names=one.names | other.names, part=min(one.part, other.part, key=PARTS.index), history=one.history and other.history,
        uncertain=one.uncertain and other.uncertain, also=(*first.also, second.span, *second.also),
    )  # fmt: skip


def _item(note: Note, span: Span) -> Span | None:
    """The line of an assessment, or the item of a list of past problems, that holds a span: short, and denying nothing."""
    section = next((s for s in reversed(note.sections) if s.start <= span.start), None)
    if section is None or section.name not in ("past", "assessment"):
        return None
    lines = (line for line in sentences(note.text, section.body, section.end) if line.start <= span.start and span.end <= line.end)
    pieces = (piece for line in lines for piece in (items(note, line) if section.name == "past" else (line,)))
    item = next((piece for piece in pieces if piece.start <= span.start and span.end <= piece.end), None)
    if item is None or len(note.said(item).split()) > LABEL_WORDS or NEGATION.search(note.said(item)):
        return None
    return Span(item.start, item.start + len(note.text[item.start : item.end].rstrip(" .;,")))


def _extended(note: Note, span: Span) -> Span:
    """The span with the qualifiers beside it: side, size, course, stage; a whole item where the note lists problems."""
    if item := _item(note, span):
        return item
    words = styles()["qualifiers"]
    line_start = note.text.rfind("\n", 0, span.start) + 1
    before = re.search(words["before"], note.text[max(line_start, span.start - 60) : span.start], re.IGNORECASE)
    after = re.search(words["after"], note.text[span.end : span.end + 80].split("\n")[0], re.IGNORECASE)
    begin = span.start - len(before[0].lstrip("- ")) if before else span.start
    return Span(begin, span.end + (after.end() if after and not NEGATION.search(after[0]) else 0))


@cache
def _described() -> re.Pattern[str]:
    return re.compile("|".join(styles()["not_problems"]["names"]), re.IGNORECASE)


@cache
def _diseases() -> frozenset[str]:
    """Names of the condition table, synonyms included: what counts as a diagnosis wherever it stands."""
    return frozenset(name.lower() for condition in conditions() for name in (condition.name, *condition.synonyms) if not name.isupper())


def unread(note: Note, sections: Iterable[str], part: str, known: Sequence[Span]) -> Iterator[Bullet]:
    """Items of a list that hold no fact: quoted, so that what the word tables do not know is not lost."""
    for line in note.lines(sections):
        for item in items(note, line):
            said = note.said(item)
            if EMPTY.match(said) or len(said.split()) > LABEL_WORDS or any(k.start < item.end and item.start < k.end for k in known):
                continue
            yield Bullet(said.rstrip(".;,"), part, (item,), "quote")
