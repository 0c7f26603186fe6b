"""Risk tools under random inputs: nothing but InputError, no number for what is missing, and the possible range holds the true value."""

from __future__ import annotations

import random
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import InputError, MissingInputs, UnknownTool
from assistant.risk import assess, describe, tool, tools
from assistant.risk.tool import DATE, Tool
from knowledge_base.scores import YES_NO, score_tables
from knowledge_base.tables import measurements

OURS = [found for found in tools() if found.kind in ("score", "equation")]
EXAMPLES = tomllib.loads((Path(__file__).parent / "risk_examples.toml").read_text(encoding="utf-8"))["example"]
RANGED = [found for found in OURS if found.kind == "score" or assess(found.name, {}).low is not None]
CLINICAL = ("CKD-EPI 2021", "Wells' Criteria for DVT", "CHA2DS2-VASc", "HAS-BLED", "curb-65", "MELD-Na", "corrected calcium", "anion gap", "bmi")


def within(found: Tool, name: str) -> tuple[float, float]:
    row = measurements()[name]
    return found.limits.get(name, (row.low, row.high))


def random_value(found: Tool, name: str, rng: random.Random) -> object:
    unit = found.inputs[name]
    if unit == YES_NO:
        return rng.random() < 0.5
    if unit == DATE:
        return f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    if found.choices(name):
        return rng.choice(found.choices(name))
    low, high = within(found, name)
    return round(rng.uniform(low, min(high, low + rng.choice((0.05, 0.2, 1.0)) * (high - low))), 2)


def random_inputs(found: Tool, rng: random.Random) -> dict[str, object]:
    return {name: random_value(found, name, rng) for name in found.inputs if name not in found.optional or rng.random() < 0.7}


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
def test_random_inputs_give_a_number_or_an_input_error(found):
    rng = random.Random(found.name)
    for _ in range(25):
        try:
            result = assess(found.name, random_inputs(found, rng))
        except InputError:
            continue
        assert result.value is None or abs(result.value) < 1e12
        assert result.value is not None or result.missing


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
@pytest.mark.parametrize("junk", [float("nan"), 1e9, -1e9, "seven", "3 bananas", "", None, [], True])
def test_junk_is_refused_or_unknown(found, junk):
    for name in found.inputs:
        try:
            assess(found.name, {name: junk})
        except InputError as error:
            assert name in str(error) or found.name in str(error)  # noqa: PT017  # either outcome is right


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
def test_no_number_while_a_required_input_is_missing(found):
    for example in (row for row in EXAMPLES if row["tool"] == found.name):
        for name in example["inputs"]:
            if name in found.optional:
                continue
            given = {key: value for key, value in example["inputs"].items() if key != name}
            result = assess(found.name, given)
            # a number all the same only where the missing input cannot change it
            assert result.value is None or result.low == result.high == result.value
            assert result.value is not None or name in result.missing
    assert assess(found.name, dict.fromkeys(found.inputs)).value is None


@pytest.mark.parametrize("found", RANGED, ids=lambda found: found.name)
def test_the_possible_range_holds_the_value(found):
    rng = random.Random(found.name)
    cases = [row["inputs"] for row in EXAMPLES if row["tool"] == found.name] + [random_inputs(found, rng) for _ in range(6)]
    for inputs in cases:
        try:
            value = assess(found.name, inputs).value
        except InputError:
            continue
        if value is None:
            continue
        dropped = {name for name in inputs if rng.random() < 0.4}
        try:
            partial = assess(found.name, {name: given for name, given in inputs.items() if name not in dropped})
        except InputError:
            continue
        if partial.missing:
            assert partial.low is not None
            assert partial.low - 1e-9 <= value <= partial.high + 1e-9, dropped


