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
