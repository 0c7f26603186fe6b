"""The word tables: findings.toml says what notes and patients mean, medications.toml which drug a name is."""

from __future__ import annotations

from functools import cache

import pytest

from assistant.facts.patient import extract, longest
from assistant.facts.phrases import Matcher, words
from knowledge_base.conditions import conditions
from knowledge_base.documents import load_guidelines
from knowledge_base.lexicon import drug_classes, drug_names, read_table

SHARED = {"insulin", "heparin", "tetracycline"}  # a drug that gives its class the name
UNNAMED = {"pain"}  # too general to be a finding of its own

MEANT = [
    ("can't catch my breath", "shortness of breath"), ("c/o SOB x 3 days", "shortness of breath"), ("breathlessness", "shortness of breath"),
    ("gets short of breath climbing stairs", "exertional dyspnea"), ("sleeps on three pillows", "orthopnea"), ("woke up gasping for air", "paroxysmal nocturnal dyspnea"),
    ("crushing pain across his chest", "chest pain"), ("pressure in the chest", "pressure-like chest pain"), ("chest pain worse on deep breaths", "pleuritic chest pain"),
    ("pain radiating down the left arm", "pain radiating to left arm"), ("my heart is racing", "palpitations"), ("passed out in church", "syncope"),
    ("throwing up since last night", "vomiting"), ("N/V/D", "nausea"), ("belly pain", "abdominal pain"), ("my stomach really hurts", "abdominal pain"),
    ("RLQ tenderness", "right lower quadrant tenderness"), ("black tarry stools", "melena"), ("coffee-ground emesis", "hematemesis"), ("bright red blood in the stool", "rectal bleeding"),
    ("loose watery stools", "diarrhea"), ("food gets stuck", "dysphagia"), ("burning when I pee", "dysuria"), ("blood in his urine", "hematuria"),
    ("haematuria", "hematuria"), ("diarrhoea", "diarrhea"), ("ankle oedema", "bilateral leg swelling"), ("swollen left calf", "unilateral leg swelling"),
    ("coughing up blood", "hemoptysis"), ("bringing up green phlegm", "purulent sputum"), ("running a temperature", "fever"), ("drenching night sweats", "night sweats"),
    ("lost 20 lb without trying", "weight loss"), ("tired all the time", "fatigue"), ("worst headache of my life", "worst headache of life"), ("thunderclap headache", "thunderclap headache"),
    ("slurred speech", "slurred speech"), ("face is drooping", "facial droop"), ("cannot lift her right arm", "arm weakness"), ("the room is spinning", "vertigo"),
    ("seeing double", "double vision"), ("bit his tongue", "tongue biting"), ("thoughts of killing himself", "suicidal ideation"), ("hearing voices", "auditory hallucinations"),
    ("itchy rash", "itchy rash"), ("yellow eyes", "jaundice"), ("stiff neck", "neck stiffness"), ("runny nose", "rhinorrhea"), ("HTN, T2DM, CKD", "hypertension"),
    ("HTN, T2DM, CKD", "type 2 diabetes"), ("HTN, T2DM, CKD", "chronic kidney disease"), ("s/p MI", "myocardial infarction"), ("on home O2 for COPD", "chronic obstructive pulmonary disease"),
    ("hx of DVT", "deep vein thrombosis"), ("unprovoked PE", "pulmonary embolism"), ("afib on apixaban", "atrial fibrillation"), ("prior CVA", "stroke"), ("40 pack-years", "history of smoking"),
    ("troponin was elevated", "elevated troponin"), ("raised D-dimer", "elevated D-dimer"), ("ST elevation in II, III, aVF", "ST elevation"), ("normal ECG", "normal ECG"),
    ("hypokalaemia", "hypokalemia"), ("low sodium", "hyponatremia"), ("CVA tenderness", "costovertebral angle tenderness"), ("metastatic colon cancer", "active cancer"),
    ("hip replacement 2 weeks ago", "recent surgery"), ("12 weeks pregnant", "pregnancy"), ("missed period", "missed period"), ("family history of migraine", "family history of migraine"),
    ("takes ibuprofen daily", "NSAID use"), ("IV drug use", "intravenous drug use"), ("recently returned from Thailand", "recent travel"), ("bull's-eye rash", "erythema migrans"),
    ("scaly plaques with silvery scale", "scaly plaques"), ("retropulsion on the pull test", "postural instability"), ("frequent ectopics", "ventricular ectopics"), ("tubal ectopic", "ectopic pregnancy"),
    ("nitrites positive", "nitrites in urine"), ("inhaled poppers", "nitrite use"), ("ate shellfish last night", "shellfish ingestion"), ("eats lots of red meat", "high-purine diet"),
    ("stress-dose hydrocortisone", "corticosteroid use"), ("third IVF cycle", "assisted reproduction"), ("COVID test was positive", "positive SARS-CoV-2 test"),
    # what a gap of a longer phrase passes over is still said
    ("painful hands and shortness of breath", "shortness of breath"), ("he has been confused since this morning", "confusion"),
]  # fmt: skip

