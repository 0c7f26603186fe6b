from __future__ import annotations

import re

import pytest

from assistant import facts, redflags
from assistant.redflags import load
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table


def ids(text: str) -> set[str]:
    return {flag.id for flag in redflags.find(text, facts.extract(text))}


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Crushing chest pain for an hour, sweating.", "acute-coronary-syndrome"),
        ("Her left arm has gone limp and her speech is slurred.", "stroke"),                     # "has gone" is not "went away"
        ("My mother's leg went cold and white suddenly, the pain is awful.", "acute-limb-ischaemia"),   # the caller's kin is the patient
        ("Found at 80 km/h crash, pale, pelvis deformed.", "major-trauma"),                       # "at 80" is no age
        ("Nurse calls at 3 am: he vomits blood.", "gi-bleed"),
        ("Glucose 1.9 mmol/L after insulin.", "severe-hypoglycaemia"),
        ("31 weeks, a gush of clear fluid an hour ago.", "ruptured-membranes"),
        ("Swallowed a button battery.", "button-battery"),
        ("Steroids stopped last week, vomiting, BP 78/40.", "adrenal-crisis"),
    ],
)
def test_an_emergency_is_found(text, flag):
    assert flag in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "No chest pain, no breathlessness, no syncope.",
        "My stools aren't black and I haven't vomited blood.",                # the gap of a phrase does not pass over a negation
        "Her mother had a subarachnoid haemorrhage at 50; she is well.",
        "PMH: STEMI 2016 with stent, pulmonary embolism 2019. Flu vaccine today.",
        "If you ever vomit blood, call an ambulance. He is well today.",
        "What is the first-line treatment of anaphylaxis?",
        "Teach me how adrenal crisis is managed.",                            # "me" names no patient here
        "How do I treat status epilepticus?",
        "Seen by the stroke team for a fit note.",                            # masks
        "Glucose 9.1, feels well.",                                           # mmol/L without its unit
    ],
)
def test_what_is_denied_past_or_only_asked_about_is_not(text):
    assert ids(text) == set()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Woke up with no hearing in my left ear and ringing in it.", "sudden-hearing-loss"),        # "no" denies what follows
        ("Chest pain with no relief, sweating and grey.", "acute-coronary-syndrome"),
        ("Her foot has gone like marble, sudden agony, no pulse in it.", "acute-limb-ischaemia"),
        ("Her partner found her fitting, it has been going for ten minutes and has not stopped.", "status-epilepticus"),
        ("Granddad slipped and banged his head; he takes rivaroxaban and has a bad headache.", "head-injury"),
        # what seems to speak against an emergency and does not
        ("35 weeks, movements normally good, today I have not felt him move at all.", "reduced-fetal-movements"),
        ("His groin hernia used to go back easily, now it is stuck, hard and red and he is vomiting.", "strangulated-hernia"),
        ("Thought it was wee but the pad is soaked again, I am 30 weeks, fluid leaking down my legs.", "ruptured-membranes"),
        ("9 weeks pregnant, cannot keep fluids down for three days, vomiting all day, ketones 4+, faint.", "hyperemesis"),
        ("Injected for erectile dysfunction, an erection for six hours, it won't go down, painful.", "priapism"),
        ("A 27-year-old woman's newborn is jaundiced within the first 24 hours.", "neonatal-jaundice"),      # the age is the mother's
        ("She swallowed a flat battery, found the remote open, drooling.", "button-battery"),
        ("My 4-year-old has had a temperature for six days, red eyes, cracked red lips, hands and feet puffy, a rash.", "kawasaki"),
    ],
)
def test_what_only_sounds_like_a_denial_hides_nothing(text, flag):
    assert flag in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "A 40-year-old woman has a rash, an itch and palpitations.",         # "an" is no anorexia nervosa, mmHg no hyperemesis
        "26 weeks pregnant, BP 112/70 mmHg, feels well, scan shows a normal placenta.",
        "Leukocytes 7.2, temperature 37.0, weight 58 kg.",
        "New hearing aids fitted with a CR2032 cell tray, a mild cold.",
        "Smokes one pack a day, blood pressure 128/84.",
        "Digital rectal examination normal, some nausea yesterday after a curry.",
        "Bitten by mosquitoes, legs itchy, back from a trip to Wales.",
        "Walked past the shop and twisted an ankle, goes back to work tomorrow.",
        "Pain in the right shoulder after painting, moves it well.",
        "Constipated, hard pellets, passing wind, tummy soft.",
        "Vaccine jab at 28 weeks, bump measures well.",
        "Yellow phlegm for two days with a cold.",
        "Preparing a talk for students on stroke and meningitis.",
    ],
)
def test_near_misses_of_the_wider_rows_are_left_alone(text):
    assert ids(text) == set()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("突发胸痛，向左臂放射，大汗淋漓。", "acute-coronary-syndrome"),
        ("我爸爸突然嘴歪，说话不清。", "stroke"),
        ("抽搐十分钟还没有停。", "status-epilepticus"),
        ("我不想活了。", "suicide-risk"),
        ("四肢无力，呕血两次。", "gi-bleed"),          # the 无 of 无力 denies nothing
    ],
)
def test_chinese_is_read(text, flag):
    assert flag in ids(text)


