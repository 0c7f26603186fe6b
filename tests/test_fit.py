from __future__ import annotations

from dataclasses import replace

import pytest

from assistant import facts
from assistant.facts.drugs import mentions
from assistant.gate import check, thresholds, verdicts
from assistant.gate.ages import outside
from assistant.gate.fit import fit
from knowledge_base.documents import Passage
from knowledge_base.rules import parse_rule
from tests.test_ask import texts

FONDAPARINUX = "creatinine_clearance_ml_min < 30 -> contraindicated fondaparinux"
RENAL = "68M, CrCl 21 mL/min"
BLANK = Passage("x#treatment.1", "x", "X", "Treatment", "", 0, 1, ())


def held(text, chart, *rules):
    statement = replace(BLANK, text=text)
    others = [replace(BLANK, id=f"r#treatment.{n}", rules=(parse_rule(rule, where="test"),)) for n, rule in enumerate(rules)]
    patient = thresholds.chart(facts.extract(chart))
    return fit(text, [statement], thresholds.decide(others, patient), patient)


@pytest.mark.parametrize(
    ("text", "chart", "rule", "unfit", "remark"),
    [
        ("Fondaparinux is 7.5 mg once daily at 50 to 100 kg.", RENAL, FONDAPARINUX, True, "fondaparinux contraindicated"),
        ("Fondaparinux is 7.5 mg once daily at 50 to 100 kg.", "68M, CrCl 60 mL/min", FONDAPARINUX, False, ""),
        ("Fondaparinux is 7.5 mg once daily at 50 to 100 kg.", "68M", FONDAPARINUX, False, ""),        # unknown is not banned
        ("Fondaparinux is contraindicated below 30 mL/min; choose argatroban.", RENAL, FONDAPARINUX, False, ""),  # speaks against it
        ("Give fondaparinux 7.5 mg once daily or argatroban 2 mcg/kg/min.", RENAL, FONDAPARINUX, False, "fondaparinux contraindicated"),
        ("Give fondaparinux 7.5 mg once daily.", RENAL, "creatinine_clearance_ml_min < 30 -> contraindicated fondaparinux in dengue", False, ""),
        ("Tadalafil is 10 mg before sexual activity.", RENAL, "creatinine_clearance_ml_min <= 50 -> reduce-dose tadalafil", False, "needs another dose"),
        ("In adults younger than 75 years, give enoxaparin 1 mg/kg.", "79F", FONDAPARINUX, False, "this is for adults younger than 75 years"),
        ("In adults younger than 75 years, give enoxaparin 1 mg/kg.", "74F", FONDAPARINUX, False, ""),
    ],
)  # fmt: skip
def test_a_statement_is_held_against_the_patient(text, chart, rule, unfit, remark):
    found = held(text, chart, rule)
    assert found.unfit is unfit
    assert remark in "; ".join(found.remarks)
    assert bool(found.remarks) is bool(remark)


@pytest.mark.parametrize(
    ("text", "age", "words"),
    [
        ("With lysis in adults younger than 75 years, give 30 mg.", 79, "adults younger than 75 years"),
        ("With lysis in adults younger than 75 years, give 30 mg.", 74, ""),
        ("For children aged 3 months to 11 years, give amoxicillin.", 0.1, "children aged 3 months to 11 years"),
        ("For children aged 3 months to 11 years, give amoxicillin.", 11.5, ""),                       # until the 12th birthday
        ("UK dipstick rule in children from 3 months to below 3 years: treat.", 3, "children from 3 months to below 3 years"),
        ("In adults aged 65 years or over, or with heart disease, start at 25 micrograms.", 50, ""),    # others are meant too
        ("The dose is 30 mg in adults younger than 60 years and 15 mg in adults older than 60 years.", 70, ""),  # two groups
        ("Give 5 mg for 3 months to 2 years after surgery.", 60, ""),                                   # how long, not whom
        ("Risk factors are smoking, age above 65 years and diabetes.", 40, ""),                         # a criterion among others
        ("Give 5 mg.", 60, ""),
    ],
)  # fmt: skip
def test_one_age_limit_is_read(text, age, words):
    assert outside(text, age) == words
    assert outside(text, None) == ""


@pytest.mark.parametrize(
    ("sentence", "statement", "question", "check_name"),
    [
        ("In cirrhosis with sodium below 125 mmol/L, halve the diuretics.", "In cirrhosis with sodium below 125 mmol/L, stop all diuretics.",
         "Diuretics: halve, stop or carry on?", "echoed action"),
        ("In cirrhosis with sodium below 125 mmol/L, stop the diuretics.", "In cirrhosis with sodium below 125 mmol/L, stop all diuretics.",
         "Diuretics: halve, stop or carry on?", ""),
        ("First-line treatment of ascites is spironolactone 200 mg daily.", "First-line treatment of ascites is spironolactone 100 mg daily.",
         "She takes spironolactone 200 mg.", "echoed dose"),
        ("Enoxaparin is 30 mg intravenously, then 1 mg/kg every 12 hours.",
         "In adults younger than 75 years, give enoxaparin 30 mg intravenously, then 1 mg/kg every 12 hours.", "79F, STEMI", "limit"),
        ("In adults younger than 75 years, enoxaparin is 30 mg intravenously, then 1 mg/kg every 12 hours.",
         "In adults younger than 75 years, give enoxaparin 30 mg intravenously, then 1 mg/kg every 12 hours.", "79F, STEMI", ""),
    ],
)  # fmt: skip
def test_what_is_to_be_done_is_the_statements_alone(sentence, statement, question, check_name):
    assert check(sentence, [statement], context=question).check == check_name


