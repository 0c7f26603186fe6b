"""The diagnostic suggestions: what is read, how it is weighed, what is shown; without a model and with a fake embedder."""

from __future__ import annotations

import re

import numpy as np
import pytest

from assistant import render
from assistant.diagnose import score
from assistant.diagnose.case import read, rows
from assistant.diagnose.differential import MOVED
from assistant.diagnose.next_steps import _gain, informative, kind
from assistant.diagnose.table import table
from assistant.errors import InputError
from eval import data, diagnose, fit_diagnose
from knowledge_base.conditions import conditions
from knowledge_base.tables import measurements

TORSION = "A 15 year old boy has sudden severe unilateral testicular pain for 2 hours with nausea and vomiting. No dysuria, no fever."
RENAL = "65-year-old woman with obesity, polyuria and excessive thirst for two months, HbA1c 9.4%, glucose 290 mg/dL. eGFR 25 mL/min/1.73 m2."


@pytest.mark.parametrize(("text", "present", "absent"), [
    ("He has chest pain but no fever.", {"chest pain"}, {"fever"}),
    ("No cough at rest. Later a dry cough began.", {"cough"}, set()),                          # affirmed once: present
    ("No changes in bowel habits, no trauma.", set(), {"change in bowel habit", "trauma"}),     # the denial is not eaten by "no change"
    ("Chest pain: none. Cough: denied. Fever: yes", {"fever"}, {"chest pain", "cough"}),
    ("Temperature 37.9 C.", set(), set()),
    ("Temperature 38.0 C.", {"fever"}, set()),                                                 # the limit itself counts
    ("Her mother has asthma.", set(), set()),                                                  # a relative's
    ("WBC: 58,000/mm3 (elevated)\nPlatelets: 250,000/mm3", {"leukocytosis"}, set()),
])  # fmt: skip
def test_reading(text, present, absent):
    case = read(text)
    assert present <= set(case.present)
    assert absent <= set(case.absent)
    assert not absent & set(case.present)
    assert not {"asthma", "thrombocytosis"} & set(case.present)


@pytest.mark.parametrize(("text", "concluded"), [
    ("Biopsy: neutrophils, consistent with pyoderma gangrenosum.", True),
    ("History of pyoderma gangrenosum.", False),                                               # known before, concluded by nobody
    ("Biopsy not consistent with pyoderma gangrenosum.", False),
    ("Pyoderma gangrenosum is consistent with the picture of colitis.", False),
])  # fmt: skip
def test_what_a_report_concludes(text, concluded):
    assert ("pyoderma gangrenosum" in read(text).concluded) is concluded


@pytest.mark.parametrize(("text", "onset"), [
    ("Cough for 3 days.", {"acute"}), ("Cough for three weeks.", {"subacute"}), ("Cough for six months.", {"chronic"}),
    ("A 30 year old man with cough.", set()),                                                  # an age is no duration
    ("Sudden recurrent attacks of pain.", {"sudden", "recurrent"}),
])  # fmt: skip
def test_onset(text, onset):
    assert read(text).onset == onset


def test_the_retrieved_text_holds_no_denied_clause():
    assert "fever" not in read("Cough and malaise. No fever, no rash.").affirmed
    assert "malaise" in read("Cough and malaise. No fever, no rash.").affirmed


@pytest.mark.parametrize(("phrase", "present", "absent", "is_present", "is_absent"), [
    ("fever", ("fever",), (), True, False),
    ("tearing chest pain", ("chest pain", "pain"), (), False, False),       # the general does not prove the special
    ("high fever", (), ("fever",), False, True),                            # but its denial denies it
    ("fever", (), ("high fever",), False, False),                           # and not the other way round
])  # fmt: skip
def test_phrases_of_the_table(phrase, present, absent, is_present, is_absent):
    row = table().phrases[phrase]
    assert bool(row.present(present, absent)) is is_present
    assert bool(row.absent(absent)) is is_absent


def share(assistant, text: str, condition: str) -> float:
    return next(value for row, value in score.shares(read(text), assistant.parts.kb) if row.id == condition)


