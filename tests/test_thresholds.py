from __future__ import annotations

from dataclasses import replace

import pytest

from assistant import facts
from assistant.gate import thresholds, verdicts
from assistant.gate.comparisons import terms, worded_rules
from assistant.gate.stance import contradicts, wrong_side
from assistant.records import PatientFacts, RiskResult
from eval import data
from eval.gate import decided
from knowledge_base.documents import Passage
from knowledge_base.rules import parse_rule

CASES = data.own("threshold_*.jsonl")
METFORMIN = "egfr_ml_min_1_73m2 < 30 -> contraindicated metformin"


def known(text, *rules):
    passages = [Passage(f"r{n}", "", "", "Treatment", "", 0, 1, (), rules=(parse_rule(rule, where="test"),)) for n, rule in enumerate(rules)]
    chart = thresholds.chart(facts.extract(text))
    return thresholds.decide(passages, chart), chart


def test_each_value_falls_on_its_side():
    """Below, at and above the limit, in another unit, and missing: rules of many digests."""
    wrong = [f"{case['id']}: {case['rule']} | {case['text']}" for case in CASES if decided(case)[0].applies is not case["expected"]]
    assert len(CASES) >= 250
    assert not wrong, "\n".join(wrong)


def test_no_sentence_on_the_wrong_side_is_shown():
    shown = []
    for case in CASES:
        decision, chart = decided(case)
        shown += [f"{case['rule']} | {case['text']} | {said['text']}" for said in case["said"] if not said["shown"] and not contradicts(said["text"], [decision], chart)]
    assert not shown, "\n".join(shown)


def test_what_agrees_with_the_rule_is_kept():
    dropped, total = [], 0
    for case in CASES:
        decision, chart = decided(case)
        right = [said["text"] for said in case["said"] if said["shown"]]
        total += len(right)
        dropped += [f"{case['rule']} | {case['text']} | {text}" for text in right if contradicts(text, [decision], chart)]
    assert len(dropped) <= 0.03 * total, "\n".join(dropped)


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("Metformin can be given.", True),
        ("Metformin is contraindicated.", False),
        ("Metformin can be given when eGFR is 45 mL/min/1.73 m2 or above.", False),  # a condition this patient does not meet: it speaks of others
        ("Metformin can be given when eGFR is below 60 mL/min/1.73 m2.", True),  # one that he meets
        ("Use gliclazide instead of metformin.", False),
        ("Stop metformin.", False),
        ("It lowers glucose.", False),
    ],
)
def test_a_drug_that_is_contraindicated_is_not_recommended(text, dropped):
    decisions, chart = known("eGFR 25 mL/min/1.73 m2", METFORMIN)
    assert bool(contradicts(text, decisions, chart)) is dropped


def test_rules_that_disagree_silence_no_sentence():
    rules = ("age_years >= 75 -> indicated aspirin", "platelets_10e9_l < 50 -> contraindicated aspirin")
    decisions, chart = known("A 78-year-old man, platelets 20 x10^9/L.", *rules)
    assert not contradicts("Aspirin is not indicated.", decisions, chart)
    assert contradicts("Aspirin can be given.", decisions, chart)


def test_an_open_rule_forbids_nothing():
    decisions, chart = known("No results yet.", METFORMIN)
    assert decisions[0].applies is None
    assert not contradicts("Metformin can be given.", decisions, chart)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("An eGFR of 45 is below 30.", True),
        ("An eGFR of 25 is below 30.", False),
        ("eGFR 30 is not below 30.", False),  # the boundary
        ("Because the eGFR is below 30, stop it.", True),  # the chart says 45
        ("Since eGFR is above 30, it can go on.", False),
        ("It is stopped when eGFR is below 30.", False),  # the rule, not the patient
    ],
)
def test_a_comparison_must_be_true(text, wrong):
    _, chart = known("eGFR 45 mL/min/1.73 m2")
    assert bool(wrong_side(text, chart)) is wrong


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2.", "egfr_ml_min_1_73m2 < 30 contraindicated metformin"),
        ("Do not start spironolactone with potassium above 5 mmol/L.", "potassium_mmol_l > 5 contraindicated spironolactone"),
        ("Reduce the dose of gabapentin when creatinine clearance is below 60 mL/min.", "creatinine_clearance_ml_min < 60 reduce-dose gabapentin"),
        ("Metformin is contraindicated when eGFR is below 30, unless a specialist advises it.", ""),  # open to judgement
        ("Metformin lowers HbA1c by more than 1%.", ""),  # no warning
        ("Avoid metformin and glibenclamide when eGFR is below 30 mL/min/1.73 m2.", ""),  # two drugs: not plain
        ("In adults aged 65 years or over, avoid amitriptyline.", ""),  # an age may be the population only
    ],
)
def test_a_rule_is_read_from_plain_words_only(text, rule):
    found = [f"{r.terms[0]} {r.effect} {r.subject}" for r in worded_rules(text)]
    assert found == ([rule] if rule else [])


def test_a_comparison_in_another_unit_is_computed_in_the_table_unit():
    assert terms("creatinine above 177 umol/L")[0].value == pytest.approx(2.0, abs=0.01)