@pytest.mark.parametrize(
    ("rules", "chart", "shown"),
    [
        (("potassium_mmol_l < 3 -> contraindicated furosemide",), "potassium 4.4 mmol/L", ["does not apply"]),   # the whole ban
        (("potassium_mmol_l < 3 -> contraindicated furosemide", "sodium_mmol_l < 125 -> contraindicated furosemide in cirrhosis"),
         "potassium 4.4 mmol/L", []),                               # an open ban beside it: one criterion of two clears nobody
        (("potassium_mmol_l < 3 and sodium_mmol_l < 125 -> contraindicated furosemide",), "potassium 4.4 mmol/L", []),
        (("condition is ischemic stroke -> contraindicated furosemide",), "60M, no stroke", ["does not apply"]),      # the special is denied too
        (("condition is portal hypertension -> contraindicated furosemide",), "60M, no hypertension", ["Not known"]),   # likeness denies nothing
        (("pregnant is yes -> contraindicated furosemide",), "41M", ["does not apply"]),
        (("magnesium_mg_dl < 1.7 -> indicated furosemide",), "Mg 0.84", []),        # 0.84 may be mmol/L: a doubt is no value
        (("condition is heart failure -> indicated furosemide",), "70M with heart failure", ["Bears on this patient (has heart failure): Give"]),
        (("taking is allopurinol -> caution furosemide",), "takes allopurinol 100 mg", ["To note for this patient (taking allopurinol): Give"]),
    ],
)  # fmt: skip
def test_verdicts_in_words(rules, chart, shown):
    passages = [
        replace(BLANK, id=f"x#treatment.{n}", text="Give furosemide 40 mg.", rules=(parse_rule(rule, where="test"),)) for n, rule in enumerate(rules)
    ]
    patient = thresholds.chart(facts.extract(chart))
    found = verdicts.worth_showing(thresholds.decide(passages, patient), "furosemide?", ["furosemide"], first=())
    said = [verdicts.sentence(decision, patient, None).text for decision in found]
    assert len(said) == len(shown), said
    assert all(words in text for words, text in zip(shown, said, strict=True)), said


def test_a_ban_is_told_even_where_the_rest_is_not_covered(assistant, llm):
    llm.says("nothing")
    strict = replace(assistant.parts.settings, min_coverage=1.1)  # no question is covered
    assistant.parts.settings = strict
    banned, fine = (assistant.ask(f"Can a 70-year-old with eGFR {value} take metformin?") for value in (25, 60))
    assert "metformin is contraindicated: eGFR 25" in texts(banned)
    assert "Type 2 diabetes" in texts(banned)  # the guideline is named
    assert banned.not_covered
    assert fine.refused
    assert fine.sentences == ()
    assert llm.calls == 0


@pytest.mark.parametrize(
    ("drug", "rule", "chart", "named"),
    [
        ("ibuprofen", "condition is cirrhosis -> contraindicated NSAID", "70M with cirrhosis", "ibuprofen (NSAID) is contraindicated"),
        ("aspirin", "condition is cirrhosis -> contraindicated NSAID", "70M with cirrhosis", ""),  # low-dose aspirin has bans of its own
        ("aspirin", "allergy is nsaid -> contraindicated NSAID", "70M, NSAID allergy", "aspirin (NSAID) is contraindicated"),
        ("ibuprofen", "condition is cirrhosis -> contraindicated NSAID in dengue", "70M with cirrhosis", ""),
    ],
)
def test_a_ban_of_a_class_names_the_drug_that_it_hits(drug, rule, chart, named):
    patient = thresholds.chart(facts.extract(chart))
    found = thresholds.applying([drug], [replace(BLANK, rules=(parse_rule(rule, where="test"),))], patient)
    said = [verdicts.sentence(decision, patient, None, drugs=[drug]).text for decision in found]
    assert [named in text for text in said] == ([True] if named else [])


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("70M takes rasagiline. Tramadol 50 mg for pain?", "For this patient tramadol is contraindicated: taking rasagiline."),
        ("Is tramadol safe with rasagiline?", "For this patient rasagiline together with tramadol is contraindicated."),
        ("70M takes rasagiline. Codeine for pain?", ""),
        ("70M wants rasagiline. He takes tramadol.", "For this patient rasagiline together with tramadol is contraindicated."),  # wanted is not taken
        ("Tramadol 50 mg for pain?", ""),
    ],
)
def test_a_ban_of_two_drugs_holds_from_both_sides(question, said):
    rule = parse_rule("taking is tramadol -> contraindicated rasagiline", where="test")
    patient = thresholds.chart(facts.extract(question))
    asked = {name for name, _ in mentions(question)}
    found = thresholds.crossed(asked, [replace(BLANK, rules=(rule,))], patient)
    assert [verdicts.sentence(decision, patient, None).text for decision in found] == ([said] if said else [])


def test_an_interaction_with_what_the_patient_takes_is_said_beside_the_dose():
    rule = "taking is warfarin -> caution fluconazole"
    text = "Fluconazole is 150 mg orally once."
    assert held(text, "58F takes warfarin", rule).remarks == ("fluconazole with caution (taking warfarin)",)
    assert held(text, "58F", rule).remarks == ()
