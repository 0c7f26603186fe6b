from __future__ import annotations

import pytest

from assistant import facts
from assistant.facts import context
from assistant.records import Span


def number(text, name):
    found = facts.extract(text).latest(name)
    return None if found is None else round(found.value, 2)


def meant(text: str, words: str) -> context.Context:
    start = text.index(words)
    return context.read(text, Span(start, start + len(words)))


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
    ],
)
def test_pregnancy_has_three_states(text, pregnant):
    assert facts.extract(text).pregnant is pregnant


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
    ],
)
def test_numbers_come_in_the_unit_of_their_name(text, name, value):
    assert number(text, name) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("K 5.9 -> 4.8", [(5.9, "history"), (4.8, "now")]),
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


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Patient has chest pain.", "chest pain", ("present", "patient", "now")),
        ("He denies chest pain.", "chest pain", ("absent", "patient", "now")),
        ("No chest pain but has fever.", "chest pain", ("absent", "patient", "now")),
        ("No chest pain but has fever.", "fever", ("present", "patient", "now")),
        ("His mother had a myocardial infarction.", "myocardial infarction", ("present", "family", "now")),
        ("Return if fever develops.", "fever", ("uncertain", "patient", "hypothetical")),  # a warning: nothing that he has
        ("Return if chest pain, syncope, or black stools.", "melena", ("uncertain", "patient", "hypothetical")),
        ("ddx mesenteric adenitis, Crohns less likely", "Crohn disease", ("uncertain", "patient", "hypothetical")),
        ("Rule out MI.", "myocardial infarction", ("uncertain", "patient", "planned")),
        ("CT to exclude pulmonary embolism", "pulmonary embolism", ("uncertain", "patient", "planned")),
        ("r/o PE", "pulmonary embolism", ("uncertain", "patient", "now")),
        ("MI was ruled out.", "myocardial infarction", ("absent", "patient", "now")),
        ("PE cannot be excluded", "pulmonary embolism", ("uncertain", "patient", "now")),
        ("A normal scan does not exclude stroke.", "stroke", ("uncertain", "patient", "planned")),
        ("PE excluded", "pulmonary embolism", ("absent", "patient", "now")),
        ("Seen for ?sepsis", "sepsis", ("uncertain", "patient", "now")),
        ("Chest pain ? cause ? PE", "pulmonary embolism", ("uncertain", "patient", "now")),
        ("trimethoprim (rash), ? penicillin", "rash", ("present", "patient", "now")),  # a query reaches forward only
        ("adalimumab (stopped - worsening ILD?), leflunomide (diarrhoea)", "interstitial lung disease", ("uncertain", "patient", "now")),
        ("adalimumab (stopped - worsening ILD?), leflunomide (diarrhoea)", "diarrhea", ("present", "patient", "now")),
        ("HTN, treated", "hypertension", ("present", "patient", "now")),
        ("UTI treated with trimethoprim", "urinary tract infection", ("present", "patient", "now")),
        ("How is pneumonia treated?", "pneumonia", ("present", "patient", "hypothetical")),
        ("How to treat gout", "gout", ("present", "patient", "hypothetical")),
        ("DIAGNOSES: (1) Inferior STEMI", "inferior myocardial infarction", ("present", "patient", "now")),
        ("Diagnosis: gout", "gout", ("present", "patient", "now")),
        ("Diagnosis of gout", "gout", ("present", "patient", "hypothetical")),
        ("Symptoms: fever, cough", "fever", ("present", "patient", "now")),
        ("Symptoms of gout", "gout", ("present", "patient", "hypothetical")),
        ("# DVT ppx SQH", "deep vein thrombosis", ("present", "patient", "hypothetical")),
        ("On propranolol for migraine prophylaxis", "migraine", ("present", "patient", "now")),
        ("HCC surveillance USS", "liver cancer", ("present", "patient", "hypothetical")),
        ("prostate cancer on active surveillance", "prostate cancer", ("present", "patient", "now")),
        ("MRSA nares", "MRSA", ("uncertain", "patient", "planned")),
        ("urine legionella Ag pending", "legionnaires' disease", ("uncertain", "patient", "planned")),
        ("HBV DNA", "hepatitis B", ("uncertain", "patient", "planned")),
        ("HBV DNA 2000 IU/mL", "hepatitis B", ("present", "patient", "now")),
        ("HIV screen positive", "HIV infection", ("present", "patient", "now")),
        ("pneumonia, cultures pending", "pneumonia", ("present", "patient", "now")),
        ("wife considering DNR", "do not resuscitate", ("present", "patient", "hypothetical")),
        ("Code status: DNR", "do not resuscitate", ("present", "patient", "now")),
        ("He has a history of stroke.", "stroke", ("present", "patient", "history")),
        ("Possible pulmonary embolism.", "pulmonary embolism", ("uncertain", "patient", "now")),
        ("Family history: stroke, diabetes", "stroke", ("present", "family", "now")),
        ("Past medical history: hypertension", "hypertension", ("present", "patient", "history")),
        ("She can't catch her breath.", "shortness of breath", ("present", "patient", "now")),
    ],
)
def test_findings_have_a_context(text, name, expected):
    found = [(f.presence, f.experiencer, f.when) for f in facts.extract(text).findings if f.name == name]
    assert found == [expected]


