"""Note summaries: sections and facts, each line with its place in the note. Nothing is said that the note does not say."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from assistant import facts as patient_facts
from assistant.errors import InputError
from assistant.facts.sections import split
from assistant.limits import MAX_NOTE
from assistant.notes import cautions, contradictions, dialogue, omissions, wording
from assistant.notes.drugs import allergy_bullets, medication_bullets
from assistant.notes.lines import Note, identity, patient, quotes, styles
from assistant.notes.problems import Problem, problem_bullets, problems
from assistant.notes.results import critical, result_bullets
from assistant.notes.wording import Course
from assistant.parts import Parts
from assistant.records import Bullet, Dropped, NoteSummary, Span

Progress = Callable[[int, int], None]
DIALOGUE = "dialogue_to_note"
STYLES = ("one_liner", "problem_list", "soap", "handoff", "discharge", DIALOGUE)


def run(parts: Parts, text: str, *, style: str = "problem_list", worded: bool = False, progress: Progress | None = None) -> NoteSummary:
    """Summarise a note or a dialogue in a style; every bullet rests on spans of the text.

    Raises:
        InputError: empty, binary or oversized text, or an unknown style.
    """
    *_, last = stream(parts, text, style=style, worded=worded, progress=progress)
    return last


def stream(
    parts: Parts, text: str, *, style: str = "problem_list", worded: bool = False, progress: Progress | None = None
) -> Iterator[NoteSummary]:
    """The summary as it grows, part by part; the last one is complete.

    Args:
        worded: history and assessment in a model's words, where these pass every check; `versions["quoted"]` says why where none wrote.
        progress: is called with the number of parts done and of all.
    """
    check(text, style)
    shaped_by = versions(parts)
    if style == DIALOGUE:
        yield dialogue.summary(text, shaped_by | ({"quoted": "a dialogue becomes a note by rule"} if worded else {}))
        return
    facts = patient_facts.extract(text)
    note = Note(text, facts, tuple(split(text)))
    shaped_by = shaped_by | wording.versions(parts) if worded else shaped_by
    budget = _budget(style, worded)
    bullets: tuple[Bullet, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    for done, (name, most) in enumerate(budget.items(), 1):
        for part in _part(parts, note, name, worded):
            shown, refused = (*bullets, *part.bullets[: most or None]), (*dropped, *part.dropped)
            shaped_by = shaped_by | {"quoted": part.quoted} if part.quoted else shaped_by
            yield NoteSummary(style, shown, dropped=refused, facts=facts, versions=shaped_by)
        bullets, dropped = shown, refused
        if progress:
            progress(done, len(budget) + 1)
    lacking = omissions.lacking(note, bullets, brief=style == "one_liner")
    if progress:
        progress(len(budget) + 1, len(budget) + 1)
    yield NoteSummary(
        style, (*bullets, *lacking), contradictions=contradictions.find(note), cautions=cautions.find(facts),
        added=tuple(b.text for b in lacking), dropped=dropped, facts=facts, versions=shaped_by,
    )  # fmt: skip


def batch(
    parts: Parts, texts: Sequence[str], *, style: str = "problem_list", worded: bool = False, workers: int = 2
) -> list[NoteSummary]:
    """Summaries of several notes, in their order; the same notes give the same summaries whatever the number of workers.

    Raises:
        InputError: a note cannot be used; its number is told before any work is done.
    """
    for number, text in enumerate(texts, 1):
        try:
            check(text, style)
        except InputError as error:
            raise InputError(f"note {number} of {len(texts)}: {error}") from error
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        return list(pool.map(lambda text: run(parts, text, style=style, worded=worded), texts))


def check(text: str, style: str) -> None:
    """Refuse what cannot be summarised."""
    if style not in STYLES:
        raise InputError(f"unknown style '{style}'; allowed: {', '.join(STYLES)}")
    if not text.strip():
        raise InputError("the note is empty; give its text")
    if "\0" in text:
        raise InputError("the note holds NUL bytes: this is a binary file; give plain text")
    if len(text) > MAX_NOTE:
        raise InputError(f"the note has {len(text):,} characters; allowed: {MAX_NOTE:,}. Split it by visit")


def versions(parts: Parts) -> dict[str, str]:
    """What shaped a summary: the rules by hash. No index is opened and no model is loaded for it."""
    return {"backend": parts.settings.backend, "rules": _rules()}


@cache
def _rules() -> str:
    from knowledge_base.lexicon import read_table

    tables = [read_table(name) for name in ("summary_styles", "critical_limits", "sections", "dialogue")]
    return hashlib.sha256(json.dumps(tables, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _budget(style: str, worded: bool) -> dict[str, int]:
    """Part -> most bullets; with a model's words, a style that quotes no narrative section gets a course behind its first part."""
    budget = dict(styles()["styles"][style])
    if worded and not any(_told(name) for name in budget):
        first, *rest = budget.items()
        budget = dict([first, ("course", styles()["worded"]["course"]), *rest])
    return budget


