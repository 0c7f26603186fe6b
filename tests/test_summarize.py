"""Summaries: every line rests on the note, nothing is lost, nothing is turned round."""

from __future__ import annotations

import pytest

from assistant import facts
from assistant.errors import InputError
from assistant.facts.sections import split
from assistant.notes import cautions, contradictions, dialogue, summarize
from assistant.notes.dialogue_words import person, spelled, third
from assistant.notes.lines import Note, sentences, styles
from assistant.notes.results import critical
from assistant.records import to_dict
from eval import data, summaries
from knowledge_base.lexicon import read_table
from knowledge_base.tables import measurements

NOTE = """DISCHARGE SUMMARY
Chief Complaint: Shortness of breath
History of Present Illness: 72-year-old man with heart failure and type 2 diabetes presents with orthopnea. Denies chest pain or fever.
Past Medical History: Hypertension. Chronic kidney disease stage 3. Kartagener-like complex.
Medications: Metformin 1000 mg twice daily, lisinopril 10 mg daily.
Allergies: Penicillin (rash).
Family History: Father had myocardial infarction.
Vital Signs: BP 150/90, SpO2 90% on room air.
Laboratory Data: Potassium 6.2 mmol/L, hemoglobin 9.8 g/dL.
Imaging: Small right pleural effusion. No pneumothorax.
Assessment: Acute decompensated heart failure. Possible pneumonia.
Plan: Start furosemide 80 mg IV twice daily. Hold metformin. If potassium rises, dialysis.
"""


def bullets(assistant, section, text=NOTE, style="problem_list"):
    return [b.text for b in assistant.summarize_note(text, style=style).bullets if b.section == section]


def note(text):
    return Note(text, facts.extract(text), tuple(split(text)))


def test_problems_are_those_of_the_patient(assistant):
    told = " | ".join(bullets(assistant, "problems") + bullets(assistant, "symptoms") + bullets(assistant, "findings"))
    for word in ("decompensated heart failure", "type 2 diabetes", "Hypertension", "stage 3", "Possible pneumonia", "orthopnea", "Kartagener"):
        assert word in told
    for word in ("man", "chest pain", "fever", "rash", "infarction", "pneumothorax", "metformin"):
        assert word not in told.replace("Kartagener-like", "")