@pytest.mark.parametrize(("one", "other", "condition"), [
    ("52M, chest pain and shortness of breath.", "52M, chest pain, shortness of breath and unilateral leg swelling.", "pulmonary-embolism"),
    ("15M, fever and sore throat, no tonsillar exudate.", "15M, fever and sore throat with tonsillar exudate.", "streptococcal-pharyngitis"),
    ("30M, lower abdominal pain and nausea.", "30F, lower abdominal pain and nausea.", "ectopic-pregnancy"),       # the other sex
    ("70F, sudden lower abdominal pain and nausea.", "25F, sudden lower abdominal pain and nausea.", "ectopic-pregnancy"),  # beyond its ages
    ("40F, burning urination, urinary frequency, flank pain.", "40F, burning urination, urinary frequency, no flank pain.", "acute-cystitis"),
])  # fmt: skip
def test_what_moves_the_score(assistant, one, other, condition):
    assert share(assistant, one, condition) < share(assistant, other, condition)


def test_a_denied_finding_is_worth_less_than_an_unmentioned_one(assistant):
    silent, denied = "52M, chest pain and dizziness.", "52M, chest pain and dizziness. No shortness of breath."
    assert share(assistant, denied, "pulmonary-embolism") < share(assistant, silent, "pulmonary-embolism")


def test_suggestions_carry_their_evidence(assistant):
    record = assistant.diagnose(TORSION)
    best = record.candidates[0]
    assert best.condition_id == "testicular-torsion"
    assert "testicular-torsion" in {candidate.condition_id for candidate in record.must_not_miss}
    for candidate in record.candidates:
        for item in (*candidate.evidence_for, *candidate.evidence_against):
            assert item.span is None or 0 <= item.span.start < item.span.end <= len(TORSION)
    denied = [(m.start(), m.end()) for m in re.finditer("dysuria|fever", TORSION)]
    used = [item.span for candidate in record.candidates for item in candidate.evidence_for if item.span]
    assert used
    assert not any(span.start < end and start < span.end for span in used for start, end in denied)
    assert 0 < sum(candidate.likelihood for candidate in record.candidates) <= 1.0001
    assert "Testicular torsion" in render.differential(record)


def test_next_steps_name_their_reason(assistant):
    record = assistant.diagnose(TORSION)
    assert any("expected gain" in step for step in record.next_steps)
    assert any("ruled out by" in step for step in record.next_steps)
    assert not any(re.match(r"(Ask about|Examine for) (fever|dysuria)\b", step) for step in record.next_steps)       # known already


@pytest.mark.parametrize(("odds", "chance", "gain"), [
    ([0.5, 0.5], [0.5, 0.5], 0.0),      # as frequent in both: parts nothing
    ([0.5, 0.5], [1.0, 0.0], 1.0),      # parts them wholly: one bit
    ([1.0, 0.0], [0.8, 0.1], 0.0),      # nothing is left to part
])  # fmt: skip
def test_information_gain(odds, chance, gain):
    assert _gain(odds, chance) == pytest.approx(gain)


def test_the_first_question_parts_the_leaders_most(assistant):
    case = read("33F with sudden pleuritic chest pain and shortness of breath.")
    gains = informative(score.shares(case, assistant.parts.kb)[:8], case)
    assert gains == sorted(gains, key=lambda item: (-round(item[0], 6), item[1]))
    assert gains[0][0] > 0


@pytest.mark.parametrize(("finding", "step"), [
    ("elevated troponin", "test"), ("heart murmur", "examine"), ("pain radiating to left arm", "ask"),
])  # fmt: skip
def test_kinds_of_steps(finding, step):
    assert kind(finding) == step


@pytest.mark.parametrize("text", ["A 40 year old woman.", "What is the dose of metformin?"])
def test_too_little_is_said(assistant, text):
    record = assistant.diagnose(text)
    assert record.insufficient
    assert not record.candidates


def test_an_emergency_is_shown_even_when_little_is_known(assistant):
    record = assistant.diagnose("40F says she plans to kill herself tonight.")
    assert "suicidal-ideation" in {candidate.condition_id for candidate in record.must_not_miss}


