"""Does a de-identified copy hide who a person is, and does it leave the medicine alone?

`pii` are public sentences of no clinic (Presidio-research); `pii_notes` clinical notes of our own with every identifier marked, written
by the hand that wrote the rules (file a was used to mend them, file b was written after); `pii_damage` compares the facts that are read
from a note before and after (our notes and MedCalc's).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from assistant.assistant import Assistant
from assistant.facts import extract
from assistant.privacy.deidentify import deidentify, find
from eval import data
from eval.report import Row, Task

OTHER_KINDS = frozenset({"AGE", "TITLE", "NRP", "ORGANIZATION", "GPE"})  # no direct identifiers, or ages that need not be hidden


def privacy(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Share of the identifiers wholly masked, over all kinds, those of persons and contacts, and each kind; share of what was masked
    that is one, by piece and by letter."""
    text, gold = case["text"], case["spans"]
    masked = [item.span for item in find(text)]
    inside = {place for span in masked for place in range(span.start, span.end) if text[place].isalnum()}
    wanted = {place for g in gold for place in range(g["start"], g["end"])}
    hidden = [all(n in inside for n in range(g["start"], g["end"]) if text[n].isalnum()) for g in gold]
    own = [hit for hit, g in zip(hidden, gold, strict=True) if g["type"] not in OTHER_KINDS]
    right = [any(s.start < g["end"] and g["start"] < s.end for g in gold) for s in masked]
    pairs: list[tuple[str, list[bool]]] = [("recall", hidden), ("recall_direct", own), ("precision", right)]
    pairs.append(("precision_letters", [place in wanted for place in sorted(inside)]))
    pairs += [(f"recall {kind}", [h for h, g in zip(hidden, gold, strict=True) if g["type"] == kind]) for kind in _kinds(gold)]
    return {name: sum(values) / len(values) for name, values in pairs if values}


def _kinds(gold: list[dict[str, Any]]) -> list[str]:
    return sorted({g["type"] for g in gold})


def damage(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Share of the facts of a note that its copy still has with the same value; a fact's time counts apart, for it rests on dates."""
    before, after = _facts(case["text"], timed=False), _facts(deidentify(case["text"]).text, timed=False)
    timed, still = _facts(case["text"], timed=True), _facts(deidentify(case["text"]).text, timed=True)
    if not before:
        return {}
    return {
        "facts_kept": 1 - (before - after).total() / before.total(),
        "facts_kept_with_time": 1 - (timed - still).total() / timed.total(),
        "note_intact": float(not before - after),
    }


def _facts(text: str, *, timed: bool) -> Counter[tuple[Any, ...]]:
    """Values, findings, drugs and allergies of a note, without their places; ages over 89 are to be hidden."""
    facts = extract(text)
    found: Counter[tuple[Any, ...]] = Counter()
    for m in facts.measurements:
        found["value", m.name, m.value, m.raw_value, m.raw_unit, m.experiencer, m.when if timed else ""] += 1
    for name, rows in (("finding", facts.findings), ("allergy", facts.allergies)):
        for f in rows:
            found[name, f.name, f.presence, f.experiencer, f.when if timed else ""] += 1
    for d in facts.medications:
        found["drug", d.name, d.dose, d.route, d.frequency, d.presence, d.when if timed else ""] += 1
    if facts.age_years is not None and facts.age_years < 90:
        found["age", facts.age_years] += 1
    found["sex", facts.sex] += facts.sex is not None
    return found


def _notes() -> list[dict[str, Any]]:
    """Our own notes, and those of MedCalc-Bench where they are, each once."""
    public = {row["note_id"]: row["patient_note"] for row in data.read_jsonl(data.bench() / "medcalc" / "dev.jsonl")}
    return [*data.own("notes_*.jsonl"), *({"id": name, "text": text} for name, text in public.items())]


PII = Task("pii", lambda: data.read_jsonl(data.bench() / "pii_presidio_synth" / "dev.jsonl"), privacy, "identifiers masked")
PII_NOTES = Task("pii_notes", lambda: data.own("identifiers_*.jsonl"), privacy, "identifiers masked in clinical notes")
PII_DAMAGE = Task("pii_damage", _notes, damage, "facts of a note that its copy keeps")
TASKS = (PII, PII_NOTES, PII_DAMAGE)