@pytest.mark.parametrize(
    ("text", "word", "section"),
    [
        ("HTN. Allergies: penicillin, codeine. Presents with chest pain.", "codeine", "allergies"),
        ("HTN. Allergies: penicillin, codeine. Presents with chest pain.", "chest", ""),      # a sentence about the patient ends the list
        ("78F ALLERGIES: penicillin", "penicillin", "allergies"),
        ("PMH: HTN. Meds: aspirin. Plan: home.", "aspirin", "medications"),
        ("58M. PMH: HTN, DM. Chest pain for 2 h.", "HTN", "past"),
        ("58M. PMH: HTN, DM. Chest pain for 2 h.", "Chest", ""),                                # the pain is no history
        ("58M. Meds: aspirin. Chest pain for 2 h.", "Chest", ""),
        ("We saw the following results: none", "none", ""),                                     # no sentence has ended before it
        ("No known drug allergies: true", "true", ""),
        ("All: erythromycin", "erythromycin", "allergies"),
        ("all: three are well", "three", ""),
        ("Sensitivities: nifedipine -> flushing", "nifedipine", "allergies"),
        ("MSU: E coli. Sensitivities: trimethoprim R", "trimethoprim", ""),                     # those of a germ
        ("## Allergies / intolerances\nlatex\n\n## Results at discharge\nHb 8.8", "latex", "allergies"),
        ("## Allergies / intolerances\nlatex\n\n## Results at discharge\nHb 8.8", "8.8", "results"),
        ("Allergies: penicillin\n\nMEDS AT DISCHARGE\nNEW: torsemide", "torsemide", "medications"),
        ("Allergies: penicillin\n\nYours sincerely", "Yours", ""),
        ("Allergies: penicillin\nEXAM BP 120/80", "120", "exam"),
        ("Allergies: penicillin\nHR 98 irreg", "98", ""),
        ("Allergies:\nPenicillin: rash\nCodeine: vomiting", "vomiting", "allergies"),          # a drug is no label
        ("Allergies: penicillin. She gets a rash.", "rash", "allergies"),
        ("FH: cousin HOCM. \nO/E T 39.6", "39.6", "exam"),
        ("FH: father MI. O/E T 39.6\nIx WCC 19", "WCC", "results"),
        ("Her exam was normal. FH of stroke in the mother", "stroke", ""),
        ("EXAM: JVP 8 cm.\n\nF/U:\n- PCP 1 wk", "PCP", "plan"),
        ("Follow up was kept", "kept", ""),
        ("GP actions: recheck Hb", "recheck", "plan"),
        ("TTO\n  Aspirin 75 mg", "Aspirin", "medications"),
        ("Home meds (held): naltrexone", "naltrexone", "medications"),
        ("Diagnoses:\n1. RA\n\nThank you for asking me to see her", "asking", "history"),
        ("Diagnoses:\n1. RA\n\nOn examination BP 158/92", "158", "exam"),
        ("24h events: none\nCV: MAP 66\nRESP: AC/VC\nRENAL: CRRT", "CRRT", "exam"),
        ("Plan:\nCV: wean\nRESP: wean\nRENAL: stop CRRT", "CRRT", "plan"),
        ("ID: 64 year old man", "64", ""),                                                      # an identity, no infections
        ("Social - non smoker", "smoker", "social"),
        ("PE - confirmed", "confirmed", ""),                                                    # an embolism, no examination
    ],
)  # fmt: skip
def test_headings(text, word, section):
    assert note(text).section_at(text.index(word)) == section


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1. Pneumonia 2. AKI on CKD, Cr 2.1. 3. Gout", ["Pneumonia", "AKI on CKD, Cr 2.1.", "Gout"]),
        ("Plan: 1) start ceftriaxone 1 g 2) hold lisinopril", ["Plan: 1) start ceftriaxone 1 g", "hold lisinopril"]),
        ("She took 2. Then she slept.", ["She took 2.", "Then she slept."]),  # a number that counts nothing up
    ],
)
def test_a_list_in_one_line_is_cut_at_its_points(text, lines):
    assert [text[line.start : line.end] for line in sentences(text, 0, len(text))] == lines


def test_a_general_finding_stands_aside_for_the_narrower_one(assistant):
    text = "Past medical history: Type 2 diabetes.\nExam: Pitting edema of both legs.\n"
    told = bullets(assistant, "problems", text) + bullets(assistant, "findings", text)
    assert told == ["Type 2 diabetes (history)", "Pitting edema of both legs"]


def test_a_drug_is_one_line_with_what_became_of_it(assistant):
    told = bullets(assistant, "medications")
    assert "metformin 1000 mg twice daily; not taken, held or stopped" in told
    assert "furosemide 80 mg IV twice daily (planned)" in told


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("Avoid NSAIDs, give paracetamol 1 g QDS.", ["paracetamol 1 g QDS (planned)"]),
        ("Avoid ibuprofen.", []),
        ("Consider aspirin if the pain comes back.", []),
        ("Stop bisoprolol, start diltiazem 60 mg TDS.", ["bisoprolol: not taken, held or stopped", "diltiazem 60 mg TDS (planned)"]),
        ("Urine: R to trimethoprim.", []),
        ("Simvastatin changed to atorvastatin.", ["simvastatin: stopped earlier", "atorvastatin (planned)"]),
    ],
)
def test_a_plan_names_the_drugs_that_it_gives(assistant, plan, told):
    assert bullets(assistant, "medications", f"Assessment: Gout.\nPlan: {plan}\n") == told


