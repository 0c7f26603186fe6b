"""MedCalc-Bench: a note and a question in, a number out, no human between. Scored against the corrected labels.

The benchmark takes what a note does not say as absent; we keep it unknown and show an interval. Scored is the value, or for a score with
unknown items the value of the documented findings alone, which the result marks as such. Rows corrected to "abstain" are right when no
value is given. Two ways of abstaining are scored: only where no value can be given at all, and also where fewer than half of the inputs
that the tool needs are documented, which a reader would call too little for a score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from assistant.assistant import Assistant
from assistant.records import RiskResult
from assistant.risk import tool
from assistant.risk.pick import named
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


def too_little(result: RiskResult | None) -> bool:
    """Whether fewer than half of the inputs that the tool needs are documented, or no value is possible."""
    if result is None or answered(result) is None:
        return True
    chosen = tool(result.tool)
    needed = [name for name in chosen.inputs if name not in chosen.optional]
    return set(result.inputs) <= set(chosen.inputs) and 2 * sum(name in result.inputs for name in needed) < len(needed)


def score(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Right, and for the rows that want no number whether none was given."""
    question = case.get("question_corrected") or case["question"]
    asked = named(question)
    result = next((found for found in assistant.assess_from_note(question, case["patient_note"]) if found.tool in asked), None)
    given = answered(result)
    right, wanted = float(correct(case, given)), case["answer_corrected"] != "N/A"
    scores = {
        "right": right, "tool_found": float(bool(asked)), f"category_{case['category']}": right, f"tool_{case['calculator']}": right,
        "right_if_half_is_documented": float(correct(case, None if too_little(result) else given)),
        "correct" if wanted else "abstains_when_it_should": right,
    }  # fmt: skip
    if too_little(result):
        scores["abstains_rightly_if_half_is_documented"] = float(not wanted)
    if not wanted:
        scores["abstains_when_it_should_if_half_is_documented"] = float(too_little(result))
    return scores | ({"abstains_rightly": float(not wanted)} if given is None else {})


MEDCALC = Task("medcalc", rows, score, "MedCalc-Bench dev, note + question, corrected labels")
