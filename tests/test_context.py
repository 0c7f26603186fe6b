"""What the words around a finding make of it: denied, past, a relative's, supposed, asked."""

from __future__ import annotations

import pytest

from assistant import facts
from assistant.facts import context
from assistant.records import Span


def meant(text: str, words: str) -> context.Context:
    start = text.index(words)
    return context.read(text, Span(start, start + len(words)))


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
        ("Return for chest pain, syncope or black stools.", "syncope", ("uncertain", "patient", "hypothetical")),
        ("ED precautions: CP, SOB, syncope.", "syncope", ("uncertain", "patient", "hypothetical")),
        ("To seek help for fever or rash.", "fever", ("uncertain", "patient", "hypothetical")),
        ("Return with any fever.", "fever", ("uncertain", "patient", "hypothetical")),
        ("Returned with fever.", "fever", ("present", "patient", "now")),
        ("He has come back with worsening fever.", "fever", ("present", "patient", "now")),
        ("Pt return for fever.", "fever", ("present", "patient", "now")),  # a slip for "returns": better once too often
        ("Return for wound check. Has fever.", "fever", ("present", "patient", "now")),
        ("Seen after return for fever.", "fever", ("present", "patient", "now")),
        ("Came to seek help for fever.", "fever", ("present", "patient", "now")),
        ("seizure precautions", "seizure", ("present", "patient", "hypothetical")),
        ("Mum worried about meningitis, no rash.", "meningitis", ("present", "patient", "hypothetical")),
        ("Concerned he might have a stroke like his dad.", "stroke", ("uncertain", "patient", "hypothetical")),
        ("Concerned about meningitis.", "meningitis", ("uncertain", "patient", "now")),  # a clinician's doubt
        ("Mum worried about fever and rash.", "fever", ("present", "patient", "now")),  # what is seen
        ("Low suspicion of meningitis - no LP.", "meningitis", ("absent", "patient", "now")),
        ("High suspicion of meningitis.", "meningitis", ("uncertain", "patient", "now")),
        ("Doubt ACS/pneumonia.", "pneumonia", ("absent", "patient", "now")),
        ("No doubt pneumonia.", "pneumonia", ("present", "patient", "now")),
        ("CSF PCR negative for HSV.", "HSV PCR positive in CSF", ("absent", "patient", "now")),
        ("CSF PCR positive for HSV.", "HSV PCR positive in CSF", ("present", "patient", "now")),
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
    ("text", "name", "presence"),
    [
        ("No falls.", "falls", "absent"),
        ("Denies recent falls.", "falls", "absent"),
        ("Two falls.", "falls", "present"),
        ("No S3, no murmur.", "third heart sound", "absent"),
        ("Loud S3.", "third heart sound", "present"),
        ("No contractions.", "uterine contractions", "absent"),
        ("Regular contractions.", "uterine contractions", "present"),
        ("No axillary nodes.", "axillary lymphadenopathy", "absent"),
        ("No pulse deficit.", "absent pulse", "absent"),
        ("No pulse - concerns about cable.", "absent pulse", "present"),
        ("No pulse.", "absent pulse", "present"),
        ("Suicide risk low.", "suicidal crisis", "absent"),
    ],
)
def test_a_finding_found_with_its_denial_is_denied(text, name, presence):
    assert {f.presence for f in facts.extract(text).findings if f.name == name} == {presence}


@pytest.mark.parametrize(
    ("text", "words", "presence"),
    [
        ("He woke with no hearing in one ear.", "woke", "present"),
        ("He woke with no hearing in one ear.", "hearing", "absent"),
        ("SOB, chest pain free.", "chest pain", "absent"),
        ("SOB, chest pain free.", "SOB", "present"),
        ("Seizure free 5 yrs", "Seizure", "absent"),
        ("He has been free of angina since.", "angina", "absent"),
        ("Abdominal pain free fluid on scan", "Abdominal pain", "present"),
        ("Abdominal pain, free T4 12", "Abdominal pain", "present"),
        ("-ve: fever, cough, rash", "rash", "absent"),
        ("Pertinent negatives: fever, cough", "cough", "absent"),
        ("Troponin negative: chest pain goes on", "chest pain", "present"),
        ("Fever x, cough", "Fever", "absent"),
        ("Fever x, cough", "cough", "present"),
        ("Fever x / cough", "Fever", "absent"),
        ("Fever x 3 days", "Fever", "present"),
        ("falls x0", "falls", "absent"),
        ("falls x2", "falls", "present"),
        ("Smoking: never", "Smoking", "absent"),
        ("Smoking: never smoked", "Smoking", "absent"),
        ("ETOH: 0", "ETOH", "absent"),
        ("Chest pain 10/10", "Chest pain", "present"),
        ("Chest pain since day 0", "Chest pain", "present"),
        ("DNAR not in place.", "DNAR", "absent"),
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
        ("Pt's wife had a stroke last year.", "stroke", "family"),
        ("Pt's wife at bedside, chest pain goes on.", "chest pain", "patient"),
        ("Pt's wife reports he has chest pain.", "chest pain", "patient"),
        ("Caring for her husband, who has Parkinson's and was diagnosed with bowel cancer last year.", "bowel cancer", "family"),
        ("Daughter calling about her mother who has chest pain.", "chest pain", "patient"),
        ("It is about my mother who has chest pain.", "chest pain", "patient"),
        ("Brought by wife, who has noticed a facial droop.", "facial droop", "patient"),
        ("NOK wife Joan has dementia", "dementia", "family"),
        ("Wife reports has dementia", "dementia", "patient"),
        ("Mum T2DM.", "T2DM", "family"),
        ("Lives with mum. T2DM.", "T2DM", "patient"),
        ("Brought in by wife with COPD exacerbation.", "COPD", "patient"),
        ("My mum COPD, gasping", "COPD", "patient"),
        ("MGM w/ stroke 80s.", "stroke", "family"),
        ("PGF had MI.", "MI", "family"),
        ("Mat GM DVT, dad MI 49", "DVT", "family"),
        ("Mat GM DVT, dad MI 49", "MI", "family"),
        ("Dad stroke 40 mins ago", "stroke", "patient"),
        ("mom Hashimoto's", "Hashimoto's", "family"),
        ("Neighbour has COVID.", "COVID", "family"),
        ("Patient's mum DVT. He has chest pain.", "DVT", "family"),
        ("Patient's mum DVT. He has chest pain.", "chest pain", "patient"),
        ("Dad has lung cancer. Since last night he's got no puff.", "lung cancer", "patient"),
        ("mum has breast cancer in her bones and her legs keep folding", "breast cancer", "patient"),
        ("45M. His wife is 20/40 pregnant.", "pregnant", "family"),
        ("My wife is 20 weeks pregnant and bleeding.", "pregnant", "patient"),
        ("Sis T1DM", "T1DM", "family"),
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
