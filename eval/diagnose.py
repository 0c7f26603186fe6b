"""Are the diagnoses of case vignettes among the suggestions, are the dangerous ones named, and is a denied finding never support?

`python -m eval.diagnose` measures on the development vignettes; `--fit` fits the few weights of the score by cross-validation and with
`--write` stores them with their card in assistant/diagnose/diagnose.toml.

The match rule stands in icd10cm.toml: strict is the same three-character ICD-10-CM category or a synonym, lenient the same block.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.gate.claims import content_words
from eval import data
from eval.report import Row, Task
from knowledge_base.conditions import Condition, conditions

RULES = Path(__file__).parent / "icd10cm.toml"
NAMES_NOTHING = content_words("disease disorder syndrome acute infection uncomplicated")
SLOW_S = 0.5            # a case must be read and ranked within this time


def note(case: Row) -> str:
    """An Avey vignette as a note."""
    parts = [
        f"{case['demographics']}.", f"Chief complaint: {case['chief_complaints']}.", case["presentation"], case["absent_findings"],
        f"Past medical history: {case['physical_history']}", f"Family history: {case['family_history']}", case["social_history"],
    ]  # fmt: skip
    return "\n".join(part for part in parts if part and not re.search(r": (?:-|None|No)$", part))


def interview(case: Row) -> str:
    """An AgentClinic case as a note: history, examination and test results, one line each."""
    told = [line for part in ("patient", "physical_exam") for line in _lines(case[part])]
    return "\n".join([*told, *_lines(case["test_results"], tests=True)])


def _lines(value: Any, label: str = "", *, tests: bool = False) -> list[str]:
    """One line a leaf; a test result keeps the name of its test ("Skin biopsy Findings: ...")."""
    if isinstance(value, Mapping):
        inside = {f"{label} {name}".strip() if tests else name: inner for name, inner in value.items()}
        return [line for name, inner in inside.items() for line in _lines(inner, name.replace("_", " "), tests=tests)]
    if isinstance(value, list):
        return [f"{label}: {', '.join(map(str, value))}."]
    return [f"{label}: {value}" if label not in ("History", "Demographics") else f"{value}."] if value else []


def vignettes() -> list[Row]:
    """Development vignettes of primary care, each with its text as a note."""
    rows = data.read_jsonl(data.bench() / "avey_vignettes" / "dev.jsonl")
    return [{"id": row["id"], "text": note(row), "diagnosis": row["correct_diagnosis"]} for row in rows]


def interviews() -> list[Row]:
    """Development cases of AgentClinic, given whole."""
    rows = data.read_jsonl(data.bench() / "agentclinic_medqa" / "dev.jsonl")
    return [{"id": row["id"], "text": interview(row), "diagnosis": row["correct_diagnosis"]} for row in rows]


# --- the match rule


@cache
def rules() -> Mapping[str, Any]:
    """The rows of icd10cm.toml."""
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


@cache
def plain(name: str) -> frozenset[str]:
    """A diagnosis as a set of stems: what stands in brackets and words such as "acute" or "disease" decide nothing."""
    return content_words(re.sub(r"\([^)]*\)", " ", name.replace("-", " ").replace("’", "'"))) - NAMES_NOTHING


@cache
def category(name: str) -> str:
    """Three-character category of a diagnosis by its name, empty when it is not known."""
    if name.lower() in rules()["codes"]:
        return str(rules()["codes"][name.lower()])
    return next((condition.icd10cm[:3] for condition in conditions() if plain(name) in spellings(condition)), "")


@cache
def spellings(condition: Condition) -> frozenset[frozenset[str]]:
    """Every name of a condition."""
    return frozenset(plain(name) for name in (condition.name, *condition.synonyms) if plain(name))


@cache
def block(code: str) -> str:
    """The block of a category, named by its last category."""
    return next((last for last in rules()["blocks"].split() if code[:3] <= last and code[0] == last[0]), "") if code else ""


@cache
def matches(condition: Condition, diagnosis: str) -> str:
    """"strict", "lenient" or an empty string."""
    names = {frozenset(plain(name)) for group in rules()["same"] if _in(diagnosis, group) for name in group}
    mine = spellings(condition)
    code = category(diagnosis)
    if plain(diagnosis) in mine or names & mine or (code and condition.icd10cm[:3] == code):
        return "strict"
    return "lenient" if code and block(condition.icd10cm[:3]) == block(code) else ""


def _in(diagnosis: str, group: Sequence[str]) -> bool:
    return plain(diagnosis) in {plain(name) for name in group}


def in_table(diagnosis: str) -> bool:
    """Whether a row of the condition table is that diagnosis."""
    return any(matches(condition, diagnosis) == "strict" for condition in conditions())


# --- the tasks


def found(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Rank of the first matching suggestion, strict and lenient, and once more for diagnoses that the table holds."""
    start = time.perf_counter()
    record = assistant.diagnose(case["text"])
    quick = float(time.perf_counter() - start <= SLOW_S)
    rows = {condition.id: condition for condition in conditions()}
    kinds = [matches(rows[candidate.condition_id], case["diagnosis"]) for candidate in record.candidates]
    result = {"within_500_ms": quick, "in_table": float(in_table(case["diagnosis"]))}
    for k in (1, 3, 5):
        result[f"top{k}"] = float("strict" in kinds[:k])
        result[f"top{k}_lenient"] = float(any(kinds[:k]))
        if in_table(case["diagnosis"]):
            result[f"top{k}_if_in_table"] = float("strict" in kinds[:k])
    return result