def test_an_empty_case_is_refused(assistant):
    with pytest.raises(InputError):
        assistant.diagnose("   ")


def test_treatment_is_annotated_for_this_patient(assistant):
    record = assistant.diagnose(RENAL)
    assert "type-2-diabetes" in {candidate.condition_id for candidate in record.candidates[:3]}
    held = [sentence.for_patient for sentence in record.treatment_options]
    assert any("metformin contraindicated (eGFR 25" in remark for remark in held)
    assert all(sentence.citations for sentence in record.treatment_options)


def test_facts_added_one_by_one_move_the_list(assistant):
    steps = assistant.diagnose_stepwise()
    first = steps.add("15 year old boy with vomiting and lower abdominal pain.")
    assert first.moved == ()
    second = steps.add("The left testicle is very painful since two hours, sudden onset.")
    assert any(line.startswith("Testicular torsion") for line in second.moved)
    assert second.candidates[0].condition_id == "testicular-torsion"
    assert "Moved since the last fact" in render.differential(second)
    before = steps.text
    with pytest.raises(InputError):
        steps.add("x" * 20_001)
    assert steps.text == before         # a fact that cannot be used is not kept
    again = assistant.diagnose(steps.text, previous=second)
    assert again.moved == ()
    assert MOVED > 1


# --- the match rule of the evaluation


@pytest.mark.parametrize(("condition", "diagnosis", "kind"), [
    ("acute-bronchitis", "Acute Bronchitis", "strict"),
    ("vitamin-b12-deficiency", "Pernicious Anemia", "strict"),                     # the same category D51
    ("heart-failure-reduced-ejection-fraction", "Heart Failure", "strict"),        # a row of `same`
    ("copd", "Asthma", "lenient"),                                                 # J40-J47
    ("acute-bronchitis", "Gout", ""),
])  # fmt: skip
def test_match_rule(condition, diagnosis, kind):
    row = next(row for row in conditions() if row.id == condition)
    assert diagnose.matches(row, diagnosis) == kind


@pytest.mark.parametrize(("code", "other", "same"), [
    ("J40", "J47", True), ("J39", "J40", False), ("I20", "I25", True), ("C50", "C51", False), ("S00", "S09", True),
])  # fmt: skip
def test_blocks(code, other, same):
    assert (diagnose.block(code) == diagnose.block(other)) is same
    assert diagnose.block(code)


def test_fitted_weights_keep_their_signs():
    rng = np.random.default_rng(0)
    names = list(score.NAMES)
    cases = []
    for number in range(12):
        x = rng.normal(size=(5, len(names)))
        x[0, names.index("absent")] += 3                # planted: the denied findings point to the right row
        right = np.arange(5) == 0
        cases.append(fit_diagnose.Asked(f"case-{number}", x, right, right))
    fitted = dict(zip(names, fit_diagnose.fit(cases, 0.01), strict=True))
    assert all(value >= 0 for name, value in fitted.items() if fit_diagnose.PRIOR[name] > 0)
    assert all(value <= 0 for name, value in fitted.items() if fit_diagnose.PRIOR[name] < 0)


# --- the data


def test_the_table_of_signs_names_known_measurements():
    assert {row[0] for row in rows()["signs"]} <= set(measurements())


def test_the_card_says_what_the_weights_rest_on():
    assert rows()["card"]["cases"] > 100
    assert set(rows()["weights"]) == set(score.NAMES)


def test_no_condition_stands_twice_under_one_name():
    names = [condition.name.lower() for condition in conditions()]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_emergency_vignettes_name_conditions_that_must_not_be_missed():
    dangerous = {condition.id for condition in conditions() if condition.must_not_miss}
    cases = data.own("emergency_vignettes.jsonl")
    assert len(cases) >= 120
    assert all(set(case["conditions"]) & dangerous for case in cases)


def test_negation_probes_hold_what_they_deny(assistant):
    cases = data.own("negation_probes.jsonl")
    assert len(cases) == 200
    assert all(case["denied"] in case["text"] for case in cases)
    assert [case["id"] for case in cases[::10] if diagnose.not_counted(assistant, case)["denied_counts_error"]] == []
