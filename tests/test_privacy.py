"""What a copy hides, and what it must leave."""

from __future__ import annotations

import pytest

from assistant.facts import extract
from assistant.privacy.deidentify import deidentify, find
from assistant.privacy.digits import iban, nhs, real_date, vin
from assistant.privacy.words import rank


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson disease, Wilson's disease, Addison disease, Graves' disease and Crohn's disease.",
        "Known Crohn. History of Addison. Graves in remission.",  # an eponym alone
        "Mother has Parkinson disease, brother with Hodgkin lymphoma.",  # after a relative too
        "Family: mother Parkinson, father Crohn.",
        "Glasgow Coma Scale 15, Wells score 1.5, Apgar 7 and 9, TIMI 3, GRACE 140.",
        "Ballard 34, Waterlow 18, Braden 14, Norton 12.",  # a score that no table holds
        "Kikuchi disease, Bromage score 2, Kellgren-Lawrence grade 3, Ghon complex.",  # nor these
        "Klebsiella pneumoniae and Aerococcus urinae grew.",  # a microbe has a second name in small letters
        "Mixtard 30 units, Symbicort 200/6 2 puffs, taking Phexxi.",  # a dose or a verb shows a drug
        "He may need a CT. She will return. Will review.",
        "Foley catheter, Holter monitor, Ringer's lactate, Trendelenburg position, Babinski down-going.",
        "HISTORY OF PRESENT ILLNESS\nPHYSICAL EXAM\nCHEST XRAY: SAGITTAL VIEW",  # headings of capitals
        "RT-PCR, CK-MB, FiO2, HgbA1c, LFTs, QuantiFERON",
        "However, the pain went. Subsequently she recovered. Unfortunately it came back.",
        "Seen in the Heart Failure Clinic, then the Emergency Department and a day hospital.",
        "pH 7.10, call if glucose 14.1/41, INR 30.5/28, MRI 3 T, BP 120/80, HR 76",
        "A 72-year-old man, weight 92 kg, 90 mmHg, 95% on air, 93 years ago",
        "MS relapse in 2004; MR Brain 2019",  # no title, and a year alone may stay
        "Take 2 tablets 3 times daily for 10 days. Room air.",
        "discuss further; discuss the plan",
    ],
)
def test_medicine_is_left_alone(text):
    assert deidentify(text).text == text


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Mr. Smith's pain is better.", "Mr. [NAME]'s pain is better."),
        ("Mr Graves has Graves disease.", "Mr [NAME] has Graves disease."),
        ("Dr. Foley placed a Foley catheter.", "Dr. [NAME] placed a Foley catheter."),
        ("Dr May called in May.", "Dr [NAME] called in [DATE]."),
        ("Discussed with Dr Will Long.", "Discussed with Dr [NAME]."),
        ("John Wilson has Wilson disease.", "[NAME] has Wilson disease."),
        ("accompanied by his wife Mary", "accompanied by his wife [NAME]"),
        ("Mum (Dawn) worried", "Mum ([NAME]) worried"),
        ("his son Will Begaye", "his son [NAME]"),  # a verb elsewhere
        ("Signed: J. Ferreira, RN", "Signed: [NAME], RN"),
        ("Name: DELGADO, MARIA T\nMRN: 4471902", "Name: [NAME]\nMRN: [ID]"),
        ("seen by dr patel today", "seen by dr [NAME] today"),
        ("hi , martha . martha is a 50-year-old", "hi , [NAME] . [NAME] is a 50-year-old"),
        ("Frank Castle, 50, came.", "[NAME], 50, came."),  # two words that may both be names
        ("Seen by Green.", "Seen by [NAME]."),
    ],
)
def test_names(text, copy):
    assert deidentify(text).text == copy


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("NHS No: 943 476 5919", "NHS No: [NHS]"),
        ("943 476 5918", "[PHONE]"),  # a wrong check digit: no NHS number, still no number of a note
        ("SSN 219-09-9999", "SSN [SSN]"),
        ("Pacemaker serial number PJN482913S", "Pacemaker serial number [DEVICE]"),
        ("plate KX19 ZRW", "plate [PLATE]"),
        ("VIN 1HGCM82633A004352", "VIN [VEHICLE]"),
        ("Insurance: HX-882-19037", "Insurance: [ACCOUNT]"),
        ("w.begaye@example.org, www.example.org, 192.168.4.17", "[EMAIL], [URL], [IP]"),
        ("Call back 07700 900461", "Call back [PHONE]"),
        ("a 93-year-old", "a [AGE]-year-old"),
        ("Lives at 45 Mill St, Dayton OH 45402.", "Lives at [ADDRESS]."),
        ("Address: 27 Orchard Lane, Shrewsbury SY3 7QT\nTel", "Address: [ADDRESS]\nTel"),
        ("12 Example Street\nPMH: Diabetes", "[ADDRESS]\nPMH: Diabetes"),  # a heading is no town
        ("Station at Villacher Strasse 89", "Station at [ADDRESS]"),
        ("lives in Reading, reading a book", "lives in [PLACE], reading a book"),
        ("transferred from St. Columba Hospital", "transferred from [ORGANISATION]"),
        ("returned from Ghana", "returned from [COUNTRY in Western Africa]"),
        ("a Polish man of Indian origin", "a [NATIONALITY] man of Indian origin"),  # risk depends on some ethnic groups
    ],
)
def test_numbers_and_places(text, copy):
    assert deidentify(text).text == copy


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Anna Beispiel came. Ms Beispiel left. Dr Quillfeather saw Beispiel.", "[NAME] came. Ms [NAME] left. Dr [NAME 2] saw [NAME]."),
        ("From 2024-02-27 to 2024-03-01, seen 2024-02-26.", "From [DATE] to [DATE+3], seen [DATE-1]."),
        ("03/04/2024, 05/04/2024", "[DATE], [DATE 2]"),  # day or month first? it is not said
        ("13/04/2024, 05/04/2024", "[DATE], [DATE-8]"),
        ("Born 01/13/1921, seen 01/14/2024", "Born [DATE], seen [DATE 2]"),  # the distance would tell an age over 89
    ],
)
def test_the_same_identifier_has_the_same_tag(text, copy):
    assert deidentify(text).text == copy


