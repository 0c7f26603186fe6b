"""Note summaries: sections and facts, each line with its place in the note. Nothing is said that the note does not say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from assistant import facts as patient_facts
from assistant.ask import MAX_NOTE
from assistant.errors import InputError
from assistant.parts import Parts
from assistant.records import Bullet, Finding, Medication, NoteSummary, PatientFacts, Span
from assistant.sections import Section, split
from assistant.thresholds import label
from knowledge_base.tables import measurements

STYLES: dict[str, tuple[str, ...]] = {
    "one_liner": ("patient",),
    "problem_list": ("patient", "problems", "medications", "allergies", "results", "plan"),
    "soap": ("patient", "subjective", "objective", "assessment", "plan"),
    "handoff": ("patient", "problems", "medications", "allergies", "results", "plan"),
    "discharge": ("patient", "problems", "medications", "allergies", "results", "assessment", "plan"),
}
SOAP = {
    "subjective": ("complaint", "history", "review", "past", "family", "social"), "objective": ("vitals", "exam", "results"),
    "assessment": ("assessment",), "plan": ("plan",),
}  # fmt: skip
MAX_QUOTED = 6
T = TypeVar("T", Finding, Medication)


def run(parts: Parts, text: str, *, style: str = "problem_list") -> NoteSummary:
    """Summarise a note in a style; every bullet rests on spans of the note.

    Raises:
        InputError: empty, binary or oversized text, or an unknown style.
    """
    _check(text, style)
    facts = patient_facts.extract(text)
    sections = list(split(text))
    bullets = [bullet for name in STYLES[style] for bullet in _bullets(name, text, facts, sections)]
    return NoteSummary(style, tuple(bullets), contradictions=contradictions(facts), facts=facts, versions=parts.versions("ask"))


def _check(text: str, style: str) -> None:
    if style not in STYLES:
        raise InputError(f"unknown style '{style}'; allowed: {', '.join(STYLES)}")
    if not text.strip():
        raise InputError("the note is empty; give its text")
    if "\0" in text:
        raise InputError("the note holds NUL bytes: this is a binary file; give plain text")
    if len(text) > MAX_NOTE:
        raise InputError(f"the note has {len(text):,} characters; allowed: {MAX_NOTE:,}. Split it by visit")


def _bullets(name: str, text: str, facts: PatientFacts, sections: Iterable[Section]) -> Iterator[Bullet]:
    match name:
        case "patient":
            yield from _patient(text, facts, sections)
        case "problems":
            yield from _problems(facts)
        case "medications":
            yield from (Bullet(_drug(drug), name, (drug.span,), "rule") for drug in _once(facts.medications))
        case "allergies":
            yield from (Bullet(_allergy(item), name, (item.span,), "rule") for item in facts.allergies)
        case "results":
            yield from _results(facts)
        case _:
            yield from _quotes(name, text, sections)


def _patient(text: str, facts: PatientFacts, sections: Iterable[Section]) -> Iterator[Bullet]:
    known = [(f"{facts.age_years:g} years", facts.age_span)] if facts.age_years is not None else []
    known += [(str(facts.sex), facts.sex_span)] if facts.sex else []
    known += [("pregnant", facts.pregnant_span)] if facts.pregnant else []
    complaint = next((_first_line(text, s) for s in sections if s.name == "complaint"), None)
    if complaint:
        known.append((text[complaint.start : complaint.end], complaint))
    if known:
        yield Bullet(", ".join(word for word, _ in known), "patient", tuple(span for _, span in known if span), "rule")


def _first_line(text: str, section: Section) -> Span | None:
    body = re.search(r"(?::|\n)\s*(\S[^\n]{1,160})", text[section.start : section.end])
    return Span(section.start + body.start(1), section.start + body.end(1)) if body else None


def _problems(facts: PatientFacts) -> Iterator[Bullet]:
    for finding in _once(f for f in facts.findings if f.experiencer == "patient" and f.when in ("now", "history")):
        if finding.presence == "absent":
            continue
        doubt = " (uncertain)" if finding.presence == "uncertain" else ""
        past = " (history)" if finding.when == "history" else ""
        yield Bullet(f"{finding.name}{past}{doubt}", "problems", (finding.span,), "rule")


def _results(facts: PatientFacts) -> Iterator[Bullet]:
    for item in facts.measurements:
        if item.experiencer == "patient" and item.name != "age_years":
            row = measurements().get(item.name)
            raw = f"{item.raw_value:g} {item.raw_unit or (row.unit if row else '')}".strip()
            past = " (earlier)" if item.when == "history" else ""
            flag = f" [{item.flag}]" if item.flag else ""
            yield Bullet(f"{label(item.name)} {raw}{past}{flag}", "results", (item.span,), "rule")


def _quotes(name: str, text: str, sections: Iterable[Section]) -> Iterator[Bullet]:
    wanted = SOAP.get(name, (name,))
    lines = [line for section in sections if section.name in wanted for line in _lines(text, section)]
    for span in lines[:MAX_QUOTED]:
        yield Bullet(text[span.start : span.end], name, (span,), "quote")


def _lines(text: str, section: Section) -> Iterator[Span]:
    for match in re.finditer(r"[^\s.\n](?:[^.\n]|\.(?=\S))*\.?", text[section.body : section.end]):
        if len(match[0].strip()) > 2:
            yield Span(section.body + match.start(), section.body + match.start() + len(match[0].rstrip()))


def _drug(drug: Medication) -> str:
    words = " ".join(filter(None, (drug.name, drug.dose, drug.route, drug.frequency)))
    return f"not taking {words}" if drug.presence == "absent" else words


def _allergy(item: Finding) -> str:
    return f"no known {item.name}" if item.presence == "absent" else item.name


def _once(items: Iterable[T]) -> list[T]:
    seen: dict[tuple[str, ...], T] = {}
    for item in items:
        seen.setdefault((item.name, item.presence, item.when), item)
    return list(seen.values())


def contradictions(facts: PatientFacts) -> tuple[str, ...]:
    """What the note says against itself: two values, or a drug ordered despite an allergy."""
    from knowledge_base.lexicon import drug_classes

    allergic = {item.name for item in facts.allergies if item.presence == "present"}
    clashes = [
        f"{drug.name} is listed although an allergy to {name} is recorded"
        for drug in facts.medications
        for name in sorted(allergic & {drug.name, *drug_classes(drug.name)})
        if drug.presence == "present"
    ]
    return (*facts.conflicts, *dict.fromkeys(clashes))