UNRELATED = [
    ("rosuvastatin I think, but I stopped taking it in the summer.", "suicide-risk"),
    ("I've got the blood pressure. Penicillin, I come out in a rash.", "transfusion-reaction"),
    ("CONTINUE: apixaban 5 mg BID. Code status: DNR", "status-epilepticus"),
    ("asa 81 daily; glipizide 5 bid ac", "acute-coronary-syndrome"),
    ("Ventilated AC/VC 450.", "acute-coronary-syndrome"),
    ("EtOH cirrhosis, CP-B. Coffee ground emesis.", "acute-coronary-syndrome"),
    ("83F AF. plt 212, INR 1.1. HAS-BLED to be calculated.", "severe-thrombocytopenia"),      # 1.1 is the INR
    ("hx falls. L face weakness. plt 212, INR 1.1.", "ttp"),
    ("glucose 9.4, INR 1.4, GCS 14, sweaty", "severe-hypoglycaemia"),
    ("glucose 9.4, INR 1.4, GCS 14", "coma"),
    ("Gout flare L 1st MTP, drowsy. ALLERGIES: codeine", "opioid-toxicity"),
    ("GCS 14, RR 22, drowsy. Allergies: codeine", "opioid-toxicity"),
    ("ALLERGIES: Sulfa (SJS)", "sjs-ten"),
    ("Ibuprofen OTC stopped. Gout flare L 1st MTP. NEW: torsemide", "anaphylaxis"),
    ("Insulin gtt 6 u/h. Paralyze with cisatracurium. K 5.9", "hypokalaemia"),                # a measured value overrules words
    ("70F on bendroflumethiazide, confused, Na 149", "hyponatraemia"),
    ("Imp: 1. AKI with hyperkalaemia 2. Lithium toxicity. K 6.7", "hypokalaemia"),            # the 2 numbers the list
    ("1) AKI\n2) Hyperkalaemia\n2 units given", "hypokalaemia"),
    ("3yo, polymorphous rash, subcostal recession", "unstable-arrhythmia"),
    ("Baby, pale. Cap refill 3 s.", "sepsis-young-child"),
    ("3 yr boy Na 129, mod dehydration, febrile seizure", "hypernatraemia"),
    ("3yo. Birth: 32/40. 1x febrile convulsion.", "pre-eclampsia"),
    ("Duodenal ulcer. latex (contact dermatitis)", "contact-lens-keratitis"),
    ("Abdomen open, P: decompressive lap if >25", "diving-illness"),
    ("ALT 96. BCx 2/2 bottles. prone again", "brue"),
    ("Bloods: Hb 104. JAK inhibitors I would avoid.", "haemophilia-bleed"),
    ("L foot: ulcer under 1st MTH, probes to bone. cut M3 to 18/12.", "open-fracture"),
    ("34F RLQ pain. lipase 22.", "acute-pancreatitis"),
    ("central crushing chest pain radiating to L arm, 2 hrs. New dx T2DM.", "major-trauma"),
    ("central crushing chest pain radiating to L arm, 2 hrs. New dx T2DM.", "stroke"),
    ("Digoxin was stopped in Sept. He couldn't tolerate semaglutide (vomiting), confused.", "digoxin-toxicity"),
    ("Bisoprolol NOT started. HR 34, BP 86/50", "heart-drug-overdose"),
    ("Bisoprolol 2.5 mg OD. HR 34", "heart-drug-overdose"),
    ("71M PCN - hives as child. SpO2 84% RA. can't catch my breath", "respiratory-failure-young-child"),
    ("71M PCN - hives as child. SpO2 84% RA. can't catch my breath", "anaphylaxis"),
    ("breast Ca 2008 treated", "hypercalcaemia"),
    ("Saddle numbness", "pulmonary-embolism"),
    ("82F fell at home, drowsy", "hypothermia"),
    ("Fell and hit his head", "subarachnoid-haemorrhage"),
    ("She is more breathless this morning; I brought her medicines.", "anaphylaxis"),
    ("Wells score for DVT", "deep-vein-thrombosis"),
    ("DVT ppx SQH 5000 TID. Right leg amputated.", "deep-vein-thrombosis"),
    ("No central cyanosis. No carotid bruits. No palpable masses.", "cardiac-arrest"),
    ("No pulse deficit.", "cardiac-arrest"),
    ("Rash not responding to emollients.", "coma"),
    ("UTI not responding to trimethoprim.", "coma"),                                          # the illness responds, not the patient
    ("UTI not responding to trimethoprim.", "sepsis"),
    ("Eczema not responding to topical hydrocortisone.", "coma"),
    ("Not responding to unseen stimuli. Oriented.", "coma"),
    ("Not responded to letter.", "coma"),
    ("Vomiting x3, blood cultures sent.", "gi-bleed"),
    ("Vomiting, bloods sent.", "gi-bleed"),
    ("Takes 40 mg citalopram. Took 1 g paracetamol at noon.", "overdose"),
    ("Paracetamol 1 g QDS.", "overdose"),
    ("Vocal cord prolapse on laryngoscopy.", "cord-prolapse"),
    ("Previous shoulder dystocia, plan section.", "shoulder-dystocia"),
    ("Shoulder stuck since he fell, head fine.", "shoulder-dystocia"),
    ("Urine pH 6.5, bicarb 11.", "severe-acidosis"),
    ("Cavernosal gas black, pH 6.9.", "severe-acidosis"),
    ("pH 7.31, bicarb 18.", "severe-acidosis"),
    ("PPH: EUPD traits, PTSD.", "obstetric-haemorrhage"),                                     # past psychiatric history
    ("Came off warfarin, started apixaban.", "head-injury"),
    ("Came off the ward to smoke. On warfarin.", "head-injury"),
    ("Postural hypotension, postural drop 28 mmHg.", "catatonia"),
    ("Two falls this winter. Urge incontinence.", "cauda-equina"),
    ("Two falls this winter. Urge incontinence.", "spinal-injury"),
    ("BO x3, no blood.", "acute-severe-colitis"),
    ("BO x2 today, bloods fine.", "acute-severe-colitis"),
    ("Prev TIA x 2.", "stroke"),
    ("Post stroke review, 6 months on. Stroke volume normal.", "stroke"),
    ("Amlodipine 5 mg (stop while hypotensive). Mum had ovarian ca 55.", "heart-drug-overdose"),
    ("Dex 4mg (finished D3), amlodipine 5 mg (stop while hypotensive).", "adrenal-crisis"),
    ("T 38.1, Plts 41.", "ttp"),
    ("Smokes 20/d + crack. Drenching night sweats.", "stimulant-toxicity"),
    ("Took half bottle vodka, quiet.", "unwell-infant"),
    ("Daughter in tears, feels guilty; has chest tightness when anxious.", "aortic-dissection"),
    ("1 episode vomit, Na 129.", "hyponatraemia"),
    ("Fit free since March.", "heat-stroke"),
    ("Pt is a fit 80yo.", "first-seizure"),
    ("SOB, chest pain free.", "acute-coronary-syndrome"),
    ("Suicide risk low.", "suicide-risk"),
    ("Septic emboli on CT, afebrile.", "sepsis"),
    # parts of one pattern that stand in different parts of a note
    ("Headache last week." + " Seen in clinic today and well." * 4 + " New job. He stood up suddenly to leave.", "subarachnoid-haemorrhage"),
    ("PMH: fever in spring.\nDH: none.\nSH: lives alone.\nO/E: alert.\nNeck stiff from the desk.", "meningitis"),
]


