"""Drugs and allergies of a note as lines of a summary, each with its places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.notes.lines import NEGATION, Note
from assistant.notes.problems import ALLERGY_REACH, SUPPOSED, unread, was_caused
from assistant.records import Bullet, Finding, Medication, Span

# "Lithium 1.6 mmol/L" is a level in blood; "adrenaline 1 mg/mL" is a bottle
_LEVEL = re.compile(
    r"\s*(?:level)?\s*(?:is|was|of|[:=])?\s*[<>]?\s*\d+(?:\.\d+)?\s*(?:(?:[mµμun]?mol|m?g|mcg|[µμun]g)\s*/\s*d?l|(?:ng|mcg|[µμu]g)\s*/\s*ml)\b",
    re.IGNORECASE,
)


def medication_bullets(note: Note) -> Iterator[Bullet]:
    """One line a drug: how it is taken, then what became of it; and lines of the drug list that name no drug we know."""
    by_name: dict[str, list[Medication]] = {}
    for drug in note.facts.medications:
        if _is_taken(note, drug):
            by_name.setdefault(drug.name, []).append(drug)
    for mentions in by_name.values():
        words: dict[str, list[Span]] = {}
        for drug in sorted(mentions, key=lambda item: item.presence == "absent"):   # what is taken is told first
            words.setdefault(_state(note, drug), []).append(_regimen_span(note, drug))
        told = _telling(list(words))
        yield Bullet(
            "; ".join([told[0], *(_less_name(word, mentions[0].name) for word in told[1:])]),
            "medications",
            tuple(s for w in words for s in words[w]),
            "rule",
        )
    yield from _levels(note)
    known = [drug.span for drug in note.facts.medications]
    yield from unread(note, ("medications",), "medications", [*known, *(a.span for a in note.facts.allergies)])


def _is_taken(note: Note, drug: Medication) -> bool:
    """Whether a mention is a drug of this patient: not one only thought of ("if ...") or to be avoided, and no level in a blood test."""
    if (drug.presence, drug.when) == ("absent", "hypothetical"):
        return False
    # what is avoided is known by its own drug: "Avoid NSAIDs, give paracetamol" gives the second
    supposed = [word for word in SUPPOSED.finditer(note.sentence(drug.span)) if not word[0].lower().startswith("avoid")]
    if drug.when in ("hypothetical", "planned") and supposed:
        return False
    return not _measured(note, drug) and not _LEVEL.match(note.text, drug.span.end)


def _measured(note: Note, drug: Medication) -> bool:
    return any(m.span.start <= drug.span.start < m.span.end for m in note.facts.measurements)


def _levels(note: Note) -> Iterator[Bullet]:
    """Levels of drugs that no measurement is named after: results, in the words of the note."""
    for drug in note.facts.medications:
        level = _LEVEL.match(note.text, drug.span.end)
        if level and not _measured(note, drug):
            span = Span(drug.span.start, level.end())
            yield Bullet(note.said(span), "results", (span,), "rule")


def _telling(words: Sequence[str]) -> list[str]:
    """Mentions that add something: "metformin" says no more than "metformin 500 mg twice daily"."""
    told = [word for word in words if not any(other != word and other.startswith(word) for other in words)]
    return told or list(words)


def _less_name(words: str, name: str) -> str:
    return re.sub(rf"^{re.escape(name)}(?: |: )(?=\S)", "", words)


def _state(note: Note, drug: Medication) -> str:
    written = note.said(drug.span)
    name = drug.name if written.lower() == drug.name or drug.name in written.lower() else f"{drug.name} ({written})"
    words = " ".join(filter(None, (name, drug.dose, drug.route if drug.route.lower() not in written.lower() else "", drug.frequency)))
    if drug.presence == "absent":
        return f"{words}: {'stopped earlier' if drug.when == 'history' else 'not taken, held or stopped'}"
    if drug.presence == "uncertain":
        return f"{words} (uncertain)"
    return {"planned": f"{words} (planned)", "history": f"{words} (earlier)"}.get(drug.when, words)


def _regimen_span(note: Note, drug: Medication) -> Span:
    """The drug with its dose, route and frequency: from the first to the last of them."""
    start, end = drug.span.start, drug.span.end
    for words in (drug.dose, drug.route, drug.frequency):
        if not words:
            continue
        after = note.text.find(words, drug.span.start, drug.span.end + 140)
        before = note.text.rfind(words, max(0, drug.span.start - 60), drug.span.start)
        place = after if after >= 0 else before
        if place >= 0:
            start, end = min(start, place), max(end, place + len(words))
    return Span(start, end)


def allergy_bullets(note: Note) -> Iterator[Bullet]:
    """One line an allergen, with the reaction where one is told; "no known allergies" as the note says it."""
    seen: dict[str, Bullet] = {}
    for allergy in note.facts.allergies:
        span = _with_reaction(note, allergy)
        said = note.said(span)
        text = (
            said
            if allergy.presence == "present" or NEGATION.search(said) or re.search(r"NKD?A|none|nil", said, re.IGNORECASE)
            else f"no allergy to {said}"
        )
        old = seen.get(allergy.name)
        if old is None or len(text) > len(old.text):
            seen[allergy.name] = Bullet(text, "allergies", (span, *(old.spans if old else ())), "rule")
        else:
            seen[allergy.name] = replace(old, spans=(*old.spans, span))
    yield from seen.values()
    reach = [span for bullet in seen.values() for span in bullet.spans]
    yield from unread(note, ("allergies",), "allergies", reach)


def _with_reaction(note: Note, allergy: Finding) -> Span:
    end = allergy.span.end
    rest = note.text[end : end + ALLERGY_REACH + 30].split("\n")[0]
    bracket = re.match(r"\s*\([^()]{1,60}\)|\s*[-–—:]\s*[^,;.\n]{1,40}", rest)
    if bracket:
        return Span(allergy.span.start, end + bracket.end())
    reactions = [f.span.end for f in note.facts.findings if f.span.start >= end and f.presence != "absent" and was_caused(note, allergy, f)]
    return Span(allergy.span.start, min(reactions, default=end))