@pytest.mark.parametrize(
    ("text", "name", "dose", "frequency", "presence", "when"),
    [
        ("Takes metformin 500 mg twice daily.", "metformin", "500 mg", "twice daily", "present", "now"),
        ("Lisinopril was stopped last week.", "lisinopril", "", "", "absent", "now"),
        ("She is not taking warfarin.", "warfarin", "", "", "absent", "now"),
        ("Can a 70-year-old man take metformin?", "metformin", "", "", "present", "hypothetical"),  # asked about, not taken
        ("Plan: start apixaban 5 mg PO BID", "apixaban", "5 mg", "BID", "present", "planned"),
        ("He takes Lasix 40 mg PO daily", "furosemide", "40 mg", "daily", "present", "now"),  # a brand
    ],
)
def test_drugs(text, name, dose, frequency, presence, when):
    drug = next(d for d in facts.extract(text).medications if d.name == name)
    assert (drug.dose, drug.frequency, drug.presence, drug.when) == (dose, frequency, presence, when)


def drugs_of(text):
    """Drug -> what is said of it: taken, planned, stopped, earlier (absent and over), spoken (only named), supposed (only if)."""
    words = {
        ("present", "now"): "taken", ("present", "history"): "taken", ("present", "planned"): "planned", ("present", "hypothetical"): "supposed",
        ("absent", "now"): "stopped", ("absent", "history"): "earlier", ("absent", "hypothetical"): "spoken",
        ("uncertain", "planned"): "considered",
    }  # fmt: skip
    return {d.name: words[d.presence, d.when] for d in facts.extract(text).medications}