# input -> +1 where more of it can only raise the value, -1 where it can only lower it
MONOTONE = {
    "ckd_epi_2021": {"creatinine_mg_dl": -1, "age_years": -1}, "ckd_epi_2021_cystatin": {"creatinine_mg_dl": -1, "cystatin_c_mg_l": -1},
    "mdrd": {"creatinine_mg_dl": -1, "age_years": -1}, "schwartz_bedside": {"creatinine_mg_dl": -1}, "kfre_4": {"egfr_ml_min_1_73m2": -1, "urine_acr_mg_g": 1},
    "cha2ds2_vasc": {"age_years": 1, "stroke_tia_thromboembolism": 1, "diabetes": 1}, "cha2ds2_va": {"age_years": 1}, "has_bled": {"age_years": 1, "alcohol_drinks_week": 1},
    "curb65": {"urea_mmol_l": 1, "resp_rate_per_min": 1, "age_years": 1, "sbp_mmhg": -1, "dbp_mmhg": -1, "confusion": 1}, "crb65": {"age_years": 1, "sbp_mmhg": -1},
    "wells_pe": {"heart_rate_per_min": 1, "pe_most_likely": 1}, "wells_dvt": {"alternative_diagnosis": -1, "active_cancer": 1}, "qsofa": {"sbp_mmhg": -1, "resp_rate_per_min": 1},
    "centor_mcisaac": {"age_years": -1, "temperature_c": 1, "cough": -1}, "child_pugh": {"bilirubin_mg_dl": 1, "albumin_g_dl": -1, "inr": 1},
    "meld_na": {"creatinine_mg_dl": 1, "bilirubin_mg_dl": 1, "inr": 1, "sodium_mmol_l": -1}, "meld_3": {"bilirubin_mg_dl": 1, "inr": 1, "albumin_g_dl": -1},
    "fib4": {"age_years": 1, "ast_u_l": 1, "alt_u_l": -1, "platelets_10e9_l": -1}, "maddrey": {"bilirubin_mg_dl": 1, "pt_s": 1}, "lille_model": {"bilirubin_day7_mg_dl": 1, "age_years": 1, "albumin_g_dl": -1},
    "psi": {"age_years": 1, "ph": -1, "bun_mg_dl": 1, "sodium_mmol_l": -1, "altered_mental_status": 1}, "pesi": {"age_years": 1, "cancer": 1, "sbp_mmhg": -1},
    "sofa": {"platelets_10e9_l": -1, "bilirubin_mg_dl": 1, "gcs_points": -1, "creatinine_mg_dl": 1, "norepinephrine_ug_kg_min": 1, "fio2_percent": 1, "pao2_mmhg": -1},
    "apache_ii": {"age_years": 1, "gcs_points": -1}, "heart_score": {"age_years": 1, "hypertension": 1}, "grace_score": {"age_years": 1, "heart_rate_per_min": 1, "sbp_mmhg": -1},
    "ascvd_pce": {"smoker": 1, "diabetes": 1, "hdl_mg_dl": -1}, "framingham_hard_chd": {"hdl_mg_dl": -1, "sbp_mmhg": 1}, "score2": {"age_years": 1, "sbp_mmhg": 1, "smoker": 1},
    "aha_prevent_cvd": {"age_years": 1, "diabetes": 1, "smoker": 1, "egfr_ml_min_1_73m2": -1}, "aha_prevent_hf": {"age_years": 1, "diabetes": 1},
    "glasgow_blatchford": {"bun_mg_dl": 1, "hemoglobin_g_dl": -1, "sbp_mmhg": -1}, "oakland_score": {"hemoglobin_g_dl": -1, "sbp_mmhg": -1}, "rcri": {"creatinine_mg_dl": 1},
    "corrected_calcium": {"calcium_mg_dl": 1, "albumin_g_dl": -1}, "anion_gap": {"sodium_mmol_l": 1, "chloride_mmol_l": -1}, "bmi": {"weight_kg": 1, "height_cm": -1},
    "qtc_bazett": {"qt_ms": 1, "heart_rate_per_min": 1}, "pf_ratio": {"pao2_mmhg": 1, "fio2_percent": -1}, "maintenance_fluids": {"weight_kg": 1}, "stop_bang": {"bmi_kg_m2": 1, "age_years": 1},
    "abcd2": {"age_years": 1, "sbp_mmhg": 1}, "ich_score": {"gcs_points": -1, "hematoma_volume_ml": 1}, "wfns": {"gcs_points": -1}, "kdigo_ckd_risk": {"egfr_ml_min_1_73m2": -1, "urine_acr_mg_g": 1},
}  # fmt: skip


