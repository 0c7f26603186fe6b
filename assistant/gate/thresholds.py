"""Threshold logic is computed, not worded: the `when` rules of statements against the chart.

Three-valued: a rule whose value the chart does not hold is reported as open, never as passed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from assistant.gate.claims import content_words
from assistant.gate.comparisons import rules_of
from assistant.records import Citation, PatientFacts, RiskResult, Sentence, Span
from knowledge_base.documents import Passage
from knowledge_base.lexicon import drug_classes
from knowledge_base.rules import COMPARE, Rule, Term, holds
from knowledge_base.tables import measurements

WORDS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above", "=": "equal to"}
_BEHIND = re.compile(r" (?:in|for|with|at|of|after|before|on|to|every|within|when|by|under|without|from|during|as|\(|and no) ?.*")
_SINGULAR_IN_S = ("ss", "us", "is", "blood gas", "micrograms", "aids", "herpes", "diabetes", "scabies", "rabies", "measles", "mumps")
VERBS = {  # of one and of several; what calls for caution may be a drug, a step or a danger
    "contraindicated": ("is contraindicated", "are contraindicated"),
    "indicated": ("is indicated", "are indicated"),
    "reduce-dose": ("is to be given at a reduced dose", "are to be given at a reduced dose"),
    "caution": ("calls for caution", "call for caution"),
}


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
    floors: Mapping[str, float] = field(default_factory=dict)       # of scores with unknown items: what is certain already


def chart(facts: PatientFacts, tools: Iterable[RiskResult] = ()) -> Chart:
    """What the text says of the patient, and what the tools computed from it (an eGFR from creatinine, age and sex)."""
    numbers: dict[str, float] = {}
    spans: dict[str, Span] = {}
    floors: dict[str, float] = {}
    for result in tools:
        if result.tool in COMPUTED:
            known, into = (result.low, floors) if result.value is None else (result.value, numbers)
            into |= {COMPUTED[result.tool]: known} if known is not None else {}
    for item in facts.measurements:
        if item.experiencer == "patient" and item.when == "now" and not item.flag.startswith("impossible"):
            numbers[item.name], spans[item.name] = item.value, item.span
    if facts.age_years is not None:
        numbers["age_years"] = facts.age_years
        if facts.age_span:
            spans["age_years"] = facts.age_span
    return Chart(numbers, _states(facts), spans, floors)


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
    if facts.sex:
        states["sex"] = {"female": facts.sex == "female", "male": facts.sex == "male"}
    for allergy in facts.allergies:
        for word in {allergy.name, *drug_classes(allergy.name)}:
            states["allergy"][word.casefold()] = allergy.presence == "present"
    for drug in facts.medications:
        if drug.when == "now":
            for word in {drug.name, *drug_classes(drug.name)}:
                states["taking"][word.casefold()] = states["taking"].get(word.casefold(), False) or drug.presence == "present"
    for finding in facts.findings:
        if finding.experiencer == "patient" and finding.presence != "uncertain":
            states["condition"][finding.name.casefold()] = finding.presence == "present"
    return states


def decide(passages: Iterable[Passage], patient: Chart) -> list[Decision]:
    """Compute every rule of the passages for this patient: the machine rules, or those of the words where a statement has none."""
    return [
        Decision(passage, rule, holds(rule, _certain(rule, patient), patient.states), _missing(rule, patient))
        for passage in passages
        for rule in rules_of(passage)
    ]


def _certain(rule: Rule, patient: Chart) -> Mapping[str, float]:
    """The numbers of the chart, and the floors of incomplete scores where they reach a limit: 5 to 9 points are at least 3."""
    reached = {t.name: patient.floors[t.name] for t in rule.terms if t.name in patient.floors and t.op in (">", ">=")}
    met = {name: floor for name, floor in reached.items() if all(_met(t, floor) for t in rule.terms if t.name == name)}
    return {**met, **patient.numbers}


def _met(term: Term, value: float) -> bool:
    return not isinstance(term.value, str) and COMPARE[term.op](value, term.value)


def applying(drugs: Iterable[str], passages: Iterable[Passage], patient: Chart) -> list[Decision]:
    """Every warning of the knowledge base on one of these drugs or their classes that applies to this patient, found or not by the search.

    Similarity may miss a contraindication; a rule does not. Indications and cautions are left to the search.
    """
    names = {name for drug in drugs for name in (drug, *drug_classes(drug))}
    if not names:
        return []
    warned = (p for p in passages if any(rule.effect in GRAVE and _is_one_of(rule.subject, names) for rule in rules_of(p)))
    found = (d for d in decide(warned, patient) if d.applies and d.rule.effect in GRAVE and _is_one_of(d.rule.subject, names))
    return list({(d.rule.effect, d.rule.subject.lower()): d for d in found}.values())


def worth_showing(decisions: Iterable[Decision], question: str, drugs: Iterable[str], first: Collection[str]) -> list[Decision]:
    """The decisions that answer the question, gravest first, one for each effect and subject.

    With drugs named in the question: those on these drugs. Without: those whose subject the question names, and those of the best
    hits that apply. What a contraindication settles (a reduced dose of the same drug) is left out, and so is an indication or a caution
    that the chart leaves open: only what may forbid a drug is worth a question back.
    """
    names = {name for drug in drugs for name in (drug, *drug_classes(drug))}
    words = content_words(question)

    def on_topic(decision: Decision) -> bool:
        subject = decision.rule.subject
        if decision.applies is None and decision.rule.effect not in GRAVE:
            return False
        if names:
            return _speaks_of(subject, names)
        asked = bool(content_words(subject)) and content_words(subject) <= words
        return asked or (bool(decision.applies) and decision.passage.id in first)

    chosen: dict[tuple[str, str], Decision] = {}
    for decision in sorted(filter(on_topic, decisions), key=lambda d: (d.applies is not True, d.applies is False, GRAVITY[d.rule.effect])):
        chosen.setdefault((decision.rule.effect, decision.rule.subject.lower()), decision)
    settled = {subject for (effect, subject), d in chosen.items() if effect == "contraindicated" and d.applies}
    return [d for (effect, subject), d in chosen.items() if effect == "contraindicated" or not _forbidden(subject, effect, settled)]


def _forbidden(subject: str, effect: str, settled: Collection[str]) -> bool:
    """Whether a contraindication has settled a subject: none of its drugs may then be called indicated, whatever it is for."""
    return subject in settled or (effect == "indicated" and bool(settled) and _speaks_of(subject, settled))


def _is_one_of(subject: str, names: Iterable[str]) -> bool:
    """Whether a subject is one of the names and no more: "warfarin in dengue" holds in dengue alone, which the rule does not test."""
    plain = re.sub(r"^(?:starting|start|new|use of|routine)\s+|\s+(?:dose|therapy|tablets?|use|treatment)$", "", subject.lower())
    return plain in names or plain.removesuffix("s") in names


def _speaks_of(subject: str, names: Iterable[str]) -> bool:
    words = subject.lower()
    return any(re.search(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", words) for name in names)


def _missing(rule: Rule, patient: Chart) -> tuple[str, ...]:
    return tuple(
        term.name if not isinstance(term.value, str) else f"{term.name}: {term.value}"
        for term in rule.terms
        if (term.name not in patient.numbers if not isinstance(term.value, str) else term.value not in patient.states.get(term.name, {}))
    )


def sentence(decision: Decision, patient: Chart, citation: Citation) -> Sentence:
    """A decision in words: the effect, the subject, and the comparison that led to it."""
    rule = decision.rule
    verb = VERBS[rule.effect][_several(rule.subject)]
    if decision.applies:
        text = f"For this patient {rule.subject} {verb}: {' and '.join(_because(term, patient) for term in rule.terms)}."
    elif decision.applies is None:
        asked = " and ".join(_asked(term) for term in rule.terms)
        text = f"Not known for this patient: {rule.subject} {verb} if {asked}."
    else:
        failed = next(
            term for term in rule.terms if holds(Rule((term,), rule.effect, rule.subject), patient.numbers, patient.states) is False
        )
        text = f"The rule that {rule.subject} {verb} does not apply to this patient: {_because(failed, patient)}."
    spans = tuple(patient.spans[term.name] for term in rule.terms if term.name in patient.spans)
    return Sentence(text, "tool", (citation,), spans, tool="threshold", origin="rule")


def _several(subject: str) -> bool:
    head = _BEHIND.sub("", subject.lower())
    return head.endswith("s") and not head.endswith(_SINGULAR_IN_S)


def _because(term: Term, patient: Chart) -> str:
    if isinstance(term.value, str):
        known = patient.states[term.name][term.value]
        return _state(term.name, term.value, known)
    unit = _unit(term.name)
    if term.name not in patient.numbers:
        return f"{label(term.name)} of at least {patient.floors[term.name]:g}{unit} is {WORDS[term.op]} {term.value:g}"
    value = patient.numbers[term.name]
    relation = WORDS[term.op] if _met(term, value) else f"not {WORDS[term.op]}"
    return f"{label(term.name)} {value:g}{unit} is {relation} {term.value:g}"


def _asked(term: Term) -> str:
    if isinstance(term.value, str):
        return _state(term.name, term.value, True)
    return f"{label(term.name)} is {WORDS[term.op]} {term.value:g}{_unit(term.name)}"


def _state(name: str, value: str, known: bool) -> str:
    be = "" if known else "not "
    match name:
        case "pregnant" | "breastfeeding":
            return f"{be}{name}" if value == "yes" else f"{'not ' if known else ''}{name}"
        case "allergy":
            return f"{'allergy' if known else 'no allergy'} to {value}"
        case "taking":
            return f"{be}taking {value}"
        case _:
            return f"{name} is {be}{value}" if name == "sex" else f"{'has' if known else 'does not have'} {value}"


def label(name: str) -> str:
    """A measurement's name without its unit, as a clinician says it."""
    row = measurements().get(name)
    return row.label if row else name.replace("_", " ")


def _unit(name: str) -> str:
    row = measurements().get(name)
    if not row or not row.unit:
        return ""
    return row.unit if row.unit == "%" else f" {row.unit}"


GRAVE = ("contraindicated", "reduce-dose")
GRAVITY = {"contraindicated": 0, "reduce-dose": 1, "caution": 2, "indicated": 3}