def test_words_do_for_a_statement_without_a_machine_rule():
    passage = Passage("x#treatment.1", "x", "X", "Treatment", "Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2.", 0, 1, ())
    chart = thresholds.chart(facts.extract("eGFR 25 mL/min/1.73 m2"))
    assert [d.applies for d in thresholds.decide([passage], chart)] == [True]


@pytest.mark.parametrize(
    ("low", "value", "applies"),
    [
        (5, None, True),  # 5 to 9 points are at least 3, whatever the unknown items are
        (2, None, None),  # 2 to 6 points may or may not be
        (2, 2, False),
        (3, 3, True),
    ],
)
def test_an_incomplete_score_decides_where_its_floor_reaches_the_limit(document, low, value, applies):
    result = RiskResult("cha2ds2_vasc", "CHA2DS2-VASc", value, "points", "", (), {}, low=low, high=9)
    rule = parse_rule("cha2ds2_vasc_points >= 3 -> indicated anticoagulation", where="here")
    passage = replace(document.passages[0], rules=(rule,))
    patient = thresholds.chart(PatientFacts(), [result])
    (decision,) = thresholds.decide([passage], patient)
    assert decision.applies is applies


def test_a_drug_that_is_contraindicated_is_never_called_indicated(document):
    """The ban of one digest wins over the indication of another."""
    rules = ("pregnant is yes -> contraindicated doxycycline", "allergy is penicillin -> indicated doxycycline for pneumonia")
    passages = [replace(document.passages[n], rules=(parse_rule(rule, where="test"),)) for n, rule in enumerate(rules)]
    found = thresholds.decide(passages, thresholds.chart(facts.extract("32F, 16 weeks pregnant, allergic to penicillin")))
    assert [d.applies for d in found] == [True, True]
    shown = verdicts.worth_showing(found, "doxycycline?", ["doxycycline"], first=set())
    assert [d.rule.effect for d in shown] == ["contraindicated"]


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("40M, eGFR >90", False),
        ("40M, eGFR >25", None),  # may be 29, may be 60
        ("40M, eGFR <15", True),
        ("40M, eGFR <60", None),
        ("40M, eGFR 30", False),
    ],
)
def test_a_limit_in_the_chart_decides_only_what_it_settles(text, applies):
    (decision,), chart = known(text, METFORMIN)
    assert decision.applies is applies
    assert verdicts.because(decision, chart) if applies else True


@pytest.mark.parametrize(
    ("chart", "asked", "told"),
    [
        ("Allergies: vancomycin (rash).", "vancomycin", "For this patient vancomycin is contraindicated: allergy to vancomycin."),
        ("Ramipril caused angio-oedema.", "ramipril", "For this patient ramipril is contraindicated: allergy to ramipril."),
        ("Allergies: penicillin", "amoxicillin", "For this patient amoxicillin is contraindicated: allergy to penicillin."),
        ("Allergies: penicillin", "penicillin", "For this patient penicillin is contraindicated: allergy to penicillin."),
        ("Allergies: trimethoprim", "trimethoprim-sulfamethoxazole", "allergy to trimethoprim."),
        ("NKDA", "vancomycin", ""),
        ("not allergic to penicillin", "amoxicillin", ""),
        ("Allergies: latex", "amoxicillin", ""),
        ("Allergies: doxycycline", "amoxicillin", ""),      # both are antibiotics, and that is all
        ("Allergies: trimethoprim-sulfamethoxazole", "trimethoprim", ""),
    ],
)
def test_an_allergy_of_the_chart_bans_its_drug_without_a_guideline(chart, asked, told):
    found = facts.extract(chart)
    said = [verdicts.recorded(decision, thresholds.chart(found)) for decision in thresholds.recorded([asked], found)]
    assert [sentence.text.endswith(told) for sentence in said] == [True] * bool(told)
    assert all((sentence.provenance, sentence.spans) == ("chart", (found.allergies[0].span,)) for sentence in said)


def test_what_a_guideline_bans_for_an_allergy_is_told_once():
    decisions, _ = known("Allergies: penicillin", "allergy is penicillin -> contraindicated penicillin")
    assert thresholds.recorded(["amoxicillin"], facts.extract("Allergies: penicillin"), decisions) == []


@pytest.mark.parametrize(
    ("chart", "asked", "kind"),
    [
        ("Allergies: ramipril (angioedema)", "lisinopril", "ace inhibitor"),
        ("Allergies: ramipril (angioedema)", "ace inhibitor", "ace inhibitor"),
        ("Allergies: penicillin", "antibiotic", "antibiotic"),      # which one to give is asked
        ("Allergies: penicillin", "doxycycline", None),
        ("Allergies: penicillin", "amoxicillin", None),             # a ban tells it
        ("NKDA", "antibiotic", None),
    ],
)
def test_an_allergy_within_the_class_in_question_is_told(chart, asked, kind):
    assert [name for name, _ in thresholds.akin([asked], facts.extract(chart))] == [kind] * bool(kind)
