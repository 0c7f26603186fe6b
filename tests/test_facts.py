"""Who the patient is and the numbers of a text: age, sex, pregnancy, values with their units, and their places."""

from __future__ import annotations

import pytest

from assistant import facts


def number(text, name):
    found = facts.extract(text).latest(name)
    return None if found is None else round(found.value, 2)


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        ("58M with chest pain", 58, "male"),
        ("A 72-year-old woman presents", 72, "female"),
        ("72 yo F, cough", 72, "female"),
        ("Mrs A., aged 81, fell", 81, "female"),
        ("A six-week-old boy", pytest.approx(6 * 7 / 365.25), "male"),
        ("3-month-old girl", 0.25, "female"),
        ("His father had an MI at 60. He is 45 years old.", 45, "male"),  # the father's event is not the patient's age
        ("Her 34-year-old sister has asthma", None, "female"),
        ("Temp 101 F", None, None),  # a temperature is no 101-year-old woman
        ("Sex: F. Age: 40", 40, "female"),
        ("What is sepsis?", None, None),
        ("Newborn, born at 33 weeks of gestation. He grunts.", 0, "male"),
        ("A 12-hour-old girl, born at 36 weeks gestation", pytest.approx(12 / 8766), "female"),
        ("A 2-day-old boy born at 38 weeks' gestation", pytest.approx(2 / 365.25), "male"),  # nor does the pregnancy make him a woman
        ("A woman brings her newborn", None, "female"),
        ("Re: Mr C.D. 73 yrs", 73, "male"),
        ("Mr C.D., stable for 3 yrs with gout", None, "male"),
        ("3 yr 2 mth M, fever", pytest.approx(3 + 2 / 12), "male"),
        ("3y2m boy with a rash", pytest.approx(3 + 2 / 12), "male"),
        ("Leo is 8 weeks old. He had erythromycin when he was two weeks old.", pytest.approx(8 * 7 / 365.25), "male"),
        ("My wife gives me her diclofenac. I have chest pain.", None, None),         # the wife's sex is not the patient's
        ("My wife is worried. She says I snore.", None, None),
        ("He is unwell. His wife says she found him on the floor.", None, "male"),
        ("She has a cough. Her mother has asthma.", None, "female"),
        ("My husband had it as a baby. My older girl has asthma.", None, None),
        ("My little girl has asthma", None, "female"),
        ("Mrs Gomez with baby Leo, 8 weeks old. He vomits.", pytest.approx(8 * 7 / 365.25), "male"),
        ("Hello Mrs Okafor, what brings you in?", None, "female"),
        ("Her mother brings a 3-month-old girl", 0.25, "female"),
        ("11mo boy. RR 44, HR 140, playing.", pytest.approx(11 / 12), "male"),
        ("3/12 boy", 0.25, "male"),
        ("3 mo F/U", None, None),  # a follow-up
        ("19 y/o M w/ T1DM (dx age 8)", 19, "male"),
        ("teicoplanin red man", None, None),
        ("maternal grandfather had a DVT", None, None),
        ("MS - awake, alert", None, None),
        ("Ms Lee has a cough", None, "female"),
        ("5/12 cough", None, None),  # a duration
        ("Mr. Ng, 86, accompanied by son.", 86, "male"),
        ("Mrs A Ng (81) fell", 81, "female"),
        ("Mr Abernathy 74.", 74, "male"),
        ("Mr Ng, 86 kg", None, "male"),
        ("Mr Ho BP 86, pale", None, "male"),
        ("Mr Ng Bed 12.", None, "male"),
        ("dose dense AC-T. 61 yr old lady", 61, "female"),
    ],
)
def test_age_and_sex(text, age, sex):
    found = facts.extract(text)
    assert (found.age_years, found.sex) == (age, sex)


