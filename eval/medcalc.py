"""MedCalc-Bench: a note and a question in, a number out, no human between. Scored against the corrected labels.

The benchmark takes what a note does not say as absent; we keep it unknown and show an interval. Scored is the value, or for a score with
unknown items the value of the documented findings alone, which the result marks as such. Rows corrected to "abstain" are right when no
value is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from assistant.assistant import Assistant
from assistant.records import RiskResult
from eval import data
from eval.report import Row, Task


@cache
def rows() -> list[dict[str, Any]]:
    """Rows with a corrected label."""
    return [row for row in data.read_jsonl(data.bench() / "medcalc" / "dev.jsonl") if row["answer_corrected"] is not None]


def answered(result: RiskResult | None) -> str | float | None:
    """The number (or ISO date) that the tool gives, from documented findings where items are unknown; None when it abstains."""
    if result is None:
        return None
    if date := _iso_date(result.band):
        return date
    return result.value if result.value is not None else result.documented


def _iso_date(text: str) -> str | None:
    match = re.search(r"\b\d{4}-\d{2}-\d{2}\b", text)
    return match[0] if match else None


def correct(row: Mapping[str, Any], given: str | float | None) -> bool:
    """Within the corrected bounds; integers exactly; a date as a date; "N/A" wants no value."""
    wanted = row["answer_corrected"]
    if wanted == "N/A":
        return given is None
    if given is None:
        return False
    if row["output_type"] == "date":
        month, day, year = (int(part) for part in str(wanted).split("/"))
        return given == f"{year:04d}-{month:02d}-{day:02d}"
    if isinstance(given, str):
        return False
    if row["output_type"] == "integer":
        return round(given) == round(float(wanted))
    return float(row["lower_corrected"]) - 1e-9 <= given <= float(row["upper_corrected"]) + 1e-9


def score(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Right, and for the rows that want no number whether none was given."""
    question = case.get("question_corrected") or case["question"]
    results = assistant.assess_from_note(question, case["patient_note"])
    right = float(correct(case, answered(results[0] if results else None)))
    kind = {"corrected_to_abstain": "abstains_when_it_should"}.get(case["label_status"], "correct")
    return {kind: right, "tool_found": float(bool(results)), f"category_{case['category']}": right}


MEDCALC = Task("medcalc", rows, score, "MedCalc-Bench dev, note + question, corrected labels")
