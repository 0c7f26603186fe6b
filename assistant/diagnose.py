"""Diagnostic suggestions: the findings of a case against the condition table, in one additive score on the log-odds scale.

A finding that the text denies never counts for a condition; one that it does not mention counts neither way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant import facts as patient_facts
from assistant import redflags
from assistant.ask import checked
from assistant.claims import content_words
from assistant.parts import Parts
from assistant.records import Candidate, Differential, Evidence, Finding, PatientFacts
from assistant.wording import cite
from knowledge_base.conditions import Condition, conditions

# log-odds of a finding's weight, of a base rate and of an expected finding that is absent; round numbers until they are fitted
WEIGHT = {3: 1.6, 2: 1.0, 1: 0.5, -1: -0.6, -2: -1.2, -3: -2.0}
PRIOR = {"very-common": 1.0, "common": 0.5, "uncommon": -0.3, "rare": -1.2, "very-rare": -2.2}
ABSENT_EXPECTED, ABSENT_STRONG, UNEXPLAINED = -1.5, -0.4, -0.25
OUTSIDE_AGE, OUTSIDE_PEAK, OTHER_SEX = -3.0, -0.3, -6.0
MIN_FINDINGS = 2
BANDS = ((0.5, "likely"), (0.2, "possible"), (0.05, "less likely"), (0.0, "unlikely"))
# what a number says in words, so that a chart value counts like a written finding
SIGNS = (
    ("temperature_c", ">=", 38.0, "fever"), ("heart_rate_per_min", ">", 100, "tachycardia"), ("heart_rate_per_min", "<", 50, "bradycardia"),
    ("resp_rate_per_min", ">", 22, "tachypnea"), ("spo2_percent", "<", 92, "hypoxia"), ("sbp_mmhg", "<", 90, "hypotension"),
    ("sbp_mmhg", ">=", 140, "hypertension"), ("temperature_c", "<", 35, "hypothermia"), ("bmi_kg_m2", ">=", 30, "obesity"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What a case says: finding name -> the finding, present and absent apart."""

    present: Mapping[str, Finding]
    absent: Mapping[str, Finding]
    facts: PatientFacts


def run(parts: Parts, case: str, *, limit: int = 10) -> Differential:
    """Rank the conditions of the table for a case in free text."""
    checked(case)
    facts = patient_facts.extract(case)
    read = read_case(facts)
    flags = redflags.find(case, facts)
    if len(read.present) < MIN_FINDINGS:
        missing = "at least two findings are needed; give age, sex, the complaint with its onset, and what was found or denied"
        return Differential((), (), (missing,), red_flags=flags, insufficient=missing, facts=facts, versions=parts.versions("ask"))
    ranked = rank(read)
    top = [_candidate(condition, share, read, parts) for condition, share in ranked[:limit]]
    urgent = [_candidate(c, share, read, parts) for c, share in ranked if c.must_not_miss and _support(c, read) > 0][:6]
    return Differential(tuple(top), tuple(urgent), next_steps(top, urgent), flags, facts=facts, versions=parts.versions("ask"))


def read_case(facts: PatientFacts) -> Case:
    """Findings of the patient, now or in the history; the numbers of the chart read as signs."""
    mine = [f for f in facts.findings if f.experiencer == "patient" and f.when in ("now", "history")]
    present = {f.name: f for f in mine if f.presence != "absent"}
    absent = {f.name: f for f in mine if f.presence == "absent"}
    for name, op, limit, sign in SIGNS:
        found = facts.latest(name)
        if found and (found.value >= limit if op == ">=" else found.value > limit if op == ">" else found.value < limit):
            present.setdefault(sign, Finding(sign, found.span))
    return Case(present, {name: f for name, f in absent.items() if name not in present}, facts)


