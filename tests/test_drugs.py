"""Drugs of a text: which are taken, stopped or only spoken of, and the dose that holds."""

from __future__ import annotations

import pytest

from assistant import facts


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
        ("Enoxaparin was recommended postpartum but pt declined.", "enoxaparin", ""),
        ("Aspirin refused this morning", "aspirin", ""),
        ("Aspirin given, declined ECG.", "", "aspirin"),
        ("Apixaban was offered and she agreed to it.", "", "apixaban"),
        ("Ibuprofen - none today", "ibuprofen", ""),
        ("Paracetamol 1 g, vomiting - none today", "", "paracetamol"),
        # words that stand before
        ("Declined to take warfarin.", "warfarin", ""),
        ("She declined warfarin and takes aspirin", "warfarin", "aspirin"),
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
        ("Edoxaban 30 mg OD - but ran out 5 days ago", {"edoxaban": "earlier"}),
        ("Insulin glargine, patient has run out", {"insulin glargine": "earlier"}),
        ("Norethindrone to start at 6 wk.", {"norethisterone": "planned"}),
        ("Tamoxifen to commence after chemo/RT.", {"tamoxifen": "planned"}),
        ("Amlodipine 5 mg, to start ramipril tomorrow", {"amlodipine": "taken", "ramipril": "planned"}),
        ("Donepezil considered - HR 46", {"donepezil": "supposed"}),
        ("Atorvastatin was recommended.", {"atorvastatin": "supposed"}),
        # whose it is
        ("Husband takes warfarin.", {}),
        ("Partner on clopidogrel 75 mg and ramipril.", {}),
        ("Husband takes warfarin; pt on apixaban", {"apixaban": "taken"}),
        ("Lives with his wife, on warfarin.", {"warfarin": "taken"}),
        ("Husband on the phone, takes warfarin", {"warfarin": "taken"}),
        ("Brought in by her husband. Takes warfarin.", {"warfarin": "taken"}),
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
        ("Betamethasone x2, strict fluid balance 80ml/h", "", "", ""),
        ("Insulin gtt 0.1 u/kg/h, K q2h.", "0.1 u/kg/h", "", ""),
        ("Warfarin, currently 3 mg daily", "3 mg", "", "daily"),
        ("Prednisolone 40 mg, po, once daily", "40 mg", "po", "once daily"),
        ("Fluclox 2g q4h IV day 1", "2g", "IV", "q4h"),
        ("Atorva 40 qhs", "40", "", "qhs"),
        ("Morphine, then IV co-amox 1.2g tds", "", "", ""),
    ],
)
def test_a_dose_is_that_of_its_drug_and_the_one_that_holds(text, dose, route, frequency):
    drug = facts.extract(text).medications[0]
    assert (drug.dose, drug.route, drug.frequency) == (dose, route, frequency)


def test_a_part_of_a_word_is_no_drug():
    assert drugs_of("IV co-amox 1.2g") == {}


def test_an_allergen_is_no_medication():
    assert facts.extract("Allergies: amoxicillin").medications == ()