def _told(part: str) -> frozenset[str]:
    """The narrative sections that a part quotes."""
    return wording.narrative() & frozenset(styles()["quotes"].get(part, ()))


def _part(parts: Parts, note: Note, name: str, worded: bool) -> Iterator[Course]:
    """A part of the summary: at once by rule, or sentence by sentence."""
    if worded and _told(name):
        yield from wording.course(parts, note, name, styles()["quotes"][name])
    else:
        yield Course(tuple(_bullets(name, note)))


def _bullets(name: str, note: Note) -> Iterable[Bullet]:
    match name:
        case "line":
            return one_liner(note)
        case "patient":
            return patient(note)
        case "problems" | "symptoms" | "findings":
            return problem_bullets(note, name)
        case "medications":
            return medication_bullets(note)
        case "allergies":
            return allergy_bullets(note)
        case "results":
            return result_bullets(note)
        case "illness_severity":
            return _severity(note)
        case "contingency":
            return (b for b in quotes(note, name, ("plan",)) if _is(b, "contingency"))
        case "action_list":
            return (b for b in quotes(note, name, ("plan",)) if not _is(b, "contingency"))
        case _:
            return quotes(note, name, styles()["quotes"][name])


def _is(bullet: Bullet, kind: str) -> bool:
    return re.search(styles()["lines"][kind], bullet.text, re.IGNORECASE) is not None


def _severity(note: Note) -> Iterator[Bullet]:
    """I-PASS begins with how ill the patient is: what the note says of it, and the critical numbers."""
    for section in note.sections:
        yield from (b for b in quotes(Note(note.text, note.facts, (section,)), "illness_severity", (section.name,)) if _is(b, "severity"))
    for item in note.facts.measurements:
        if mark := critical(item):
            yield Bullet(f"{note.said(item.span)} [CRITICAL: {mark}]", "illness_severity", (item.span,), "rule")


def one_liner(note: Note) -> Iterator[Bullet]:
    """One sentence: who, with what history, comes for what, and what it is held to be."""
    found = [p for p in problems(note) if p.part == "problems"]
    held = [p for p in found if any(note.section_at(s.start) == "assessment" for s in p.spans)]
    past = [p for p in found if p not in held]
    complaint = next(iter(note.lines(("complaint",))), None)
    who = identity(note)
    pieces: list[tuple[str, list[Span]]] = [(", ".join(word for word, _ in who) or "Patient", [span for _, span in who])]
    pieces += [("with " + ", ".join(note.said(p.span) for p in past), [p.span for p in past])] if past else []
    pieces += [("presenting with " + note.said(complaint).rstrip("."), [complaint])] if complaint else []
    pieces += [("; assessed as " + ", ".join(_doubted(note, p) for p in held), [p.span for p in held])] if held else []
    spans = tuple(span for _, places in pieces for span in places)
    if spans:
        yield Bullet(" ".join(words for words, _ in pieces).replace(" ;", ";") + ".", "line", spans, "rule")


def _doubted(note: Note, problem: Problem) -> str:
    return f"{note.said(problem.span)}{' (uncertain)' if problem.uncertain else ''}"