def rank(case: Case) -> list[tuple[Condition, float]]:
    """All conditions with their share of belief, best first; the shares sum to 1."""
    scores = {condition: score(condition, case) for condition in conditions()}
    top = max(scores.values(), default=0.0)
    weights = {condition: math.exp(value - top) for condition, value in scores.items()}
    total = sum(weights.values())
    return sorted(((c, w / total) for c, w in weights.items()), key=lambda pair: (-pair[1], pair[0].id))


def score(condition: Condition, case: Case) -> float:
    """Log-odds of a condition, up to a constant: base rate, age and sex, findings for and against, what it leaves unexplained."""
    total = PRIOR[condition.incidence] + _age(condition, case.facts) + _sex(condition, case.facts)
    explained: set[str] = set()
    for phrase, weight in condition.findings:
        if names := matched(phrase, case.present):
            total += WEIGHT[weight]
            explained |= names
        elif weight > 0 and matched(phrase, case.absent):
            total += ABSENT_EXPECTED if phrase in condition.expected else ABSENT_STRONG * weight
    return total + UNEXPLAINED * len(set(case.present) - explained)


def _support(condition: Condition, case: Case) -> float:
    return sum(weight for phrase, weight in condition.findings if matched(phrase, case.present))


def _age(condition: Condition, facts: PatientFacts) -> float:
    if facts.age_years is None:
        return 0.0
    if not condition.age_years[0] <= facts.age_years <= condition.age_years[1]:
        return OUTSIDE_AGE
    return 0.0 if condition.age_peak[0] <= facts.age_years <= condition.age_peak[1] else OUTSIDE_PEAK


def _sex(condition: Condition, facts: PatientFacts) -> float:
    if facts.sex is None or condition.sex == "any":
        return 0.0
    if condition.sex in ("female", "male"):
        return 0.0 if condition.sex == facts.sex else OTHER_SEX
    return 0.2 if condition.sex == f"more-{facts.sex}" else -0.3


def matched(phrase: str, findings: Mapping[str, Finding]) -> frozenset[str]:
    """Names among the findings that the phrase of a condition speaks of."""
    names, words = canonical(phrase)
    return frozenset(name for name in findings if name in names or (words and words <= content_words(name)))


@cache
def canonical(phrase: str) -> tuple[frozenset[str], frozenset[str]]:
    """The vocabulary's names for a phrase of the table, and its content words."""
    found = {finding.name for finding in patient_facts.extract(phrase).findings}
    return frozenset(found | {phrase}), content_words(phrase)


def next_steps(top: Sequence[Candidate], urgent: Sequence[Candidate]) -> tuple[str, ...]:
    """Tests of the leading and of the dangerous conditions, and the findings that would part the leaders."""
    tests = [f"{candidate.name}: {test}" for candidate in (*urgent[:3], *top[:3]) for test in candidate.tests[:1]]
    asks = [f"Ask or examine for {finding} ({candidate.name})" for candidate in top[:2] for finding in candidate.unknown[:2]]
    return tuple(dict.fromkeys((*tests, *asks)))


def _candidate(condition: Condition, share: float, case: Case, parts: Parts) -> Candidate:
    pro: list[Evidence] = []
    con: list[Evidence] = []
    unknown: list[str] = []
    for phrase, weight in condition.findings:
        if names := matched(phrase, case.present):
            item = Evidence(phrase, WEIGHT[weight], case.present[sorted(names)[0]].span)
            (pro if weight > 0 else con).append(item)
        elif names := matched(phrase, case.absent):
            if weight > 0:
                con.append(Evidence(f"no {phrase}", ABSENT_STRONG * weight, case.absent[sorted(names)[0]].span))
        elif weight > 1:
            unknown.append(phrase)
    passages = [p for p in parts.kb.index.passages if p.document_id == condition.guideline and p.section in ("Diagnosis", "Presentation")]
    return Candidate(
        condition.id, condition.name, condition.icd10cm, share, next(name for floor, name in BANDS if share >= floor),
        tuple(pro), tuple(con), tuple(unknown), condition.must_not_miss, condition.rules_out, condition.tests,
        tuple(cite(passage) for passage in passages[:2]), condition.source,
    )  # fmt: skip