@pytest.mark.parametrize(
    ("text", "pregnant"),
    [
        ("28-year-old pregnant woman", True),
        ("32F at 30 weeks gestation", True),
        ("She is not pregnant", False),
        ("Pregnancy test was negative", False),
        ("Call if you become pregnant", None),
        ("A 2-day-old girl born at 38 weeks gestation", None),  # the mother was
        ("Is lisinopril safe when pregnant?", None),  # supposed, not said
        ("58M with gout", None),
        ("?pregnant", None),  # a query is no finding
        ("Late period, ? pregnant", None),
        ("Could I be pregnant?", None),
        ("Is she pregnant?", None),
        ("Pregnant?", None),
        ("She might be pregnant", None),
        ("Possibly pregnant", None),
        ("Is trimethoprim safe for a woman 9 weeks pregnant?", True),  # the question describes her
        ("34F, pregnant, which antibiotic?", True),
        ("Ramipril stopped when found pregnant", True),
        ("My wife is pregnant", None),
        ("G3P1+1, 34+5/40, 36yo. BP 168/112.", True),
        ("28/40 G2P1", True),
        ("32F 31+2/40, reduced FM", True),
        ("preg test +ve", True),
        ("UPT: positive", True),
        ("bHCG neg", False),
        ("Pregnancy test: -ve", False),
        ("G3P2, well", None),  # she was
        ("CAT score 28/40", None),
        ("LSCS at 39+2/40 last week", None),
        ("G3P2, prev SVD 38+1/40", None),
        ("Baby born at 34+5/40", None),
        ("?34+5/40", None),
        ("wife is 34+5/40", None),
    ],
)
def test_pregnancy_has_three_states(text, pregnant):
    assert facts.extract(text).pregnant is pregnant


@pytest.mark.parametrize("text", ["?pregnant", "Could I be pregnant?", "45M. Wife takes warfarin. ?pregnant"])
def test_a_queried_pregnancy_makes_nobody_female(text):
    assert facts.extract(text).sex != "female"