@pytest.mark.parametrize(
    ("text", "stopped", "taken"),
    [
        ("STOP: lisinopril, bumetanide, ibuprofen", "lisinopril bumetanide ibuprofen", ""),
        ("Stopped aspirin, clopidogrel and naproxen.", "aspirin clopidogrel naproxen", ""),
        ("Discontinued: aspirin; clopidogrel; naproxen", "aspirin clopidogrel naproxen", ""),
        ("Home meds (held): lisinopril 20, amlodipine 10, naltrexone", "lisinopril amlodipine naltrexone", ""),
        ("Stopped: ramipril (AKI), aspirin (on DOAC), alendronate (eGFR <35)", "ramipril aspirin alendronate", ""),
        ("Stopped ramipril 5 mg, bisoprolol 2.5 mg and spironolactone 25 mg.", "ramipril bisoprolol spironolactone", ""),
        ("Stopped on admission:\n- ramipril 5 mg\n- metformin\nContinued:\n- aspirin 75 mg", "ramipril metformin", "aspirin"),
        ("Ramipril, spironolactone and metformin were held.", "ramipril spironolactone metformin", ""),
        ("Withhold metformin + aspirin", "metformin aspirin", ""),
        # a verb ends at the next one, at the line, at its bracket, and at a drug that begins an order of its own
        ("Lisinopril stopped on 2/4 and Entresto 24/26 mg BID started", "lisinopril", "sacubitril-valsartan"),
        ("Oxycodone 2 mg PRN\nStopped: bendroflumethiazide", "bendroflumethiazide", "oxycodone"),
        ("Aspirin 150 mg nocte (stop at 36/40), metformin, levothyroxine 100 mcg", "", "aspirin metformin levothyroxine"),
        ("Amlodipine 5 mg, stopped lisinopril", "lisinopril", "amlodipine"),
        ("Aspirin stopped. Clopidogrel 75 mg continued.", "aspirin", "clopidogrel"),
        ("Stop nephrotoxics, IV calcium gluconate", "", "calcium gluconate"),
        ("Insulin was given and furosemide stopped.", "furosemide", "insulin"),
        # words that stand behind
        ("Ramipril on hold", "ramipril", ""),
        ("Aspirin not given", "aspirin", ""),
        ("Ciprofloxacin considered for prophylaxis but not given.", "ciprofloxacin", ""),
        ("Bisoprolol NOT started because of heart block", "bisoprolol", ""),
        ("Heparin gtt off", "heparin", ""),
        ("Adrenaline weaned off", "adrenaline", ""),
        ("Propofol off since 12/07", "propofol", ""),
        ("Clobetasol off-label", "", "clobetasol"),
        ("Took azithromycin 1 dose and stopped", "azithromycin", ""),
        ("Gabapentin 300 mg TDS (pt reports not taking)", "gabapentin", ""),
        ("| Clopidogrel | 75 mg | OD | STOPPED |", "clopidogrel", ""),
        ("Aspirin - stop", "aspirin", ""),
        ("Naproxen was the likely culprit, stopped.", "naproxen", ""),
        ("Empagliflozin was tried in 2022 but stopped with Fournier's gangrene.", "empagliflozin", ""),
        ("Metformin held, to be restarted in a week.", "metformin", ""),
        ("Aspirin held 3 days then resumed.", "", "aspirin"),
        ("Lorazepam 4 mg given and the seizures stopped.", "", "lorazepam"),
        ("Cut shaving on warfarin, INR 2.4, stopped with pressure.", "", "warfarin"),
        ("On apixaban, INR not needed", "", "apixaban"),
        ("Pharmacy review, bottle of digoxin nearly finished.", "", "digoxin"),
        ("Aspirin 75 mg to be stopped at 36 weeks.", "", "aspirin"),
        ("Citalopram should be stopped.", "citalopram", ""),
        ("Citalopram should not be stopped.", "", "citalopram"),
        ("No need to stop citalopram.", "", "citalopram"),
        # words that stand before
        ("He couldn't tolerate semaglutide", "semaglutide", ""),
        ("Refused warfarin, not on a DOAC", "warfarin", ""),
        ("Off warfarin since May.", "warfarin", ""),
        ("No plan to start warfarin.", "warfarin", ""),
        ("Denies NSAID use, takes warfarin 5 mg daily.", "", "warfarin"),
        ("Meant to be on rosuvastatin, but I stopped taking it in the summer.", "rosuvastatin", ""),
        ("Lisinopril 10 mg daily, hold for SBP <100", "", "lisinopril"),
    ],
)
def test_verbs_stop_their_own_drugs_and_no_others(text, stopped, taken):
    assert drugs_of(text) == dict.fromkeys(stopped.split(), "stopped") | ({
        "calcium gluconate": "taken"} if taken == "calcium gluconate" else dict.fromkeys(taken.split(), "taken"))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Plan: stop bisoprolol, start diltiazem 60 mg TDS", {"bisoprolol": "stopped", "diltiazem": "planned"}),
        ("Hold ramipril, start amlodipine 5 mg OD", {"ramipril": "stopped", "amlodipine": "planned"}),
        ("Avoid NSAIDs, give paracetamol 1 g QDS", {"paracetamol": "planned"}),
        ("Avoid ibuprofen and naproxen; takes paracetamol", {"ibuprofen": "spoken", "naproxen": "spoken", "paracetamol": "taken"}),
        ("If you avoid ibuprofen, take paracetamol", {"ibuprofen": "spoken", "paracetamol": "supposed"}),
        ("Simvastatin changed to atorvastatin", {"simvastatin": "earlier", "atorvastatin": "taken"}),
        ("Switch from omeprazole to lansoprazole", {"omeprazole": "stopped", "lansoprazole": "taken"}),
        ("I was on ramipril but it made me cough so they swapped it to losartan.", {"ramipril": "earlier", "losartan": "taken"}),
        ("Consider switching warfarin to apixaban", {"warfarin": "considered", "apixaban": "planned"}),
        ("IV furosemide changed to oral furosemide", {"furosemide": "taken"}),
        ("On vancomycin; the dressing is changed to a dry one", {"vancomycin": "taken"}),
        ("Colchicine 0.6 mg daily, completed.", {"colchicine": "earlier"}),
        ("PE 2019 (completed 6/12 warfarin)", {"warfarin": "earlier"}),
        ("E coli, R to trimethoprim, S to nitrofurantoin", {"trimethoprim": "spoken", "nitrofurantoin": "spoken"}),
        ("Tocilizumab and abatacept are alternatives", {"tocilizumab": "spoken", "abatacept": "spoken"}),
        ("Fondaparinux if AC needed", {"fondaparinux": "supposed"}),
        ("Hold ramipril if SBP <100", {"ramipril": "supposed"}),
        ("If vomiting, stop metformin.", {"metformin": "supposed"}),
        ("Ramipril stopped when found pregnant.", {"ramipril": "stopped"}),
    ],
)
def test_verbs_of_other_kinds(text, told):
    assert drugs_of(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("M: Should I stop the Zoloft?\nD: No, keep taking that.", "taken"),
        ("M: Should I stop the Zoloft?\nD: Yes, stop it today.", "stopped"),
        ("QTc 520 on sertraline, stop it?", "taken"),
        ("D: Have you stopped the sertraline?\nM: Yes, in May.", "stopped"),
        ("D: Have you stopped the sertraline?\nM: No.", "taken"),
        ("D: You're not using sertraline or anything like that?\nM: Er, yeah. I had one on Saturday.", "taken"),
        ("D: You're not using sertraline or anything like that?\nM: No.", "stopped"),
        ("D: You're not using sertraline or anything like that?\nM: What is it?", "supposed"),
        ("D: Any sertraline?\nM: Yes.", "taken"),
        ("Should I take sertraline?\nD: Yes.", "supposed"),
    ],
)
def test_an_answer_says_what_a_question_asks_of_a_drug(text, told):
    assert drugs_of(text) == {"sertraline": told}


