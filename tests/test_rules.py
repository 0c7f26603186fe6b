from __future__ import annotations

import pytest

from knowledge_base.rules import holds, parse_rule


@pytest.mark.parametrize(
    ("rule", "numbers", "states", "expected"),
    [
        ("egfr_ml_min_1_73m2 < 30 -> contraindicated metformin", {"egfr_ml_min_1_73m2": 29.9}, {}, True),
        ("egfr_ml_min_1_73m2 < 30 -> contraindicated metformin", {"egfr_ml_min_1_73m2": 30.0}, {}, False),  # the boundary is not below
        ("egfr_ml_min_1_73m2 <= 30 -> contraindicated metformin", {"egfr_ml_min_1_73m2": 30.0}, {}, True),
        ("egfr_ml_min_1_73m2 < 30 -> contraindicated metformin", {}, {}, None),  # missing is missing
        ("pregnant is yes -> contraindicated lisinopril", {}, {"pregnant": {"yes": True}}, True),
        ("pregnant is yes -> contraindicated lisinopril", {}, {}, None),
        ("age_years >= 80 and weight_kg <= 60 -> reduce-dose apixaban", {"age_years": 81, "weight_kg": 60}, {}, True),
        ("age_years >= 80 and weight_kg <= 60 -> reduce-dose apixaban", {"age_years": 79}, {}, False),  # one false settles it
        ("age_years >= 80 and weight_kg <= 60 -> reduce-dose apixaban", {"age_years": 81}, {}, None),
    ],
)
def test_rules_are_three_valued(rule, numbers, states, expected):
    assert holds(parse_rule(rule, where="here"), numbers, states) is expected