@pytest.mark.parametrize(
    ("text", "feeding"),
    [
        ("28F, breastfeeding, mastitis", True),
        ("My baby is 3 weeks old and I'm breastfeeding. Can I take ibuprofen?", True),
        ("8-week-old boy, vomiting. Mother breastfeeding.", None),  # the mother's
        ("58F with gout", None),
    ],
)
def test_breastfeeding_is_the_patients(text, feeding):
    assert facts.extract(text).breastfeeding is feeding


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("BP 152/94, HR 88", "sbp_mmhg", 152),
        ("BP 152/94, HR 88", "dbp_mmhg", 94),
        ("blood pressure of 98 over 58", "dbp_mmhg", 58),
        ("seen on 3/14 for a cough", "sbp_mmhg", None),  # a date is no pressure
        ("Cr 1.7", "creatinine_mg_dl", 1.7),
        ("creatinine 150 umol/L", "creatinine_mg_dl", 1.7),
        ("creatinine 150", "creatinine_mg_dl", 1.7),  # 150 mg/dL is impossible: micromol/L is assumed, and flagged
        ("Kreatinin: creatinine 1,7 mg/dL", "creatinine_mg_dl", 1.7),  # European decimal
        ("SpO2 96% RA", "spo2_percent", 96),
        ("oxygen to keep SpO2 at 88-92%", "spo2_percent", None),  # a target is no measurement
        ("WBC 17.2 x10^9/L", "wbc_10e9_l", 17.2),
        ("WBC 17,200/uL", "wbc_10e9_l", 17.2),
        ("T 101.3 F", "temperature_c", 38.5),
        ("temperature was 38.9 °C", "temperature_c", 38.9),
        ("glucose 7.8 mmol/L", "glucose_mg_dl", 140.52),
        ("weighs 154 lb", "weight_kg", 69.85),
        ("5'10\" tall", "height_cm", 177.8),
        ("a 60-year-old man, 72 kg", "weight_kg", 72),
        ("metformin 500 mg", "weight_kg", None),
        ("eGFR of 25", "egfr_ml_min_1_73m2", 25),
        ("contraindicated when eGFR is below 30", "egfr_ml_min_1_73m2", None),  # a threshold is no value
        ("potassium 5.9 mEq/L", "potassium_mmol_l", 5.9),
        ("calcium 4.8 mEq/L", "calcium_mg_dl", 9.62),  # two charges: 1 mEq is half a mmol
        ("ionized calcium 2.3 mEq/L", "ionized_calcium_mmol_l", 1.15),
        ("magnesium 1.4 mEq/L", "magnesium_mg_dl", 1.70),
        ("symptoms began 2 hours ago", "onset_hours", 2),
        ("30 pack-years", "pack_years", 30),
        ("G3P1, 34+5/40", "gestation_weeks", 34),
        ("LSCS at 39+2/40 last week", "gestation_weeks", None),
    ],
)
def test_numbers_come_in_the_unit_of_their_name(text, name, value):
    assert number(text, name) == value


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("CBG 24.1", "glucose_mg_dl", 434.18),  # nobody writes mg/dL with a decimal
        ("glucose 24, ketones 6.1", "glucose_mg_dl", 432.37),
        ("random glucose 24, thirsty", "glucose_mg_dl", 432.37),
        ("BM 24, vomiting", "glucose_mg_dl", 432.37),
        ("CBG 24 -> 12", "glucose_mg_dl", 216.19),
        ("glucose 14", "glucose_mg_dl", 252.22),
        ("sugar 22 today", "glucose_mg_dl", None),  # either unit can be: neither a low nor a high
        ("sugar 22 today", "glucose_unit_open", 22),
        ("glucose 24, unresponsive", "glucose_unit_open", 24),
        ("K 4.1 mmol/L, no hypoglycaemia. Glucose 30", "glucose_unit_open", 30),
        ("glucose 24 mg/dL", "glucose_mg_dl", 24),
        ("hypoglycemia, glucose 32, D50 given", "glucose_mg_dl", 32),
        ("newborn jittery, glucose 32", "glucose_mg_dl", 32),
        ("glucose 48", "glucose_mg_dl", 48),
        ("glucose 180", "glucose_mg_dl", 180),
        ("Glu 612", "glucose_mg_dl", 612),
        ("BM 14.8", "glucose_mg_dl", 266.63),
        ("BM 3 today", "glucose_mg_dl", None),  # motions
        ("BM 20% blasts", "glucose_mg_dl", None),
        ("PTH 12, Ca 3.1", "calcium_mg_dl", 12.42),
        ("Ca 2.31, alb 31", "calcium_mg_dl", 9.26),
        ("Calcium 3.2 (2.2-2.6)", "calcium_mg_dl", 12.82),
        ("corr Ca 2.9", "corrected_calcium_mg_dl", 11.62),
        ("Adjusted calcium 2.42", "corrected_calcium_mg_dl", 9.7),
        ("Ca 3.1 mg/dL", "calcium_mg_dl", 3.1),
        ("Ca 6.4", "calcium_mg_dl", 6.4),
        ("Ca 13.2", "calcium_mg_dl", 13.2),
    ],
)
def test_a_bare_number_is_in_the_unit_in_which_it_can_be(text, name, value):
    assert number(text, name) == value


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("K 2.1 Mg 0.4", "potassium_mmol_l", 2.1),
        ("K 6.9 Mg 0.7", "magnesium_mg_dl", 1.7),
        ("T 38.9 HR 168", "temperature_c", 38.9),
        ("VS T 97.4 HR 128", "temperature_c", 36.33),
        ("Temp 39.4 HR 130 neutrophils 0.1", "temperature_c", 39.4),
        ("WBC 12 K 4.0", "potassium_mmol_l", 4.0),
        ("WBC 12 K", "wbc_10e9_l", 12),
        ("K 40 mg 2 times daily", "potassium_mmol_l", None),  # a dose
        ("calcium 500 mg 2 tablets", "calcium_mg_dl", None),
    ],
)
def test_the_next_name_is_no_unit(text, name, value):
    assert number(text, name) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("K 5.9 -> 4.8", [(5.9, "history"), (4.8, "now")]),
        ("K+ 5.9 yesterday treated, now 4.6", [(5.9, "history"), (4.6, "now")]),
        ("K 5.9, now 3 days on", [(5.9, "now")]),
        ("Hb 72 -> 94 g/L", [(7.2, "history"), (9.4, "now")]),  # the unit of the last is that of all
        ("SpO2 84% RA -> 91%", [(84, "history"), (91, "now")]),
        ("Labs 12/06 | 12/07 | 12/08\nCr 0.9 | 1.6 | 2.3", [(0.9, "history"), (1.6, "history"), (2.3, "now")]),
        ("Labs 12/08 | 12/07\nCr 2.3 | 0.9", [(2.3, "now")]),  # the newest stands first
        ("eGFR 24. STOP metformin (eGFR <30)", [(24, "now"), (30, "hypothetical")]),
    ],
)
def test_of_a_trend_the_last_is_the_value_of_now(text, values):
    assert [(pytest.approx(value), when) for value, when in values] == [(m.value, m.when) for m in facts.extract(text).measurements]