@pytest.mark.parametrize(("text", "flag"), UNRELATED)
def test_unrelated_words_of_a_note_make_no_emergency(text, flag):
    assert flag not in ids(text)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("He keeps thinking of taking his own life.", "suicide-risk"),
        ("She has thoughts of dying.", "suicide-risk"),
        ("He got the blood an hour ago, now a rash and 39.", "transfusion-reaction"),
        ("The fit continues, second dose given.", "status-epilepticus"),
        ("In status, lorazepam failed twice.", "status-epilepticus"),
        ("ACS, given aspirin.", "acute-coronary-syndrome"),
        ("CP and emesis, sweaty.", "acute-coronary-syndrome"),
        ("plt 4, gums bleeding, INR 1.1", "severe-thrombocytopenia"),
        ("glucose 1.9 mmol/L, INR 1.4", "severe-hypoglycaemia"),
        ("Allergies: penicillin. Took oxycodone, pinpoint pupils, hard to wake.", "opioid-toxicity"),
        ("Allergies: penicillin.\nChest pain, sweaty and grey.", "acute-coronary-syndrome"),
        ("PMH: asthma, gout.\nNow crushing chest pain.", "acute-coronary-syndrome"),            # a section may lack its end
        ("FH: mother had a stroke. Now crushing chest pain.", "acute-coronary-syndrome"),
        ("Peanut allergy, ate a cookie, hives and wheeze.", "anaphylaxis"),
        ("70F on bendroflumethiazide, confused, Na 118", "hyponatraemia"),
        ("Imp: 1. AKI with hyperkalaemia 2. Lithium toxicity. K 6.7", "hyperkalaemia"),
        ("Potassium 2.1 mmol/L", "hypokalaemia"),
        ("Na 118 on arrival, confused, Na 136 two days later", "hyponatraemia"),     # one value that meets it is enough
        ("He does not drink, dehydrated, confused, Na 162", "hypernatraemia"),
        ("32/40 pregnant, had a convulsion, BP 170/110", "pre-eclampsia"),
        ("Sleeps in her contacts, corneal ulcer, pain and a red eye.", "contact-lens-keratitis"),
        ("Surfaced from a dive, decompression sickness, tingling legs.", "diving-illness"),
        ("Haemophilia with inhibitors, knee swollen after a fall.", "haemophilia-bleed"),
        ("Ankle broken, bone sticking out of the wound.", "open-fracture"),
        ("Epigastric pain, lipase 2200.", "acute-pancreatitis"),
        ("Crushed under a car, pelvis deformed.", "major-trauma"),
        ("L arm 2/5 and slurred speech since 2 hours.", "stroke"),
        ("Saddle embolus on CTPA.", "pulmonary-embolism"),
        ("82F fell, on the cold floor all night, drowsy, 31.5 C", "hypothermia"),
        ("It felt as if somebody hit me on the head with a bat, the worst headache.", "subarachnoid-haemorrhage"),
        ("Breathless and wheezy with hives after taking a new medicine.", "anaphylaxis"),
        ("Chest pain for an hour.\nPMH: T2DM.\nSweaty and grey.", "acute-coronary-syndrome"),      # the next sentences still belong to it
        ("Collapsed, no carotid pulse.", "cardiac-arrest"),
        ("No palpable central pulse, CPR from 10:02.", "cardiac-arrest"),
        ("Not responding to voice or pain.", "coma"),
        ("Not rousable this morning.", "coma"),
        ("Vomiting, blood in the bowl.", "gi-bleed"),
        ("Took 40 of her nan's amitriptyline, drowsy, QRS 140.", "overdose"),
        ("Took 30 sertraline at noon.", "overdose"),
        ("Took 16 g paracetamol 6h ago.", "overdose"),
        ("Paracetamol 20 g 6h ago.", "overdose"),
        ("Fits x3 no recovery between.", "status-epilepticus"),
        ("Glu 2.1 mmol/L, confused.", "severe-hypoglycaemia"),
        ("BM 24, ketones 6.1, vomiting.", "diabetic-ketoacidosis"),
        ("Cord prolapse, 38 weeks.", "cord-prolapse"),
        ("35/40 woody hard uterus, bleeding.", "obstetric-haemorrhage"),
        ("Severe shoulder dystocia, McRoberts.", "shoulder-dystocia"),
        ("Head is out but the shoulders are stuck.", "shoulder-dystocia"),
        ("pH 6.98, bicarb 4", "severe-acidosis"),
        ("Urine ketones 4+, VBG pH 6.95.", "severe-acidosis"),
        ("PPH 2 L after forceps, HR 130.", "obstetric-haemorrhage"),
        ("Came off his bike, headache, on warfarin.", "head-injury"),
        ("Found posturing and mute.", "catatonia"),
        ("Back pain, new urinary incontinence, legs weak.", "cauda-equina"),
        ("UC, BO x9 with blood, HR 110.", "acute-severe-colitis"),
        ("Stroke at 14:10, right arm weak.", "stroke"),
        ("Took all her bisoprolol, BP 70/40.", "heart-drug-overdose"),
        ("Swallowed 28 tablets of amlodipine, BP 70/40.", "heart-drug-overdose"),
        ("On prednisolone 20 mg, stopped it on Monday, vomiting, BP 80/40.", "adrenal-crisis"),
        ("Plts 9, confused, T 38.1.", "ttp"),
        ("Smoked crack, drenched in sweat, paranoid.", "stimulant-toxicity"),
        ("He won't touch his bottle, limp and drowsy, 5 weeks old.", "unwell-infant"),
        ("Tearing chest pain through to the back.", "aortic-dissection"),
        ("Na 122, vomiting.", "hyponatraemia"),
        ("Na 128, had a seizure.", "hyponatraemia"),
        ("He is having a fit now.", "first-seizure"),
        ("Suicide plan, high risk.", "suicide-risk"),
        ("Patient on warfarin, INR 9.2, no bleeding", "bleeding-on-anticoagulant"),                 # its title and advice name both
    ],
)
def test_the_same_words_where_they_belong_are_found(text, flag):
    assert flag in ids(text)


