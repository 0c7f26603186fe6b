"""What the guidelines' rules say against the drugs that a note lists, computed for its patient: metformin at an eGFR of 26."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from assistant.errors import InputError
from assistant.gate import thresholds, verdicts
from assistant.records import PatientFacts, RiskResult, Sentence
from assistant.risk.from_note import assess_facts
from assistant.wording import cite
from knowledge_base.documents import Passage, load_guidelines

DERIVED = ("ckd_epi_2021", "cockcroft_gault")   # the numbers that drug rules ask for and notes seldom state
SHOWN = 8


def find(facts: PatientFacts) -> tuple[Sentence, ...]:
    """Contraindications and dose reductions that apply to a listed drug, gravest first, each with its statement."""
    taken = [drug.name.lower() for drug in facts.medications if drug.presence == "present" and drug.when == "now"]
    if not taken:
        return ()
    patient = thresholds.chart(facts, _derived(facts))
    found = thresholds.applying(taken, _passages(), patient)
    grave = sorted((d for d in found if d.rule.effect in thresholds.GRAVE), key=lambda decision: thresholds.GRAVITY[decision.rule.effect])
    forbidden = {d.rule.subject.lower() for d in grave if d.rule.effect == "contraindicated"}
    named = {d.rule.terms for d in grave if d.rule.subject.lower() in taken}     # that penicillin is too adds nothing to amoxicillin
    own = [d for d in grave if d.rule.subject.lower() in taken or d.rule.terms not in named]
    kept = [d for d in own if d.rule.effect == "contraindicated" or d.rule.subject.lower() not in forbidden]
    return tuple(verdicts.sentence(decision, patient, cite(decision.passage), drugs=taken) for decision in kept[:SHOWN])


def _derived(facts: PatientFacts) -> Iterator[RiskResult]:
    for name in DERIVED:
        try:
            result = assess_facts(name, facts)
        except InputError:      # a child, or a value out of range: then there is no such number
            continue
        if result.value is not None:
            yield result


@cache
def _passages() -> tuple[Passage, ...]:
    return tuple(passage for document in load_guidelines() for passage in document.passages)
