"""Doses of the chart as inputs of a tool: a daily dose in mg, an infusion in ug/kg/min, a patch in ug/h.

A drug that the tool counts and whose dose cannot be read is a reason not to compute: a sum without it would be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.facts.drugs import mentions
from assistant.records import Medication, PatientFacts, Span
from assistant.risk.tool import Tool
from knowledge_base.lexicon import drug_names

_AMOUNT = re.compile(r"^(\d+(?:,\d{3})*(?:\.\d+)?)\s*([a-zµμ]+)((?:/\w+)*)$", re.IGNORECASE)
MG = {"mg": 1.0, "g": 1000.0, "gram": 1000.0, "grams": 1000.0, "mcg": 0.001, "µg": 0.001, "μg": 0.001, "ug": 0.001}
NUMBER_WORDS = {"once": 1, "twice": 2, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
TIMES_A_DAY = {
    "qd": 1, "od": 1, "daily": 1, "nightly": 1, "qhs": 1, "qam": 1, "qpm": 1, "nocte": 1, "mane": 1, "at bedtime": 1, "at night": 1,
    "in the morning": 1, "bid": 2, "bd": 2, "tid": 3, "tds": 3, "qid": 4, "qds": 4, "weekly": 1 / 7,
}  # fmt: skip
_DAILY, _INFUSED, _PATCH = "_mg_day", "_ug_kg_min", "_patch_ug_h"
_BUCCAL = "_buccal_ug_day"
SUFFIXES = (_DAILY, _INFUSED, _PATCH, _BUCCAL)


@dataclass(frozen=True, slots=True)
class Doses:
    """Inputs that the drugs of a note give, where, and one line for each drug whose dose cannot be used."""

    inputs: Mapping[str, float]
    spans: Mapping[str, Span]
    unreadable: tuple[str, ...] = ()


def doses(chosen: Tool, facts: PatientFacts) -> Doses:
    """The doses that a tool asks for, summed over the places where the note orders the same drug in the same form."""
    wanted = {name: generic for name in chosen.inputs if (generic := drug_of(name))}
    inputs: dict[str, float] = {}
    spans: dict[str, Span] = {}
    unreadable = []
    for drug in facts.medications if wanted else ():
        if drug.name not in wanted.values() or drug.presence != "present" or drug.when == "hypothetical":
            continue
        found = [(name, value) for name, generic in wanted.items() if generic == drug.name and (value := read(name, drug)) is not None]
        for name, value in found[:1]:
            inputs[name] = inputs.get(name, 0.0) + value if name not in spans or _summed(name) else inputs[name]
            spans.setdefault(name, drug.span)
        if not found and _summed_drug(wanted, drug.name):
            written = " ".join(filter(None, (drug.dose, drug.route, drug.frequency)))
            unreadable.append(f"{drug.name}: '{written}' is no daily dose that can be used")
    return Doses(inputs, spans, tuple(dict.fromkeys(unreadable)))


def _summed(name: str) -> bool:
    """A daily dose is the sum of its orders; of infusion rates the first is that of the presentation."""
    return not name.endswith(_INFUSED)


def _summed_drug(wanted: Mapping[str, str], generic: str) -> bool:
    return any(_summed(name) for name, other in wanted.items() if other == generic)


@cache
def drug_of(name: str) -> str:
    """Generic name of the drug whose dose an input is; empty when it is none."""
    stem = next((name.removesuffix(suffix) for suffix in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(suffix)), "")
    return drug_names().get(stem.replace("_", " "), "")


def read(name: str, drug: Medication) -> float | None:
    """The dose of a drug in the unit of that input; None where it is written in another kind of unit."""
    match = _AMOUNT.match(re.sub(r"\s+", "", drug.dose))
    if not match or match[2].lower() not in MG:
        return None
    amount, per = float(match[1].replace(",", "")) * MG[match[2].lower()], match[3].lower()
    form = drug.route.lower()
    if name.endswith(_INFUSED):
        return amount * 1000 if per == "/kg/min" else None
    if name.endswith(_PATCH):
        return amount * 1000 if per in ("/h", "/hr", "/hour") else None
    times = 1.0 if per == "/day" else times_a_day(drug.frequency) if not per else None
    if times is None:
        return None
    if name.endswith(_BUCCAL):
        return amount * 1000 * times if re.search(r"buccal|sublingual|\bsl\b", form) else None
    return amount * times if not re.search(r"patch|transdermal", form) else None


def times_a_day(frequency: str) -> float | None:
    """How often a day; None where it is not written, or only as needed."""
    text = frequency.lower().replace(".", "").strip()
    if not text or re.search(r"as needed|prn|stat", text):
        return None
    if text in TIMES_A_DAY:
        return TIMES_A_DAY[text]
    if every := re.search(r"(?:every|q)\s?([1-9]\d?)\s?(?:hours?|hrs?|h)\b", text):
        return 24 / int(every[1])
    if often := re.match(r"(once|twice|\w+(?= times?))", text):
        number = NUMBER_WORDS.get(often[1]) or (int(often[1]) if often[1].isdigit() else None)
        return None if number is None else number / (7 if "week" in text else 1) if "hour" not in text and "month" not in text else None
    return 1.0 if re.match(r"every (?:day|morning|evening|night)$", text) else None


def converted(chosen: Tool, question: str, facts: PatientFacts) -> tuple[dict[str, Any], dict[str, Span]]:
    """For a tool that turns a dose of one drug into another: the dose of the note, its drug, and the drug that the question ends on."""
    steroids = chosen.choices("from_steroid") if "from_steroid" in chosen.inputs else ()
    drugs = {drug_names().get(choice, choice): choice for choice in steroids}
    asked = [drugs[name] for name, _ in mentions(question) if name in drugs]
    given = [drug for drug in facts.medications if drug.name in drugs and drug.presence == "present" and milligrams(drug) is not None]
    first = next((drug for drug in given if drugs[drug.name] in asked[:1]), given[0] if given else None)
    inputs: dict[str, Any] = {"to_steroid": asked[-1]} if len(asked) > 1 or (asked and first and drugs[first.name] != asked[0]) else {}
    if first is None:
        return inputs, {}
    return {**inputs, "dose_mg": milligrams(first), "from_steroid": drugs[first.name]}, {"dose_mg": first.span, "from_steroid": first.span}


def milligrams(drug: Medication) -> float | None:
    """A single dose by weight in mg; None for a concentration, a rate or a number of tablets."""
    match = _AMOUNT.match(re.sub(r"\s+", "", drug.dose))
    return float(match[1].replace(",", "")) * MG[match[2].lower()] if match and not match[3] and match[2].lower() in MG else None
