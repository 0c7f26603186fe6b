from __future__ import annotations

import pytest

from assistant.gate.asked import untold_doses, untold_pair

HELD = [
    "Give primaquine 30 mg orally once daily for 14 days in adults with vivax malaria; single-dose tafenoquine needs a G6PD test.",
    "Allopurinol starts at 100 mg orally once daily in adults with gout.",
    "Give a statin such as atorvastatin 20 mg once daily for primary prevention.",
]
HEARD = ("primaquin", "gout", "malaria")


@pytest.mark.parametrize(
    ("question", "untold"),
    [
        ("What dose of primaquine in vivax malaria?", ()),
        (
            "P. vivax, wants the single-dose tafenoquine instead of 2 weeks of primaquine: how many mg?",
            ("tafenoquine",),
        ),  # named, without a dose
        ("Gout, allopurinol failed. Probenecid starting dose?", ("probenecid",)),
        ("5 crises a year on hydroxyurea. Crizanlizumab infusion dose?", ("Crizanlizumab",)),
        ("Sickle cell: zorbalimumab dosing?", ("zorbalimumab",)),  # a drug that no list knows
        ("Inhibitors, starting zorcizumab. Loading dose mg/kg?", ("zorcizumab",)),
        ("Klebsiella sensitive to one drug only. Zetroja dose and interval?", ("Zetroja",)),  # a trade name
        ("Zebraic crisis in resus: what dose?", ()),  # a capital letter alone is none
        ("Is probenecid contraindicated with stones?", ()),  # no dose is asked for
        ("Takes probenecid. What dose of allopurinol?", ()),
        ("Allopurinol or probenecid, and at what dose?", ()),  # of two one is an answer
        ("atorvastatin dose?", ()),
        ("rosuvastatin dose?", ("rosuvastatin",)),  # that of another statin is no answer
        ("barking cough in a toddler, what dose?", ()),  # no drug is named
        ("How much exercise each week?", ()),
    ],
)
def test_a_dose_that_stands_nowhere_is_missed_and_no_other(question, untold):
    assert untold_doses(question, HELD, HEARD) == untold


@pytest.mark.parametrize(
    ("question", "texts", "pair"),
    [
        ("Can I give warfarin with fluconazole?", ["Fluconazole raises the INR of people on warfarin."], ()),
        (
            "Can I give warfarin with fluconazole?",
            ["Warfarin is started at 5 mg.", "Fluconazole 150 mg once."],
            ("warfarin together with fluconazole",),
        ),
        ("Warfarin or fluconazole?", [], ()),
        ("Warfarin with food?", [], ()),
    ],
)
def test_two_drugs_together_need_a_statement_on_both(question, texts, pair):
    assert untold_pair(question, texts) == pair
