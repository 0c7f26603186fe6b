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
        # in other words
        ("Allergic band says pen ?rxn - wife thinks swelling of lips", [("penicillin", "present")]),
        ("Allergies: pen", [("penicillin", "present")]),
        ("Insulin pen - rash at the site", []),
        ("Carries an Epi-pen, rash today", []),
        ("NKDA, intol statins - myalgia", [("drug allergy", "absent"), ("statin", "present")]),
        ("Allergic docetaxel; teicoplanin red man", [("docetaxel", "present"), ("teicoplanin", "present")]),
        ("Sensitive to opiates", [("opioid", "present")]),
        ("Pt is very sensitive to codeine.", [("codeine", "present")]),
        ("MSU: E coli. Sensitive to trimethoprim.", []),
        ("E coli sensitive to trimethoprim", []),
        ("Morphine = itching", [("morphine", "present")]),
        ("Cetirizine (itch), fexofenadine - itching", []),
        ("Penicillin allergy - removed after testing", [("penicillin", "absent")]),
        ("Allergies: latex (catheter removed on Tuesday)", [("latex", "present")]),
        # whose it is
        ("Doctor: Allergies?\nPatient: Not that I know. My daughter's allergic to penicillin.", [("drug allergy", "absent")]),
        ("Patient: My daughter's allergic to penicillin.", []),
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


@pytest.mark.parametrize(
    ("text", "finding", "when"),
    [
        ("Allergies: PCN (hives as child)", "hives", ["history"]),
        ("Allergies: PCN (hives as child)", "child", ["history"]),
        ("Allergies: codeine (N/V), Levaquin - tendon rupture.", "tendon rupture", ["history"]),
        ("Allergies: ACE-i cough only. Contrast - anaphylaxis 2015.", "cough", ["history"]),
        ("Allergies: ACE-i cough only.", "ACE inhibitor use", ["history"]),
        ("Allergies: morphine = itching; Zofran OK.", "itching", ["history"]),
        ("NKDA, intol statins - myalgia", "statin-associated myopathy", ["history"]),
        ("IV NOT given (allergic band says pen ?rxn - wife thinks swelling of lips).", "lip swelling", ["history"]),
        ("Vancomycin -> rash", "rash", ["history"]),
        ("Penicillin allergy (rash). Now has a rash on the legs.", "rash", ["history", "now"]),
        ("Allergies: penicillin. Rash on legs.", "rash", ["now"]),
        ("Allergies: penicillin (rash today)", "rash", ["now"]),
        ("Allergies: penicillin, presents with cough", "cough", ["now"]),
        ("Hydrocortisone (rash)", "rash", ["now"]),       # may be what it is for
        ("Given amoxicillin -> rash", "rash", ["now"]),
        ("Peanuts -> lip swelling and wheeze", "lip swelling", ["now"]),       # no word says that this is over
        ("Anaphylaxis to amoxicillin (lip swelling, wheeze)", "lip swelling", ["now"]),
    ],
)
def test_the_reaction_behind_an_allergy_is_past(text, finding, when):
    assert [item.when for item in facts.extract(text).findings if item.name == finding] == when


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Allergies: morphine = itching; Zofran OK.", [("ondansetron", "hypothetical")]),
        ("Allergies: penicillin - tolerates cefalexin", [("cefalexin", "hypothetical")]),
        ("Allergies: NKDA. Takes aspirin.", [("aspirin", "now")]),
        ("Allergic docetaxel; teicoplanin red man", []),
    ],
)
def test_what_a_list_of_allergies_says_is_borne_is_not_taken(text, told):
    assert [(drug.name, drug.when) for drug in facts.extract(text).medications] == told


def test_an_allergy_beside_none_known_is_flagged():
    found = facts.extract("ALLERGIES: Sulfa (SJS), lisinopril - cough only. NKDA per ED triage.")
    assert found.medications == ()
    assert found.conflicts == ("no known allergies, and an allergy to sulfonamide, lisinopril",)
