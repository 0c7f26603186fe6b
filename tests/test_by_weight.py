"""Doses per kilogram multiplied out for the weight of the chart."""

from __future__ import annotations

import pytest

from assistant.facts import extract
from assistant.records import Citation, Span
from assistant.risk.by_weight import sentences, worked

WORKED = [
    ("Give 0.6 mg/kg orally once.", 16, ["0.6 mg/kg is 9.6 mg"]),
    ("10 to 15 mg/kg every 6 hours", 20, ["10–15 mg/kg is 200–300 mg"]),
    ("10 micrograms/kg, then 5 micrograms/kg/min", 8, ["10 micrograms/kg is 80 micrograms", "5 micrograms/kg/min is 40 micrograms/min"]),
    ("20 mL/kg of saline and 4 J/kg", 12.5, ["20 mL/kg is 250 mL", "4 J/kg is 50 J"]),
    ("50 mg/kg per day in 2 doses", 14, ["50 mg/kg per day is 700 mg per day"]),
    ("0.1 units/kg/hour", 72, ["0.1 units/kg/hour is 7.2 units/hour"]),
    ("Adults take 500 mg; weight 60 kg or less", 16, []),           # no dose per kilogram
    ("BMI of 30 kg/m2", 80, []),
]


@pytest.mark.parametrize(("text", "weight", "expected"), WORKED)
def test_amounts_per_kilogram_are_multiplied(text, weight, expected):
    assert worked(text, weight) == expected


def cited(quote):
    return Citation("croup#treatment.1", quote, "Croup", "source", "https://example.org", Span(0, 1))


@pytest.mark.parametrize(
    ("question", "quote", "shown"),
    [
        ("4yo, 16 kg, croup", "Give dexamethasone 0.15 mg/kg.", "At 16 kg, 0.15 mg/kg is 2.4 mg."),
        ("4yo, 16 kg, croup", "Give 0.6 mg/kg, maximum 16 mg.", "At 16 kg, 0.6 mg/kg is 9.6 mg; the statement sets a maximum, which holds."),
        ("4yo with croup", "Give dexamethasone 0.15 mg/kg.", None),                     # no weight: nothing is guessed from age
        ("62F, 120 kg", "Give 5 mg/kg of ideal body weight.", None),                    # not the weight that was measured
        ("62F, birth weight 2.1 kg", "Give 5 mg/kg.", None),                            # not the weight of now
        ("Baby of 4 weeks, weight 3500 kg", "Give 5 mg/kg.", None),                     # not a weight
    ],
)
def test_only_the_measured_weight_is_used(question, quote, shown):
    found = [sentence.text for sentence in sentences(extract(question), [cited(quote)])]
    assert found == ([shown] if shown else [])