def not_missed(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Whether an emergency stands among the conditions that must not be missed or among the first five."""
    record = assistant.diagnose(case["text"])
    apart = {candidate.condition_id for candidate in record.must_not_miss}
    first = {candidate.condition_id for candidate in record.candidates[:5]}
    wanted = set(case["conditions"])
    shown = {"must_not_miss": wanted & apart, "shown": wanted & (apart | first), "top5": wanted & first}
    return {name: float(bool(found)) for name, found in shown.items()}


def not_counted(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Whether no suggestion counts the denied finding as support."""
    record = assistant.diagnose(case["text"])
    listed = (*record.candidates, *record.must_not_miss)
    spans = [item.span for candidate in listed for item in candidate.evidence_for if item.span]
    start = case["text"].index(case["denied"])
    end = start + len(case["denied"])
    return {"denied_counts_error": float(any(span.start < end and start < span.end for span in spans))}


AVEY = Task("avey", vignettes, found, "primary-care vignettes -> diagnosis among the suggestions; no model")
AGENTCLINIC = Task("agentclinic", interviews, found, "hospital cases with examination and results; no model")
MUST_NOT_MISS = Task("must_not_miss", lambda: data.own("emergency_vignettes.jsonl"), not_missed, "our own emergencies are named")
NEGATION = Task("negation_probes", lambda: data.own("negation_probes.jsonl"), not_counted, "a denied finding is never support")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the development sets; with --fit fit the weights, with --write store them."""
    import argparse
    import sys

    from assistant.diagnose.score import NAMES, weights
    from eval import fit_diagnose

    parser = argparse.ArgumentParser(prog="python -m eval.diagnose", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the weights by cross-validation on the development cases of both sets")
    parser.add_argument("--write", action="store_true", help="store them in assistant/diagnose/diagnose.toml")
    chosen = parser.parse_args(arguments)
    assistant = Assistant(backend="extractive")
    cases = fit_diagnose.collect(assistant, vignettes())
    now = weights()
    sets = {"avey": cases, "agentclinic": fit_diagnose.collect(assistant, interviews())}
    for name, rows in sets.items():
        sys.stdout.write(f"{name}, weights as stored: n={len(rows)} {fit_diagnose.top(rows, [now] * len(rows))}\n")
    if chosen.fit:
        fitted, card = fit_diagnose.choose(sets)
        sys.stdout.write(f"held out: {card}\n")
        sys.stdout.writelines(f"{name:16} {value:8.3f}\n" for name, value in zip(NAMES, fitted, strict=True))
        if chosen.write:
            fit_diagnose.store(fitted, card)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