def test_a_level_of_a_drug_is_a_result(assistant):
    text = "Medications: Lithium carbonate 800 mg at night.\nResults: Lithium 1.6 mmol/L.\n"
    assert bullets(assistant, "medications", text) == ["lithium 800 mg at night"]
    assert any("1.6 mmol/L" in told for told in bullets(assistant, "results", text))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Penicillin (rash).", ["Penicillin (rash)"]),
        ("NKDA", ["Allergies: NKDA"]),
        ("Zyxolate", ["Zyxolate"]),                                       # no drug we know is still an allergy
        ("Sulfa (SJS). NKDA per triage.", ["Sulfa (SJS)", "NKDA"]),       # both, and a contradiction
        ("penicillin, ? latex - unsure", ["penicillin", "? latex - unsure"]),
        ("Penicillin (rash)\n\nYours sincerely\nDictated", ["Penicillin (rash)"]),
        ("Penicillin (rash)\n\nMEDS AT DISCHARGE\naspirin 75 mg", ["Penicillin (rash)"]),
        ("Penicillin (rash)\nEXAM BP 120/80 after labetalol 10 mg", ["Penicillin (rash)"]),
        ("Penicillin causes hives.\nTetanus status: amoxicillin given", ["Penicillin causes hives"]),
    ],
)  # fmt: skip
def test_allergies(assistant, line, told):
    assert bullets(assistant, "allergies", f"Allergies: {line}\n") == told


def test_critical_results_stand_first(assistant):
    told = bullets(assistant, "results")
    assert told[:2] == ["SpO2 90% [CRITICAL: at most 91]", "Potassium 6.2 mmol/L [CRITICAL: above 6]"]
    assert "No pneumothorax." in told


@pytest.mark.parametrize(("value", "said"), [("6.0", ""), ("6.1", "above 6"), ("3.0", ""), ("2.9", "below 3")])
def test_limits_are_strict(value, said):
    item = facts.extract(f"Labs: Potassium {value} mmol/L").measurements[0]
    assert critical(item) == said


def test_limits_are_measurements_with_sources():
    table = read_table("critical_limits")
    for name, row in table["limits"].items():
        assert name in measurements()
        assert row["source"] in table["sources"]


@pytest.mark.parametrize("style", summarize.STYLES)
def test_every_line_rests_on_its_spans(assistant, style):
    text = f"Doctor: Any fever?\nPatient: No.\nDoctor: {NOTE}" if style == summarize.DIALOGUE else NOTE
    record = assistant.summarize_note(text, style=style)
    assert all(summaries.rests(bullet, text) for bullet in record.bullets)
    assert to_dict(record)["style"] == style


def test_one_liner_keeps_allergies_and_critical_results(assistant):
    record = assistant.summarize_note(NOTE, style="one_liner")
    assert record.bullets[0].text.startswith("72-year-old man with ")
    assert record.added == ("Penicillin (rash)", "SpO2 90% [CRITICAL: at most 91]", "Potassium 6.2 mmol/L [CRITICAL: above 6]")


def test_handoff_parts(assistant):
    assert bullets(assistant, "contingency", style="handoff") == ["If potassium rises, dialysis."]
    assert "Hold metformin." in bullets(assistant, "action_list", style="handoff")


def test_stream_grows_to_the_whole_and_counts(assistant):
    seen: list[tuple[int, int]] = []
    steps = list(assistant.summarize_stream(NOTE, progress=lambda done, total: seen.append((done, total))))
    assert [len(s.bullets) for s in steps] == sorted(len(s.bullets) for s in steps)
    assert steps[-1] == assistant.summarize_note(NOTE)
    assert seen[-1][0] == seen[-1][1] == len(styles()["styles"]["problem_list"]) + 1


def test_batch_keeps_order(assistant):
    texts = [NOTE, "Assessment: Gout.\n", NOTE]
    assert assistant.summarize_notes(texts, workers=3) == [assistant.summarize_note(text) for text in texts]


@pytest.mark.parametrize(("text", "style", "said"), [("", "soap", "empty"), ("a\0b", "soap", "binary"), ("a", "poem", "unknown style 'poem'")])
def test_what_cannot_be_summarised_is_refused(assistant, text, style, said):
    with pytest.raises(InputError, match=said):
        assistant.summarize_note(text, style=style)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Allergies: Penicillin\nPlan: Start amoxicillin 500 mg TID.", "allergy to penicillin"),
        ("Allergies: NKDA. Anaphylaxis to penicillin.", "allergy:"),
        ("HPI: 60-year-old man.\nPMH: Hysterectomy.", "the patient is male"),
        ("HPI: 70-year-old woman with left knee pain.\nAssessment: Right knee pain.", "knee"),
        ("Admission date: 03/02/2025. Discharge date: 02/27/2025.", "before admission"),
        ("HPI: Cough and fever.\nROS: Denies fever.", "fever is affirmed and denied"),
        ("Labs: Sodium 118 mmol/L.\nAssessment: Sodium 134 mmol/L.", "sodium"),
        ("Medications: methotrexate 15 mg weekly\nPlan: Continue methotrexate 20 mg weekly.", "methotrexate"),
    ],
)
def test_contradictions_are_flagged(text, word):
    assert any(word.lower() in line.lower() for line in contradictions.find(note(text)))