def test_places_are_those_of_the_original():
    text = "Tel: 020 7946 0018, Dr Quillfeather"
    assert [text[item.span.start : item.span.end] for item in find(text)] == ["020 7946 0018", "Quillfeather"]


def test_facts_survive():
    note = "Mrs Quillfeather, 72-year-old woman with Parkinson disease and Crohn disease. Levodopa 100 mg TDS. Creatinine 1.4 mg/dL. No fever."
    before, after = extract(note), extract(deidentify(note).text)
    assert before.age_years == after.age_years
    assert [(m.name, m.value) for m in before.measurements] == [(m.name, m.value) for m in after.measurements]
    assert [(f.name, f.presence) for f in before.findings] == [(f.name, f.presence) for f in after.findings]
    assert [(d.name, d.dose) for d in before.medications] == [(d.name, d.dose) for d in after.medications]


def test_check_digits():
    assert (nhs("943 476 5919"), nhs("943 476 5918")) == (True, False)
    assert (vin("1HGCM82633A004352"), vin("1HGCM82634A004352")) == (True, False)
    assert (iban("GB82 WEST 1234 5698 7654 32"), iban("GB82 WEST 1234 5698 7654 33")) == (True, False)
    assert (real_date("31/12/2024"), real_date("56/23/35"), real_date("30.5.28")) == (True, False, True)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("Quillfeather", "name"), ("McAllister", "name"), ("Anne-Marie", "name"), ("O'Connell", "name"), ("Castle", "rarely"), ("Rose", "rarely"), ("Rivers", "perhaps"), ("Parkinson", "rarely"), ("However", "word"), ("Transesophageal", "word"), ("CK-MB", "word"), ("Two-dimensional", "word")],
)
def test_rank(word, expected):
    assert rank(word) == expected