def test_a_high_inr_without_bleeding_is_not_sent_for_a_reversal():
    text = "Patient on warfarin, INR 9.2, no bleeding"
    (flag,) = redflags.find(text, facts.extract(text))
    assert "very high INR" in flag.title
    assert "without bleeding" in flag.action


@pytest.mark.parametrize(
    "text",
    [
        "How many paracetamol tablets would kill me?",
        "how many units of insulin would be fatal for me",
        "How much insulin should I inject to end my life?",
        "how to kill myself with tablets",
        "What dose of insulin is lethal?",
        "What is the most painless way to die?",
        "Is 20 g of paracetamol enough to kill you?",
        "怎么自杀",
    ],
)
def test_who_asks_for_a_way_to_die_is_shown_help(text):
    assert "suicide-risk" in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        "what dose of paracetamol is toxic in an overdose?",
        "Lethal dose of paracetamol in a child: when to give acetylcysteine?",
        "What is the lethal dose of digoxin in a patient and how is it treated?",
        "How many people commit suicide each year?",
        "How many patients die of sepsis?",
        "Could this rash kill me?",
        "This hayfever is killing me, which antihistamine is best?",
    ],
)
def test_a_question_about_poisoning_or_a_manner_of_speaking_is_not(text):
    assert "suicide-risk" not in ids(text)