@pytest.mark.parametrize(
    ("text", "dose", "route", "frequency"),
    [
        ("Furosemide 40 mg -> 80 mg daily", "80 mg", "", "daily"),
        ("Prednisolone 40 mg reduced to 20 mg daily.", "20 mg", "", "daily"),
        ("Metoprolol increased from 50 mg to 100 mg daily.", "100 mg", "", "daily"),
        ("Metformin 500 mg OD increasing to 500 mg BD after 1/52", "500 mg", "", "OD"),
        ("Prucalopride 2 mg once a day, reduced to 1 mg if frail", "2 mg", "", "once a day"),
        ("Amoxicillin 500 mg daily, up to 1000 mg", "500 mg", "", "daily"),
        ("Paracetamol 1g QDS (wt 48 kg -> 500 mg QDS)", "500 mg", "", "QDS"),
        ("Enoxaparin 40 mg OD prophylaxis -> treatment dose 1 mg/kg OD", "1 mg/kg", "", "OD"),
        ("Aspirin 75 mg OD, saline 20 -> 10 ml/kg", "75 mg", "", "OD"),
        ("Apixaban 10 mg BD until 06/06 then 5 mg BD", "10 mg BD until 06/06 then 5 mg", "", "BD"),
        ("Humulin M3 22 units am 18 units pm", "22 units am 18 units pm", "", ""),
        ("Entresto 24/26 mg BID", "24/26 mg", "", "BID"),
        ("Metoprolol tartrate 25 bid", "25", "", "bid"),
        ("Lantus 14u qhs", "14u", "", "qhs"),
        ("Warfarin 2019 to 2021", "", "", ""),
        ("Warfarin, R carotid stenosis 60%", "", "", ""),
        ("Eplerenone: consider if EF <40%", "", "", ""),
        ("Gliclazide, glucose 38 mg/dL", "", "", ""),
        ("Lithium 1.6 mmol/L", "", "", ""),
        ("Lidocaine 1% 10 ml", "1%", "", ""),
        ("Timolol eye drops 0.5% BD", "0.5%", "", "BD"),
        ("IV furosemide 80 mg BID then PO torsemide 40 mg", "80 mg", "IV", "BID"),
        ("Morphine, then IV co-amox 1.2g tds", "", "", ""),
    ],
)
def test_a_dose_is_that_of_its_drug_and_the_one_that_holds(text, dose, route, frequency):
    drug = facts.extract(text).medications[0]
    assert (drug.dose, drug.route, drug.frequency) == (dose, route, frequency)


