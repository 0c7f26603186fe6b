from __future__ import annotations

import pytest

from assistant.gate import claims, quantities
from assistant.gate.clauses import clauses


def numbers(text):
    return [(round(q.value, 6), q.unit, q.comparator) for q in claims.read(text).quantities]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for 5-7 days", [(7200, "minute", ""), (10080, "minute", "")]),  # the start of a range has the unit of its end
        ("one to two tablets", [(1, "tablet", ""), (2, "tablet", "")]),
        ("half a tablet", [(0.5, "tablet", "")]),
        ("1/2 tablet", [(0.5, "tablet", "")]),
        ("one of the drugs", []),  # no quantity
        ("0.1 mcg/kg/min", [(0.0001, "mg/kg/minute", "")]),
        ("100 micrograms", [(0.1, "mg", "")]),
        ("7 g/dL (70 g/L)", [(70, "mg/mL", ""), (70, "mg/mL", "")]),  # the same in two units
        ("eGFR below 30 mL/min/1.73 m2", [(30, "mL/minute", "below")]),  # the body surface is no number
        ("Guidance of 2019 says 3 days", [(4320, "minute", "")]),  # nor is a year of publication
        ("COVID-19 and GLP-1 and COX-2", []),  # nor are names
        ("on day 1 and the second day", [(1, "#day", ""), (2, "#day", "")]),  # labels, no lengths
        ("weeks 0, 2 and 6", [(0, "#week", ""), (2, "#week", ""), (6, "#week", "")]),
        ("140/90 mmHg or above", [(140, "mmHg", "at_least"), (90, "mmHg", "at_least")]),
        ("no more than 5 mg", [(5, "mg", "at_most")]),  # "more than" is a part of it
        ("should not exceed 20 mg", [(20, "mg", "at_most")]),
        ("below 95 mg/dL (5.3 mmol/L)", [(0.95, "mg/mL", "below"), (0.0053, "mmol/mL", "below")]),
        ("12 mg/dL (3.0 mmol/L) or above", [(0.12, "mg/mL", "at_least"), (0.003, "mmol/mL", "at_least")]),
        ("from 15 to below 30 mL/min", [(15, "mL/minute", ""), (30, "mL/minute", "below")]),  # "from" begins a range
        ("from 5 years of age", [(60, "month", "at_least")]),
        ("platelets above 50 x10^9/L", [(0.05, "10^9/mL", "above")]),
        ("1,500 mg", [(1500, "mg", "")]),
    ],
)
def test_numbers_are_read_with_unit_and_comparator(text, expected):
    assert numbers(text) == expected


def test_a_range_is_kept_as_one():
    assert quantities.read("every 6 to 12 hours")[1] == {(360.0, 720.0, "minute")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acetaminophen", "paracetamol"), ("epinephrine", "adrenaline"), ("albuterol", "salbutamol"), ("nitroglycerin", "GTN"), ("rifampin", "rifampicin"),
    ],
)  # fmt: skip
def test_two_names_of_a_drug_are_one(one, other):
    assert claims.read(f"Give {one}.").drugs == claims.read(f"Give {other}.").drugs != frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("twice daily", {"2"}), ("every 12 hours", {"2"}), ("three times a day", {"3"}), ("every 8 hours", {"3"}), ("once a week", {"1/7"}),
        ("100 mg/day", {"1"}), ("as a single oral dose", {"single"}), ("at least once a week", {"at least 1/7"}), ("two to four times daily", {"2-4"}),
    ],
)  # fmt: skip
def test_frequencies_are_identities(text, expected):
    assert claims.read(text).frequencies == expected


def test_a_dose_belongs_to_the_drug_before_it():
    found = claims.read("Give levofloxacin 500 mg once daily or ofloxacin 200 mg twice daily.")
    assert found.doses == {("levofloxacin", "mg", 500.0), ("ofloxacin", "mg", 200.0)}
    assert found.drug_frequencies == {("levofloxacin", "1"), ("ofloxacin", "2")}


def test_conditions_are_known_by_synonyms():
    assert claims.read("Shingles is treated.").conditions == claims.read("Herpes zoster is treated.").conditions
    assert claims.read("COPD").conditions != claims.read("asthma").conditions
    assert "pregnancy" not in " ".join(claims.read("In pregnancy, give iron.").conditions)  # whom a sentence is about is no disease


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("Give drug A; drug B is contraindicated in pregnancy.", ["drug b is contraindicated in pregnancy."]),
        ("If there is no response, give drug A.", ["no response"]),
        ("Give drug A rather than drug B.", ["rather than drug b."]),
        ("Drug A is not contraindicated.", []),  # two cancel out
        ("Give no more than 5 mg.", []),  # a limit denies nothing
        ("No transfusion is needed.", ["no transfusion is needed."]),
        ("Never stop drug A suddenly, carry a card.", ["never stop drug a suddenly"]),
    ],
)
def test_a_negation_counts_for_its_clause_only(text, negative):
    assert [clause.text for clause in clauses(quantities.normalised(text)) if clause.against] == negative