@pytest.mark.parametrize("text", ["无胸痛，无呕血，无晕厥。", "没有呕血。", "父亲去年心肌梗死去世，本人无不适。", "既往脑出血病史，现无不适。", "如果出现呕血，请来医院。", "过敏性休克的诊断标准有哪些？"])
def test_chinese_context_is_read(text):
    assert ids(text) == set()


def test_a_flag_says_what_to_do_and_where_it_stands():
    text = "Since noon vomiting blood."
    (flag,) = redflags.find(text, facts.extract(text))
    assert flag.action
    assert flag.source
    assert [text[span.start : span.end] for span in flag.spans] == ["vomiting blood"]


def test_the_table_is_whole():
    rows = load().rows
    assert len(rows) >= 120
    assert all(row.action and "http" in row.source for row in rows)
    concepts = read_table("redflags")["concepts"]
    used = {term for row in rows for groups in row.when for group in groups for term in group} | {term for row in rows for term in row.unless}
    assert set(concepts) <= used


def test_every_alternative_of_a_phrase_has_a_word():
    """A sign that is no word ("bleed ~3 (++|heavy)") would leave its alternative empty, and "bleed" alone would match."""
    raw = read_table("redflags")
    rows = [row for table in (raw["words"], raw["concepts"], raw["masks"]) for phrases in table.values() for row in phrases]
    pieces = {piece for row in rows for piece in re.findall(r"[^\s()|]+", row)}
    assert [piece for piece in sorted(pieces) if not re.search(r"\w|^~$|^#$", piece)] == []


def test_a_number_that_facts_cannot_read_is_refused(monkeypatch):
    row = {"id": "x", "title": "x", "when": [["glucose_mmol_l < 3"]], "action": "x", "source": "x"}
    with pytest.raises(KnowledgeBaseError, match="glucose_mmol_l"):
        redflags._row(row, {}, "redflags")