@pytest.mark.parametrize(("name", "input", "sign"), [(name, key, sign) for name, row in MONOTONE.items() for key, sign in row.items()])
def test_more_of_it_moves_the_value_one_way(name, input, sign):
    found = tool(name)
    for example in (row["inputs"] for row in EXAMPLES if row["tool"] == name):
        if found.inputs[input] == YES_NO:
            swept: list[object] = [False, True]
        else:
            low, high = within(found, input)
            swept = [low + (high - low) * step / 40 for step in range(41)]
        values = []
        for value in swept:
            try:
                values.append(assess(name, {**example, input: value}).value)
            except InputError:
                continue
        assert all(sign * (after - before) >= -1e-9 for before, after in pairwise(values)), values


@pytest.mark.parametrize("found", OURS, ids=lambda found: found.name)
def test_every_tool_says_where_it_comes_from(found):
    assert all(re.search(r"doi:10\.\d{4,9}/|https://|PMID \d+", source) for source in found.sources)
    assert found.title in describe(found.name)
    for name in found.inputs:
        assert not found.is_number(name) or name in measurements(), f"{name} is in no row of measurements.toml"
        assert all(choice == choice.lower() for choice in found.choices(name))
    for key in found.findings:
        name, _, word = key.removeprefix("not ").partition("=")
        assert found.inputs[name] == YES_NO if not word else word.removesuffix("+") in found.choices(name)


def test_bands_rise_and_reach_the_least_score():
    for table in score_tables().values():
        floors = [floor for floor, _ in table.bands]
        assert floors == sorted(floors), table.name
        assert table.checked, table.name
        assert table.year >= 1960, table.name
        low = assess(table.name, {}).low
        assert low is not None
        assert floors[0] <= low, table.name


def test_names_and_aliases_are_found():
    for spelling in CLINICAL:
        assert tool(spelling).name
    with pytest.raises(UnknownTool, match="coefficients are not published"):
        tool("FRAX")
    with pytest.raises(UnknownTool, match="did you mean 'curb65'"):
        tool("curb66")


def test_units_are_converted_and_said():
    result = assess("ckd_epi_2021", {"creatinine_mg_dl": "100 umol/L", "age_years": 60, "sex": "f"})
    assert any("100 umol/L = 1.131 mg/dL" in note for note in result.notes)
    assert assess("alvarado", {"wbc_10e9_l": "12,500 /uL"}).inputs["wbc_10e9_l"] == pytest.approx(12.5)     # a thousands comma
    assert assess("bmi", {"weight_kg": "70,5", "height_cm": 170}).inputs["weight_kg"] == 70.5               # a decimal one


def test_dates():
    assert assess("due_date", {"last_period": "2026-01-01"}).band == "2026-10-08"
    assert assess("due_date", {"last_period": "01/15/2023", "cycle_length_days": 24}).band == "2023-10-18"  # 15 can be no month
    with pytest.raises(InputError, match="either way"):
        assess("due_date", {"last_period": "03/04/2026"})
    with pytest.raises(InputError, match="more than 45 weeks"):
        assess("gestational_age", {"last_period": "2026-01-01", "on_date": "2025-01-01"})


def test_one_of_a_group_is_enough_and_none_is_missing():
    assert set(assess("morphine_equivalents", {}).missing) >= {"morphine_mg_day", "tramadol_mg_day"}
    assert assess("morphine_equivalents", {"tramadol_mg_day": 100}).value == 20


def test_a_settled_score_is_given_though_an_input_is_missing():
    inputs = next(row["inputs"] for row in EXAMPLES if row["tool"] == "sofa" and row["value"] == 24)
    result = assess("sofa", {key: value for key, value in inputs.items() if key != "urine_output_ml_day"})
    assert (result.value, result.missing) == (24, {})


def test_strict_raises_with_the_range():
    with pytest.raises(MissingInputs) as error:
        assess("curb65", {"confusion": True, "age_years": 70}, strict=True)
    assert (error.value.low, error.value.high) == (2, 5)


def test_cockcroft_gault_weight_rule_needs_a_height():
    with pytest.raises(InputError, match="height_cm"):
        assess("cockcroft_gault", {"age_years": 60, "weight_kg": 70, "creatinine_mg_dl": 1, "sex": "male", "weight_rule": "by bmi"})