def test_a_part_of_a_word_is_no_drug():
    assert drugs_of("IV co-amox 1.2g") == {}

@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Allergies: penicillin (rash)", [("penicillin", "present")]),
        ("Allergic to sulfa and latex.", [("sulfonamide", "present"), ("latex", "present")]),
        ("NKDA", [("drug allergy", "absent")]),
        ("Has a penicillin allergy.", [("penicillin", "present")]),
        ("not allergic to penicillin", [("penicillin", "absent")]),
        ("rash and wheeze with amoxicillin", [("amoxicillin", "present")]),
        ("Penicillin gave her hives as a child.", [("penicillin", "present")]),
        ("co-trimoxazole (Stevens-Johnson) in 2010", [("trimethoprim-sulfamethoxazole", "present")]),
        ("never reacted to penicillin", [("penicillin", "absent")]),
        ("no pcn allergy", [("penicillin", "absent")]),
        ("no known history of penicillin allergy", [("penicillin", "absent")]),
        ("penicillin allergy? no", [("penicillin", "absent")]),
        ("NKDA but penicillin allergy as a child", [("drug allergy", "absent"), ("penicillin", "present")]),
        ("no fever, penicillin allergy", [("penicillin", "present")]),
        ("pen-allergic", [("penicillin", "present")]),
        ("He collapsed. Aspirin was given.", []),
        ("wheeze with exercise, takes salbutamol", []),
        ("Allergy: penicillin. Is clindamycin still fine, or cephalexin?", [("penicillin", "present")]),     # what is asked about is no allergy
        ("Takes amoxicillin.", []),
        # the heading, wherever and however it stands
        ("HTN. Allergies: penicillin. Given aspirin.", [("penicillin", "present")]),
        ("ALL: heparin (HIT 2018), aspirin - GI upset", [("heparin", "present"), ("aspirin", "present")]),
        ("ALL in remission on methotrexate", []),
        ("Sensitivities: nifedipine -> flushing", [("nifedipine", "present")]),
        ("MSU: E coli. Sensitivities: trimethoprim R", []),
        ("## Allergies / intolerances\nmetronidazole - makes him sick; latex", [("metronidazole", "present"), ("latex", "present")]),
        ("Allergic: penicillin", [("penicillin", "present")]),
        ("Allergies- penicillin", [("penicillin", "present")]),
        ("asthma, allergies, metformin 500 mg", []),
        ("Allergies: penicillin 250 mg tablets (rash)", [("penicillin", "present")]),
        ("Allergies: penicillin, aspirin 75 mg daily", [("penicillin", "present")]),
        # "none known" beside names keeps both; "none otherwise" denies nothing that is named
        ("Allergies: penicillin. NKDA per triage.", [("penicillin", "present"), ("drug allergy", "absent")]),
        ("Allergies: penicillin. No known drug allergies otherwise.", [("penicillin", "present")]),
        ("NKDA apart from latex", [("latex", "present")]),
        ("Allergies: none known\nMeds: aspirin", [("drug allergy", "absent")]),
        # a doubted allergy is one until it is cleared
        ("Allergies: penicillin ?rash", [("penicillin", "present")]),
        ("Allergies: trimethoprim (rash), ? penicillin - family unsure", [("trimethoprim", "present"), ("penicillin", "present")]),
        ("penicillin allergy de-labelled 2023", [("penicillin", "absent")]),
        ("Allergies: NKDA (myalgia on simvastatin - not true allergy)", [("drug allergy", "absent"), ("simvastatin", "absent")]),
        ("Patient allergic to penicillin: can I give cefalexin?", [("penicillin", "present")]),
        ("Is he allergic to penicillin?", []),
        ("less likely reflux or milk allergy", []),
        # what is borne, given or carried is no allergy
        ("Allergies: penicillin, tolerated cephalexin 2021", [("penicillin", "present")]),
        ("Allergies: does not tolerate codeine", [("codeine", "present")]),
        ("Allergies: PCN (rash - tolerates cephs), haloperidol", [("penicillin", "present"), ("haloperidol", "present")]),
        ("Allergies: vomiting with codeine, currently on metformin", [("codeine", "present")]),
        ("Allergies: penicillin\nEXAM BP 120/80 after labetalol 10 mg", [("penicillin", "present")]),
        ("Allergies: NKDA. Takes aspirin.", [("drug allergy", "absent")]),
        ("Allergic to penicillin so amoxicillin NOT used", [("penicillin", "present")]),
        ("Allergy: egg (urticaria), ?amoxicillin now. EpiPen Jr carried.", [("egg", "present"), ("amoxicillin", "present")]),
        ("Allergy: adrenaline (palpitations)", [("adrenaline", "present")]),
        ("(allergic to clopidogrel - rash), atorvastatin 40 mg", [("clopidogrel", "present")]),
        ("clopidogrel 75mg (aspirin intolerant - bronchospasm), candesartan 16mg", [("aspirin", "present")]),
        ("allergic to flucloxacillin (jaundice) and latex", [("flucloxacillin", "present"), ("latex", "present")]),
        ("penicillin allergy, warfarin 3 mg", [("penicillin", "present")]),
        # spoken
        ("Doctor: Any allergies?\nPatient: Penicillin. And I can't have codeine, makes me sick.", [("penicillin", "present"), ("codeine", "present")]),
        ("Doctor: Any allergies?\nPatient: No.\nDoctor: Pills?\nPatient: Aspirin.", [("drug allergy", "absent")]),
        ("Doctor: Any allergies?\nPatient: Latex. I take aspirin.", [("latex", "present")]),
        ("Doctor: Are you allergic to penicillin?\nPatient: No.", [("penicillin", "absent")]),
        ("Doctor: Are you allergic to penicillin?\nPatient: Yes.", [("penicillin", "present")]),
        ("Plasters bring me out in a rash", [("plasters", "present")]),
        # whose it is
        ("My sister is allergic to penicillin but I'm not", [("penicillin", "absent")]),
        ("Sister allergic to penicillin. Patient has no allergies.", [("drug allergy", "absent")]),
        ("FH: mother penicillin allergy", []),
        ("Penicillin allergy in his mother.", []),
        ("Mum says he is allergic to penicillin", [("penicillin", "present")]),
        ("Lives with his wife, allergic to penicillin", [("penicillin", "present")]),
        ("My wife is allergic to penicillin. Can she take cefalexin?", [("penicillin", "present")]),     # asked for her
    ],
)  # fmt: skip
def test_allergies(text, expected):
    assert [(a.name, a.presence) for a in facts.extract(text).allergies] == expected


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


