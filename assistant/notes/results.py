"""Numbers of a note as lines of a summary: critical ones first, repeated ones in one line, in the words of the note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from assistant.gate.thresholds import label
from assistant.notes.lines import Note
from assistant.records import Bullet, Measurement, Span
from knowledge_base.lexicon import read_table

MAX_VALUES = 5  # of one series; a longer one keeps its first, extremes and last
NOT_RESULTS = frozenset(
    {
        "age_years",
        "onset_hours",
        "onset_days",
        "dose_mg",
        "father_height_cm",
        "mother_height_cm",
        "target_sodium_mmol_l",
        "target_hemoglobin_g_dl",
    }
)


@cache
def limits() -> Mapping[str, Mapping[str, Any]]:
    """Critical limits by measurement (critical_limits.toml)."""
    return dict(read_table("critical_limits")["limits"])


def critical(item: Measurement) -> str:
    """ "above 6" when a value is beyond its critical limit, else ""; a value that cannot be, or is not the patient's, is none."""
    row = limits().get(item.name)
    if not row or item.experiencer != "patient" or item.when in ("planned", "hypothetical") or item.flag.startswith("impossible"):
        return ""
    tests = (("below", item.value < row.get("below", -1e9)), ("above", item.value > row.get("above", 1e9)),
             ("at most", item.value <= row.get("at_most", -1e9)), ("at least", item.value >= row.get("at_least", 1e9)))  # fmt: skip
    return next((f"{word} {row[word.replace(' ', '_')]:g}" for word, beyond in tests if beyond), "")


def result_bullets(note: Note) -> Iterator[Bullet]:
    """Series of each measurement, critical ones first; then the lines of the results that hold no number we know, verbatim."""
    series = list(_series(note).values())
    series.sort(key=lambda values: not any(critical(value) for value in values))
    yield from (_bullet(note, values) for values in series)
    numbers = [m.span for m in note.facts.measurements]
    for line in note.lines(("results",)):
        if not any(n.start < line.end and line.start < n.end for n in numbers):
            yield Bullet(note.said(line), "results", (line,), "quote")


def _series(note: Note) -> dict[str, list[Measurement]]:
    """Measurement -> its values in text order; two names at one place ("BP 150/90") are one."""
    found: dict[str, list[Measurement]] = {}
    taken: dict[Span, str] = {}
    for item in note.facts.measurements:
        if item.experiencer != "patient" or item.name in NOT_RESULTS or item.when in ("planned", "hypothetical"):
            continue
        name = taken.setdefault(item.span, item.name)
        found.setdefault(name, []).append(item)
    return found


def _bullet(note: Note, values: Sequence[Measurement]) -> Bullet:
    shown = _few(values)
    words: list[str] = []
    for item in shown:
        said = _said(note, item, first=not words)
        if said not in words:
            words.append(said)
    marks = [mark for item in values if (mark := critical(item))]
    flags = [item.flag for item in values if item.flag.startswith("impossible")]
    tail = f" [CRITICAL: {', '.join(dict.fromkeys(marks))}]" if marks else f" [check: {flags[0]}]" if flags else ""
    return Bullet(", then ".join(words) + tail, "results", tuple(dict.fromkeys(item.span for item in values)), "rule")


def _few(values: Sequence[Measurement]) -> list[Measurement]:
    if len(values) <= MAX_VALUES:
        return list(values)
    wanted = {id(values[0]), id(values[-1]), id(min(values, key=lambda v: v.value)), id(max(values, key=lambda v: v.value))}
    return [value for value in values if id(value) in wanted or critical(value)]


def _said(note: Note, item: Measurement, *, first: bool) -> str:
    """As written; with the name in front where the words hold only the number."""
    said = note.said(item.span)
    named = re.search(r"[A-Za-z]{2,}", re.sub(r"[\d.]+\s*\S*", "", said, count=1)) or re.match(r"[A-Za-z]", said)
    past = " (earlier)" if item.when == "history" else ""
    return f"{said if named or not first else f'{label(item.name)} {said}'}{past}"
