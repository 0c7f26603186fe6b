"""Threshold logic is computed, not worded: the `when` rules of statements against the chart.

Three-valued: a rule whose value the chart does not hold is reported as open, never as passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from assistant.facts.patient import implies
from assistant.facts.values import UNCLEAR
from assistant.gate.comparisons import rules_of
from assistant.records import Finding, PatientFacts, RiskResult, Span
from knowledge_base.documents import Passage
from knowledge_base.lexicon import banned_apart, drug_classes, read_table
from knowledge_base.rules import COMPARE, Rule, Term, holds
from knowledge_base.tables import measurements

GRAVE = ("contraindicated", "reduce-dose")
GRAVITY = {"contraindicated": 0, "reduce-dose": 1, "caution": 2, "indicated": 3}
CHART = "chart"     # the document of a ban that no guideline need state: an allergy that the chart records
NARROW = 30         # drugs of a class up to which an allergy to one of them is told of the others: "antibiotic" has 95


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule of a statement, computed for this patient. `applies` is None when the chart lacks a value."""

    passage: Passage
    rule: Rule
    applies: bool | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers and states of a patient in the terms that rules use."""

    numbers: Mapping[str, float]
    states: Mapping[str, Mapping[str, bool]]
    spans: Mapping[str, Span]
    # what is certain of a value that is not known: the points a score has already, "eGFR >90", "troponin <5"
    floors: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)


def chart(facts: PatientFacts, tools: Iterable[RiskResult] = ()) -> Chart:
    """What the text says of the patient, and what the tools computed from it (an eGFR from creatinine, age and sex)."""
    numbers: dict[str, float] = {}
    spans: dict[str, Span] = {}
    floors: dict[str, float] = {}
    ceilings: dict[str, float] = {}
    for result in tools:
        if result.tool in COMPUTED:
            known, into = (result.low, floors) if result.value is None else (result.value, numbers)
            into |= {COMPUTED[result.tool]: known} if known is not None else {}
    for item in facts.measurements:
        if item.experiencer == "patient" and item.when == "now" and not item.flag.startswith(("impossible", UNCLEAR)):
            into = {"": numbers, ">": floors, "<": ceilings}[item.bound]
            into[item.name], spans[item.name] = item.value, item.span
    if facts.age_years is not None:
        numbers["age_years"] = facts.age_years
        if facts.age_span:
            spans["age_years"] = facts.age_span
    for allergy in filter(_is_recorded, facts.allergies):
        spans |= {f"allergy {word}": allergy.span for word in _words(allergy.name)}
    return Chart(numbers, _states(facts), spans, floors, ceilings)


_NUMBER = re.compile(r"\b(?:below|above|at least|under|over|less|more)\b[^.;]{0,30}\d")
COMPUTED = {
    "ckd_epi_2021": "egfr_ml_min_1_73m2", "cockcroft_gault": "creatinine_clearance_ml_min", "bmi": "bmi_kg_m2",
    "corrected_calcium": "corrected_calcium_mg_dl", "cha2ds2_vasc": "cha2ds2_vasc_points", "has_bled": "has_bled_points",
    "news2": "news2_points", "nihss": "nihss_points",
}  # fmt: skip


def _states(facts: PatientFacts) -> dict[str, dict[str, bool]]:
    states: dict[str, dict[str, bool]] = {"pregnant": {}, "breastfeeding": {}, "sex": {}, "allergy": {}, "taking": {}, "condition": {}}
    for name, value in (("pregnant", facts.pregnant), ("breastfeeding", facts.breastfeeding)):
        if value is not None:
            states[name]["yes"], states[name]["no"] = value, not value
    if facts.sex == "male":
        states["pregnant"] = states["breastfeeding"] = {"yes": False, "no": True}
    if facts.sex:
        states["sex"] = {"female": facts.sex == "female", "male": facts.sex == "male"}
    for allergy in facts.allergies:
        for word in _words(allergy.name):
            states["allergy"][word.casefold()] = allergy.presence == "present"
    for drug in facts.medications:
        if drug.when == "now":
            for word in {drug.name, *drug_classes(drug.name)}:
                states["taking"][word.casefold()] = states["taking"].get(word.casefold(), False) or drug.presence == "present"
    for finding in facts.findings:
        if finding.experiencer == "patient" and finding.presence != "uncertain":
            states["condition"][finding.name.casefold()] = finding.presence == "present"
    return states


def _words(name: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in (name, *drug_classes(name)))


def _is_recorded(allergy: Finding) -> bool:
    return allergy.presence == "present" and allergy.name != "drug allergy"


def recorded(names: Iterable[str], facts: PatientFacts, known: Collection[Decision] = ()) -> list[Decision]:
    """The ban of each drug or class to which the chart records an allergy, less what a known rule on allergies bans already."""
    own = [d for d in known if d.applies and d.rule.effect == "contraindicated" and {t.name for t in d.rule.terms} == {"allergy"}]
    new = [name for name in names if not any(about(decision.rule, name) for decision in own)]
    return [_recorded(name, allergy) for name in new for allergy in facts.allergies if _is_recorded(allergy) and _meets(allergy.name, name)]


def _meets(allergen: str, name: str) -> bool:
    """Whether who is allergic to the one must not have the other: the drug itself, a drug of the class, a combination with it."""
    return allergen.casefold() in _words(name)


def _recorded(name: str, allergy: Finding) -> Decision:
    rule = Rule((Term("allergy", "is", allergy.name.casefold()),), "contraindicated", name)
    return Decision(Passage(CHART, CHART, CHART, "", "", allergy.span.start, allergy.span.end, ()), rule, True)


def akin(names: Iterable[str], facts: PatientFacts) -> Iterator[tuple[str, Finding]]:
    """(class, allergy) of what the chart records beside the drugs and classes named: the statin of who did not bear another one."""
    asked = list(names)
    for allergy in facts.allergies:
        if _is_recorded(allergy) and not any(_meets(allergy.name, name) for name in asked):
            classes = [c for c in sorted(_classes(allergy.name), key=_members) if any(_shares(c, name) for name in asked)]
            yield from ((name, allergy) for name in classes[:1])


def _shares(kind: str, name: str) -> bool:
    """Whether a class is the one named, or a narrow one of the drug named."""
    return kind == name or (kind in drug_classes(name) and _members(kind) <= NARROW)


@cache
def _classes(allergen: str) -> frozenset[str]:
    """The classes of a drug, or those that all drugs of a class share: penicillins are antibiotics."""
    members = [frozenset(row.get("classes", ())) for row in read_table("medications").values() if allergen in row.get("classes", ())]
    return drug_classes(allergen) or (frozenset.intersection(*members) - {allergen} if members else frozenset())


@cache
def _members(kind: str) -> int:
    return sum(kind in row.get("classes", ()) for row in read_table("medications").values())


def decide(passages: Iterable[Passage], patient: Chart) -> list[Decision]:
    """Compute every rule of the passages for this patient: the machine rules, or those of the words where a statement has none."""
    return [
        Decision(passage, rule, applies(rule, patient), _missing(rule, patient)) for passage in passages for rule in rules_of(passage)
    ]


def applies(rule: Rule, patient: Chart) -> bool | None:
    """Whether a rule holds for this patient; None where the chart does not say."""
    return holds(rule, _certain(rule, patient), _denied(rule, patient))


def _denied(rule: Rule, patient: Chart) -> Mapping[str, Mapping[str, bool]]:
    """The states of the chart, and what its denials deny besides: who had no stroke had no ischemic stroke.

    By the table of what a finding entails, not by likeness of names: who has no hypertension may have portal hypertension.
    """
    known = patient.states["condition"]
    asked = [str(t.value) for t in rule.terms if t.name == "condition" and t.value not in known]
    denied = {name: False for name in asked if any(known.get(general.casefold()) is False for general in implies().get(name, ()))}
    return {**patient.states, "condition": {**known, **denied}} if denied else patient.states


def _certain(rule: Rule, patient: Chart) -> Mapping[str, float]:
    """The numbers of the chart, and the limits that settle the rule: 5 to 9 points are at least 3, "eGFR >90" is not below 30."""
    certain = {}
    for known, up in ((patient.floors, (">", ">=")), (patient.ceilings, ("<", "<="))):
        for name, limit in known.items():
            mine = [t for t in rule.terms if t.name == name]
            if mine and all(met(t, limit) == (t.op in up) for t in mine):
                certain[name] = limit
    return {**certain, **patient.numbers}


def met(term: Term, value: float) -> bool:
    """Whether a number meets a term."""
    return not isinstance(term.value, str) and COMPARE[term.op](value, term.value)


def applying(
    drugs: Iterable[str], passages: Iterable[Passage], patient: Chart, nearest: Callable[[Passage], bool] = lambda _: False
) -> list[Decision]:
    """Every warning of the knowledge base on one of these drugs or their classes that applies to this patient, found or not by the search.

    Similarity may miss a contraindication; a rule does not. Of cautions only interactions with what the patient takes are looked up.
    `nearest` says which passages are to be cited first when several digests hold the same rule.
    """
    given = list(drugs)
    names = {name for drug in given for name in (drug, *drug_classes(drug))}
    if not names:
        return []
    spelled = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})", re.IGNORECASE)
    # words are read for a rule only where they name the drug and a number: reading every statement takes seconds
    told = (p for p in passages if p.rules or (_NUMBER.search(p.text) and spelled.search(p.text)))
    warned = (p for p in told if any(_looked_up(rule) and is_one_of(rule.subject, names) for rule in rules_of(p)))
    found = (d for d in decide(warned, patient) if d.applies and _looked_up(d.rule) and any(about(d.rule, drug) for drug in given))
    return list({(d.rule.effect, d.rule.subject.lower()): d for d in sorted(found, key=lambda d: nearest(d.passage))}.values())


def _looked_up(rule: Rule) -> bool:
    return rule.effect in GRAVE or (rule.effect == "caution" and {term.name for term in rule.terms} == {"taking"})


def crossed(asked: Collection[str], passages: Iterable[Passage], patient: Chart) -> list[Decision]:
    """Bans of two drugs together, read from both sides: "no rasagiline with tramadol" bans the tramadol of who takes rasagiline.

    Args:
        asked: the drugs of the question: none of them need be taken yet; when both stand in the question the pair is banned.
    """
    taken = {name for name, known in patient.states["taking"].items() if known}
    found: dict[str, Decision] = {}
    for passage in (p for p in passages if p.rules):
        for rule in (r for r in passage.rules if r.effect == "contraindicated" and [t.name for t in r.terms] == ["taking"]):
            banned = [drug for drug in asked if str(rule.terms[0].value) in (drug, *drug_classes(drug))]
            if banned and is_one_of(rule.subject, taken):
                cross = Rule((Term("taking", "is", rule.subject.lower()),), "contraindicated", banned[0])
                found.setdefault(cross.subject, Decision(passage, cross, True))
            elif banned and (other := next((drug for drug in asked if drug not in banned and about(rule, drug)), "")):
                pair = Rule((), "contraindicated", " together with ".join(sorted((banned[0], other))))
                found.setdefault(pair.subject, Decision(passage, pair, True))
    return list(found.values())


def about(rule: Rule, drug: str) -> bool:
    """Whether a rule is on a drug, by its name or a class of it; an allergy to the class holds for all of it."""
    apart = frozenset() if any(term.name == "allergy" for term in rule.terms) else banned_apart(drug)
    return is_one_of(rule.subject, {drug, *drug_classes(drug)} - apart)


def is_one_of(subject: str, names: Iterable[str]) -> bool:
    """Whether a subject is one of the names and no more: "warfarin in dengue" holds in dengue alone, which the rule does not test."""
    plain = re.sub(r"^(?:starting|start|new|use of|routine)\s+|\s+(?:dose|therapy|tablets?|use|treatment)$", "", subject.lower())
    return plain in names or plain.removesuffix("s") in names


def _missing(rule: Rule, patient: Chart) -> tuple[str, ...]:
    return tuple(
        term.name if not isinstance(term.value, str) else f"{term.name}: {term.value}"
        for term in rule.terms
        if (term.name not in patient.numbers if not isinstance(term.value, str) else term.value not in patient.states.get(term.name, {}))
    )


def label(name: str) -> str:
    """A measurement's name without its unit, as a clinician says it."""
    row = measurements().get(name)
    return row.label if row else name.replace("_", " ")