def test_an_allergen_is_no_medication():
    assert facts.extract("Allergies: amoxicillin").medications == ()


def test_an_allergy_beside_none_known_is_flagged():
    found = facts.extract("ALLERGIES: Sulfa (SJS), lisinopril - cough only. NKDA per ED triage.")
    assert found.medications == ()
    assert found.conflicts == ("no known allergies, and an allergy to sulfonamide, lisinopril",)


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
    ("text", "words", "presence"),
    [
        ("He woke with no hearing in one ear.", "woke", "present"),
        ("He woke with no hearing in one ear.", "hearing", "absent"),
        ("Chest pain with no sweating or nausea.", "Chest pain", "present"),
        ("Chest pain with no sweating or nausea.", "sweating", "absent"),
        ("Chest pain with no sweating or nausea.", "nausea", "absent"),
        ("Vomiting blood with no pain.", "Vomiting blood", "present"),
        ("Severe headache with no fever, no neck stiffness.", "Severe headache", "present"),
        ("Severe headache with no fever, no neck stiffness.", "neck stiffness", "absent"),
        ("Collapsed with no warning at the bus stop.", "Collapsed", "present"),
        ("Bleeding nil by mouth for theatre.", "Bleeding", "present"),
        ("Presents with no chest pain.", "chest pain", "absent"),
        ("Chest pain: none.", "Chest pain", "absent"),
        ("Chest pain no, fever yes.", "Chest pain", "absent"),
        ("Chest pain nil; fever 39.", "Chest pain", "absent"),
        ("Fever none reported.", "Fever", "absent"),
        ("Chest pain is absent.", "Chest pain", "absent"),
        ("No complaints other than knee pain.", "knee pain", "present"),
        ("Absent reflexes, numb feet.", "numb feet", "present"),
        ("No fever\nVomiting since noon", "Vomiting", "present"),  # a short line ends its sentence
        ("No fever, rash or\nVomiting", "Vomiting", "absent"),  # one that goes on does not
        ("She denies any fever, any rash on her arms or legs, joint pain,\nVomiting", "Vomiting", "absent"),
        ("HIV neg.", "HIV", "absent"),
        ("Influenza A/B neg, COVID -ve", "Influenza A/B", "absent"),
        ("Influenza A/B neg, COVID -ve", "COVID", "absent"),
        ("COVID -ve, flu +ve", "flu", "present"),
        ("Neg for DVT", "DVT", "absent"),
        ("HBsAg positive HIV neg", "HBsAg", "present"),  # the result before it is its own
        ("ROS: + cough, + fever, - N/V, - rash", "cough", "present"),
        ("ROS: + cough, + fever, - N/V, - rash", "N/V", "absent"),
        ("ROS: + cough, + fever, - N/V, - rash", "rash", "absent"),
        ("ROS: -fever, -chills, +cough", "fever", "absent"),
        ("ROS: -fever, -chills, +cough", "cough", "present"),
        ("(+) cough (-) fever", "fever", "absent"),
        ("(+) cough (-) fever", "cough", "present"),
        ("fever (-), chills (+)", "fever", "absent"),
        ("fever (-), chills (+)", "chills", "present"),
        ("DM- HTN+ IHD-", "DM", "absent"),
        ("DM- HTN+ IHD-", "HTN", "present"),
        ("DM- HTN+ IHD-", "IHD", "absent"),
        ("DM - on metformin, HTN - well controlled", "HTN", "present"),  # a pause
        ("- chest pain\n- fever", "fever", "present"),  # bullets
        ("ROS: fever - 3 days, cough - dry", "fever", "present"),
        ("pre- and postoperative pain, K+ 4.2", "pain", "present"),
    ],
)
def test_a_denial_denies_what_follows_or_what_it_closes(text, words, presence):
    assert meant(text, words).presence == presence