NEAR_MISSES = [     # a text, and a name that it must not give
    ("cold hands and feet", "upper respiratory infection"), ("discharge from hospital on Friday", "vaginal discharge"), ("critical mass of evidence", "abdominal mass"),
    ("sinus rhythm", "sinusitis"), ("hepatic artery", "hepatitis"), ("pancreatic duct", "pancreatitis"), ("meningeal layer", "meningitis"), ("normal prostate", "prostatitis"),
    ("tonsils are normal", "sore throat"), ("ejection fraction 60%", "high-energy trauma"), ("serum lactate", "breastfeeding"), ("magnetic resonance imaging", "shuffling gait"),
    ("CVA tenderness", "stroke"), ("fasted for the test", "tachypnea"), ("stress test", "stress"), ("stress fracture", "stress"), ("ST depression", "depressed mood"),
    ("heat stroke", "stroke"), ("diabetes insipidus", "diabetes mellitus"), ("gestational diabetes", "pregnancy"), ("hearing aids", "HIV infection"), ("menstrual pad", "peripheral artery disease"),
    ("de novo mutation", "exertional dyspnea"), ("end of life care", "suicidal ideation"), ("malignant hypertension", "cancer"), ("cardiac surgery list", "recent surgery"),
    ("abdominal cavity", "cavitary lung lesion"), ("central nervous system", "anxiety"), ("electrolyte imbalance", "unsteady gait"), ("the patient is fit and well", "seizure"),
    ("PE: lungs clear, heart regular", "pulmonary embolism"), ("does not drink alcohol", "poor oral intake"), ("abdominal pain, chest clear", "chest pain"), ("normal troponin, elevated BNP", "elevated troponin"),
    ("alcohol swab before injection of the vaccine", "vaccinated"), ("went back to the room", "pain radiating to back"), ("secondary to trauma", "metastatic cancer"),
    ("criteria were met", "metastatic cancer"), ("he sat on the red chair", "skin redness"), ("ice cream", "improvement with ice pack"),
    ("insulin sliding scale", "scaling"), ("retropulsion with canal narrowing", "postural instability"), ("occasional ectopics on ECG", "ectopic pregnancy"), ("nitrites neg", "nitrite use"),
    ("allergic to shellfish", "shellfish ingestion"), ("allergic to shellfish", "high-purine diet"), ("stress dose hydrocortisone", "stress"), ("NBM, IVF, analgesia", "assisted reproduction"),
    ("EtOH cirrhosis, CP-B", "chest pain"), ("COVID negative, flu positive", "positive SARS-CoV-2 test"),
    ("tiotropium inhaled once daily", "frequent reliever inhaler use"), ("father had a myocardial infarction at 60", "older father"),
]  # fmt: skip


@cache
def _matcher() -> Matcher:
    return Matcher(read_table("findings")["findings"], read_table("findings")["lists"])


def _names(text: str) -> set[str]:
    """Names of the vocabulary in a text, with what they entail."""
    entails = read_table("findings")["implies"]
    found = {name for name, _ in longest(_matcher().find_words(words(text)))}
    while more := {general for name in found for general in entails.get(name, ())} - found:
        found |= more
    return found


