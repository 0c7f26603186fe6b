"""Allergies of a text: headings, reactions, doubts, what is tolerated, and whose they are."""

from __future__ import annotations

import pytest

from assistant import facts


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


def test_an_allergy_beside_none_known_is_flagged():
    found = facts.extract("ALLERGIES: Sulfa (SJS), lisinopril - cough only. NKDA per ED triage.")
    assert found.medications == ()
    assert found.conflicts == ("no known allergies, and an allergy to sulfonamide, lisinopril",)