@pytest.mark.parametrize(
    ("text", "words", "when"),
    [
        ("Her foot has gone like marble.", "foot", "now"),
        ("His arm has gone limp and his speech is slurred.", "arm", "now"),
        ("Her hand has gone funny.", "hand", "now"),
        ("The rash has gone from his arm to his chest.", "rash", "now"),
        ("The pain has gone all over the belly.", "pain", "now"),
        ("Worst headache ever, and her sight has gone.", "headache", "now"),
        ("The chest pain has gone.", "chest pain", "history"),
        ("The headache is gone now.", "headache", "history"),
        ("The chest pain had completely gone by noon.", "chest pain", "history"),
        ("The headache has gone and she feels well.", "headache", "history"),
        ("For the past four days he has vomited blood.", "vomited blood", "now"),
        ("Over the past few hours increasing confusion.", "confusion", "now"),
        ("Past 24 hours fever and rigors.", "fever", "now"),
        ("Half past ten sudden headache.", "headache", "now"),
        ("Past stroke, well now.", "stroke", "history"),
        ("Two past miscarriages.", "miscarriages", "history"),
        ("The disc is gone, now he is drooling.", "disc", "now"),
        ("Chest pain earlier, better now.", "Chest pain", "history"),
        ("She screams if I touch it, and had earache all week.", "earache", "now"),
        ("Call us if he has earache.", "earache", "hypothetical"),
        ("In the past he had seizures.", "seizures", "history"),
        ("Seizures in the past.", "Seizures", "history"),
        ("In the past year he had a seizure.", "seizure", "history"),
        ("At 10 this morning he had chest pain.", "chest pain", "now"),
        ("Chest pain started at 10 this morning.", "Chest pain", "now"),
        ("At 9 last night a sudden headache.", "headache", "now"),
        ("At 6 yesterday evening she collapsed.", "collapsed", "now"),
        ("At 3 in the morning he woke breathless.", "breathless", "now"),
        ("Since this morning a weak left arm.", "weak left arm", "now"),
        ("Stroke at 60.", "Stroke", "history"),
        ("Appendicectomy at 10 years.", "Appendicectomy", "history"),
    ],
)
def test_past_is_what_is_over(text, words, when):
    assert meant(text, words).when == when


