from __future__ import annotations

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


def test_a_number_that_facts_cannot_read_is_refused(monkeypatch):
    row = {"id": "x", "title": "x", "when": [["glucose_mmol_l < 3"]], "action": "x", "source": "x"}
    with pytest.raises(KnowledgeBaseError, match="glucose_mmol_l"):
        redflags._row(row, {}, "redflags")