@pytest.mark.parametrize(
    "text",
    [
        NOTE,
        "Allergies: Penicillin\nPlan: Avoid amoxicillin. Stop amoxicillin.",
        "HPI: 60-year-old man. His wife had a hysterectomy.",
        "HPI: Left knee pain.\nExam: Right knee normal.\nAssessment: Left knee pain.",
        "Labs: Sodium 118 mmol/L on admission.\nAssessment: Sodium 134 mmol/L today.",
        "Allergies: Phenytoin (fever)\nROS: No fever.",
        "HPI: Fever on admission, resolved.\nROS: No fever now.",
        "Medications: methotrexate 15 mg weekly\nPlan: Increase methotrexate to 20 mg weekly.",
    ],
)
def test_a_sound_note_is_left_alone(text):
    assert contradictions.find(note(text)) == ()


def test_own_notes_hold_their_figures(assistant):
    rows = data.own("notes_*.jsonl")
    assert len(rows) >= 60
    assert all(row["plant"]["old"] in row["text"] for row in rows)
    scores = [summaries.own_notes(assistant, row) for row in rows]
    for name, most in (("hallucinated_error", 0.01), ("omitted_problems_error", 0.03), ("omitted_medications_error", 0.03),
                       ("omitted_allergies_error", 0.03), ("omitted_critical_error", 0.03)):  # fmt: skip
        values = [score[name] for score in scores if name in score]
        assert sum(values) / len(values) <= most, name
    flagged = [summaries.contradictions(assistant, row)["flagged"] for row in rows]
    assert sum(flagged) / len(flagged) >= 0.9


# --- dialogues


@pytest.mark.parametrize(
    ("talk", "told"),
    [
        ("Doctor: Any chest pain?\nPatient: No.", "Denies chest pain."),
        ("Doctor: Any chest pain?\nPatient: Yes.", "Reports chest pain."),
        ("Doctor: Do you smoke?\nPatient: No.", "The patient does not smoke."),
        ("Doctor: You don't smoke, do you, sir?\nPatient: No.", "He does not smoke."),
        ("Doctor: Have you had any fever or chills?\nPatient: Nope.", "Denies fever or chills."),
        ("Doctor: How long have you been coughing?\nPatient: About three weeks.", "The patient has been coughing: About 3 weeks."),
        ("Doctor: Any allergies?\nPatient: No allergies as far as I know.", "No allergies as far as the patient knows."),
        ("Doctor: What brings you in?\nPatient: I have pain in my right knee.", "The patient has pain in their right knee."),
        # a speaker by a letter or a short name
        ("D: Any chest pain?\nP: No.", "Denies chest pain."),
        ("D: Any fever?\nM: No.", "Denies fever."),
        ("D: Any fever?\nF: No.", "Denies fever."),
        ("D : Any chest pain?\nP : No.", "Denies chest pain."),
        ("Dr: Any chest pain?\nPt: No.", "Denies chest pain."),
        ("DR: Any chest pain?\nPT: No.", "Denies chest pain."),
        ("Dr: Any fever?\nMum: No.", "Denies fever."),
        ("D: Any chest pain?\nPt: No.", "Denies chest pain."),
        ("Dr: Any chest pain?\nP: No.", "Denies chest pain."),
        ("Doctor: Were the stairs wet?\nPatient: No.", "Were the stairs wet? No."),      # no sure sentence: question and answer
    ],
)  # fmt: skip
def test_talk_becomes_note(talk, told):
    assert told in [b.text for b in dialogue.summary(talk, {}).bullets]