@pytest.mark.parametrize(
    "text",
    [
        "1. Hyperkalaemia 2. Lithium toxicity 3. Gout",
        "Hyperkalaemia\n2. Lithium toxicity",
        "Wt up 6 kg",
        "Trop T 45",
        "CT A/P: 50% necrosis",
        "A/P:\n71M with severe pneumonia",
        "breast Ca 2008",
        "Pt 67F",
        "Pt: 57 y.o. woman",
        "T1DM (dx age 8)",
        "no inhalers since age 10.",
        "Plan: BP <180/105",
    ],
)
def test_numbers_that_are_no_value(text):
    assert facts.extract(text).measurements == ()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("potassium 6. Calcium was given.", "potassium_mmol_l", 6),
        ("Weight up to 92 kg", "weight_kg", 92),
        ("height 1 metre 76", "height_cm", 176),
        ("Ca 9.8", "calcium_mg_dl", 9.8),
        ("FiO2 0.7", "fio2_percent", 70),
        ("P 110", "heart_rate_per_min", 110),
        ("BP >180/110", "sbp_mmhg", 180),
    ],
)
def test_near_them_values_are_read(text, name, value):
    assert {m.name: m.value for m in facts.extract(text).measurements}[name] == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value", "bound", "when"),
    [
        ("eGFR >90", 90, ">", "now"),
        ("BMI above 40", 40, ">", "now"),
        ("Troponin <5 ng/L", 5, "<", "now"),
        ("Ferritin 40 ng/mL", 40, "", "now"),
        ("Keep SpO2 >94%", 94, ">", "hypothetical"),  # a limit that is aimed at is no value
        ("Is it safe when eGFR >45?", 45, ">", "hypothetical"),
    ],
)
def test_a_limit_is_no_value(text, value, bound, when):
    (found,) = facts.extract(text).measurements
    assert (found.value, found.bound, found.when) == (value, bound, when)


@pytest.mark.parametrize(
    ("text", "flag"),
    [("potassium 59 mmol/L", "impossible"), ("creatinine 150", "unit assumed: umol/L"), ("creatinine 1.7 mg/dL", "")],
)
def test_doubts_are_flagged(text, flag):
    assert facts.extract(text).measurements[0].flag.startswith(flag)


def test_every_fact_stands_where_its_span_says():
    text = "58M, BP 152/94, Cr 1.7, takes metformin 500 mg, denies chest pain, allergic to penicillin."
    found = facts.extract(text)
    for item in (*found.measurements, *found.findings, *found.medications, *found.allergies):
        assert text[item.span.start : item.span.end].strip()
    assert text[found.age_span.start : found.age_span.end] == "58M"


def test_two_values_that_cannot_both_hold_are_both_kept_and_said():
    found = facts.extract("Weight 70 kg. On the ward weight 92 kg. NKDA. Allergic to penicillin.")
    assert [m.value for m in found.measurements] == [70, 92]
    assert len(found.conflicts) == 2


@pytest.mark.parametrize(
    ("text", "finding", "when"),
    [
        ("PMH: HTN.\nNow has chest pain.", "chest pain", "now"),
        ("PMH: HTN.\nNow has chest pain.", "hypertension", "history"),
        ("PMH: HTN, T2DM.\nToday: vomiting blood, collapsed.", "hematemesis", "now"),
        ("PMHx: gout\nSmokes 10/d. Now short of breath.", "shortness of breath", "now"),
        ("Medical history: asthma\nShe is wheezy today", "wheezing", "now"),
        ("PMH: gout\nAdmitted with chest pain.", "chest pain", "now"),
        ("PMH: HTN\nBP 190/110, headache", "headache", "now"),
        ("PMH: gout\nECG: AF", "atrial fibrillation", "now"),
        ("PMHx - BPH, gout.\nRx: tamsulosin 400 mcg. HR 46, ECG: LBBB.", "left bundle branch block", "now"),
        ("PMH: HTN.\nMeds (from GP) – bisoprolol 5mg om.\nNow has chest pain.", "chest pain", "now"),
        ("PMH (from GP letter): COPD", "chronic obstructive pulmonary disease", "history"),
        ("Pmh COPD, T2DM, prev TIA x 2", "type 2 diabetes", "history"),
        # what still continues the list
        ("PMH: asthma. Now on Fostair.\nCOPD", "chronic obstructive pulmonary disease", "history"),
        ("PMH: asthma\nGout, now resolved\nCOPD", "chronic obstructive pulmonary disease", "history"),
        ("PMH: HTN\nShe had a stroke in 2015", "stroke", "history"),
        ("PMH: HTN\nAdmitted 2019 with chest pain", "chest pain", "history"),
        ("PMH:\n- HTN\n- Echo 2019: EF 40%\n- T2DM", "type 2 diabetes", "history"),
    ],
)
def test_what_speaks_of_now_ends_the_past_history(text, finding, when):
    assert {item.when for item in facts.extract(text).findings if item.name == finding} == {when}