@pytest.mark.parametrize(("text", "name"), MEANT)
def test_what_clinicians_and_patients_write_has_its_name(text: str, name: str) -> None:
    assert name in _names(text)


@pytest.mark.parametrize(("text", "name"), NEAR_MISSES)
def test_other_uses_of_the_same_words_do_not_fire(text: str, name: str) -> None:
    assert name not in _names(text)


def test_every_finding_of_the_condition_table_has_a_name() -> None:
    phrases = {phrase for condition in conditions() for phrase, _ in condition.signs} - UNNAMED
    phrases -= {condition.name.lower() for condition in conditions()}       # a condition is its own name
    assert sorted(phrase for phrase in phrases if not _names(phrase)) == []


def test_names_stand_once_and_entail_known_names_without_a_circle() -> None:
    table = read_table("findings")
    assert len({name.lower() for name in table["findings"]}) == len(table["findings"])
    assert all(patterns for patterns in table["findings"].values())
    known = set(table["findings"]) | {condition.name.lower() for condition in conditions()}
    for name, general in table["implies"].items():
        assert {name, *general} <= known, name
        seen, ahead = set(), list(general)
        while ahead:
            step = ahead.pop()
            assert step != name, f"{name} entails itself"
            if step not in seen:
                seen.add(step)
                ahead += table["implies"].get(step, [])


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("acetaminophen", "paracetamol"), ("epinephrine", "adrenaline"), ("albuterol", "salbutamol"), ("frusemide", "furosemide"), ("hctz", "hydrochlorothiazide"),
        ("asa", "aspirin"), ("ntg", "glyceryl trinitrate"), ("tpa", "alteplase"), ("apap", "paracetamol"), ("tmp-smx", "trimethoprim-sulfamethoxazole"),
        ("augmentin", "co-amoxiclav"), ("lasix", "furosemide"), ("eliquis", "apixaban"), ("rifampin", "rifampicin"), ("meperidine", "pethidine"),
    ],
)  # fmt: skip
def test_other_names_lead_to_the_generic(name: str, generic: str) -> None:
    assert drug_names()[name] == generic


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Augmentin", "penicillin"), ("cephalexin", "cephalosporin"), ("bactrim", "sulfonamide"), ("lisinopril", "ace inhibitor"), ("losartan", "arb"),
        ("aspirin", "nsaid"), ("xarelto", "doac"), ("gtn", "nitrate"), ("zoloft", "ssri"), ("jardiance", "sglt2 inhibitor"), ("lasix", "loop diuretic"),
    ],
)  # fmt: skip
def test_classes_of_a_drug_by_any_name(name: str, word: str) -> None:
    assert word in drug_classes(name)


def test_a_drug_name_means_one_drug_and_a_class_word_none() -> None:
    drugs, classes = read_table("medications"), read_table("drug_classes")
    named: dict[str, str] = {}
    for generic, row in drugs.items():
        for name in {generic, *row.get("names", []), *(brand.lower() for brand in row.get("brands", []))}:
            assert named.setdefault(name, generic) == generic, f"{name}: {named[name]} and {generic}"
        assert set(row["classes"]) <= set(classes), generic
        assert row.get("max_daily_mg", 1) > 0
    assert {spelling for spellings in (classes, *classes.values()) for spelling in spellings} & set(named) == SHARED
    assert len(drugs) >= 600


def test_ordinary_words_are_no_drugs() -> None:
    ordinary = (
        "iron oxygen water glucose salt alcohol calcium potassium magnesium sodium relief advance plan soma met gent metro fast activated"
    )
    assert not set(ordinary.split()) & set(drug_names())


def test_every_condition_of_a_rule_can_be_read_in_a_note():
    """A rule on a word that no note is read for would never fire, and nobody would miss it."""
    terms = {term.value: p.id for d in load_guidelines() for p in d.passages for rule in p.rules for term in rule.terms if term.name == "condition"}
    unread = {
        value: where for value, where in terms.items() if value.casefold() not in {f.name.casefold() for f in extract(f"Patient has {value}.").findings}
    }
    assert not unread