@pytest.mark.parametrize(
    ("talk", "roles"),
    [
        ("D: So this is Leo?\nM: Yes, he is eight weeks.\nD: Any fever?\nM: No fever.", ["doctor", "family", "doctor", "family"]),
        ("D: Hello.\nP: I take vitamin\nD: 800 units.", ["doctor", "patient", "doctor"]),
        ("Doctor: Take vitamin D: 800 units.\nPatient: Right.", ["doctor", "patient"]),
        ("Doctor: This is hepatitis B.\nP: rest.\nPatient: Right.", ["doctor", "patient"]),        # no talk of letters: "P:" is a plan
        ("S: cough.\nO: D-dimer normal.\nA: bronchitis.\nP: rest.", []),
        ("S: cough.\nD: bronchitis.\nP: rest.", []),
    ],
)
def test_a_letter_is_a_speaker_only_in_a_talk_of_letters(talk, roles):
    assert [turn.role for turn in dialogue.turns(talk)] == roles


def test_a_talk_without_speakers_is_told_and_not_empty():
    with pytest.raises(InputError, match="names its speaker"):
        dialogue.summary("Any chest pain? No.", {})


def test_a_denial_is_never_lost():
    talk = "Doctor: Any fever?\nPatient: No problems like that.\nDoctor: Any cough?\nPatient: No, no cough."
    told = [b.text for b in dialogue.summary(talk, {}).bullets]
    assert all("fever" not in line or "Denies" in line for line in told)
    assert all("cough" not in line.lower() or line.startswith(("Denies", "No")) for line in told)


def test_the_plan_is_the_doctors_and_rests_on_the_turn():
    talk = "[doctor] i want to prescribe naproxen 250 milligrams twice a day\n[patient] okay"
    (bullet,) = dialogue.summary(talk, {}).bullets
    assert bullet.section == "plan"
    assert "naproxen 250 mg twice a day" in bullet.text
    assert "naproxen" in talk[bullet.spans[0].start : bullet.spans[0].end]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("fifty seven years", "57 years"), ("one hundred twenty over eighty", "120/80"), ("two thousand five", "2005"), ("one of them", "one of them"),
        ("twenty milligrams", "20 mg"), ("what kind of pain", "what kind of pain"), ("do n't", "don't"), ("one forty", "140"),
    ],
)  # fmt: skip
def test_spelling(words, told):
    assert spelled(words) == told


@pytest.mark.parametrize(
    ("words", "speaker", "told"),
    [
        ("I have a cough and I take my pills", "patient", "she has a cough and she takes her pills"),
        ("I went home", "patient", "she went home"),
        ("I need help", "patient", "she needs help"),
        ("you have a murmur in your heart", "doctor", "she has a murmur in her heart"),
        ("we will give you iron", "doctor", "we will give her iron"),
        ("my daughter has a cough", "family", "she has a cough"),
        ("my husband had asthma as a baby", "family", "my husband had asthma as a baby"),    # the mother of the patient speaks
    ],
)
def test_third_person(words, speaker, told):
    assert third(words, person("female"), speaker=speaker) == told


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("82F, 58 kg. Creatinine 168 umol/L. Medications: metformin 500 mg bd.", "metformin is contraindicated: eGFR 26"),
        ("82F, 58 kg. Creatinine 70 umol/L. Medications: metformin 500 mg bd.", None),
        ("82F. Creatinine not done. Medications: metformin 500 mg bd.", None),                  # a value that is not there decides nothing
        ("82F. Creatinine 168 umol/L. Metformin was stopped last year.", None),                 # not taken now
        ("4 year old boy, creatinine 168 umol/L. Medications: metformin 500 mg bd.", None),     # the adult equation does not hold
        ("Allergies: penicillin (rash).\nDischarge medications:\namoxicillin 500 mg tds", "amoxicillin is contraindicated: allergy to penicillin"),
    ],
)
def test_rules_against_listed_drugs_are_computed(note, expected):
    said = [sentence.text for sentence in cautions.find(facts.extract(note))]
    assert any(expected in text for text in said) if expected else not any("metformin" in text for text in said)