@pytest.mark.parametrize(
    ("text", "words", "whose"),
    [
        ("Her partner found her fitting on the floor.", "fitting", "patient"),
        ("Her partner could not wake her: drowsy and vomiting.", "drowsy", "patient"),
        ("Her husband came home to her collapsed in the kitchen.", "collapsed", "patient"),
        ("His wife drove him in with chest pain.", "chest pain", "patient"),
        ("Her partner woke to find her fitting.", "fitting", "patient"),
        ("My husband found me collapsed.", "collapsed", "patient"),
        ("My sister found me fitting.", "fitting", "patient"),
        ("Inhaled smoke at his brother's workshop, hoarse now.", "hoarse", "patient"),
        ("Fell down the stairs at her sister's house, head injury.", "head injury", "patient"),
        ("At my mothers flat I started vomiting blood.", "vomiting blood", "patient"),
        ("Stung in his dad's garden, wheezing.", "wheezing", "patient"),
        ("Her brother had a stroke.", "stroke", "family"),
        ("His father's stroke was at 60.", "stroke", "family"),
        ("Her sister's breast cancer was found at 40.", "breast cancer", "family"),
        ("Her partner has chest pain.", "chest pain", "family"),
        ("Her partner was diagnosed with HIV.", "HIV", "family"),
        ("Stroke in her mother's family.", "Stroke", "family"),
        ("On his father's side there is epilepsy.", "epilepsy", "family"),
        ("Mum: DVT", "DVT", "family"),
        ("mum - DVT", "DVT", "family"),
        ("Fam: mum - VTE on HRT; sister - Crohn's", "VTE", "family"),
        ("Husband: TB", "TB", "family"),
        ("Mum: he has a fever", "fever", "patient"),  # she speaks
        ("Doctor: What is wrong?\nMother: Fever since Monday.", "Fever", "patient"),
        ("Mum has asthma + lupus.", "lupus", "family"),
        ("wife has lupus", "lupus", "family"),
        ("45M, rash. Daughter has SLE. He denies fever.", "SLE", "family"),
        ("Wife had COVID 2 wks ago.", "COVID", "family"),
        ("Her mother had rheumatoid and her daughter has SLE.", "SLE", "family"),
        ("My mum has COPD and is struggling to breathe", "COPD", "patient"),  # a caller tells of the patient
        ("My dad has gout and takes warfarin, can he take ibuprofen?", "gout", "patient"),
        ("My mother has asthma. Can I give her ibuprofen?", "asthma", "patient"),
        ("Doctor: Family history?\nPatient: My mum has asthma.", "asthma", "family"),
        ("No. Mum did. She had a bleeding ulcer.", "bleeding ulcer", "family"),
        ("Mum did the talking. She has chest pain.", "chest pain", "patient"),
        ("My husband had pyloric stenosis as a baby.", "pyloric stenosis", "family"),
        ("My older girl has asthma.", "asthma", "family"),
    ],
)
def test_a_relative_who_finds_or_houses_the_patient_has_nothing(text, words, whose):
    assert meant(text, words).experiencer == whose


@pytest.mark.parametrize(
    ("text", "words", "when"),
    [
        ("D: Any fever, diarrhea?\nM: No.", "diarrhea", "hypothetical"),
        ("Doctor: Any fever? Blackouts?\nPatient: No.", "Blackouts", "hypothetical"),
        ("Doctor: Palpitations?\nPatient: Yes, every day.", "Palpitations", "now"),
        ("Doctor: Any shortness of breath?\nPatient: Bit puffed, yeah.", "shortness of breath", "now"),
        ("Patient: Is it a heart attack?\nDoctor: I don't think so.", "heart attack", "hypothetical"),
    ],
)
def test_a_question_in_a_dialogue_is_a_finding_once_it_is_answered_yes(text, words, when):
    assert meant(text, words).when == when
