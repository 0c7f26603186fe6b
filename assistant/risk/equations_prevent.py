"""PREVENT base equations, 10 years: total cardiovascular disease, atherosclerotic disease, heart failure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.risk.common import DIABETES, SMOKER, TREATED_BLOOD_PRESSURE, Sex
from assistant.risk.equation import equation

SOURCE = "Khan SS et al. Circulation 2024;149:430-449. doi:10.1161/CIRCULATIONAHA.123.067626"
LIMITS = {
    "age_years": (30.0, 79.99), "total_cholesterol_mg_dl": (130.0, 320.0), "hdl_mg_dl": (20.0, 100.0), "sbp_mmhg": (90.0, 200.0),
    "egfr_ml_min_1_73m2": (15.0, 140.0), "bmi_kg_m2": (18.5, 39.99),
}  # fmt: skip
POPULATION = "adults of 30 to 79 years without cardiovascular disease"
FINDINGS = {
    "diabetes": DIABETES, "smoker": SMOKER, "antihypertensive": TREATED_BLOOD_PRESSURE,
    "statin": ("statin use", "atorvastatin", "rosuvastatin", "simvastatin", "pravastatin"),
}  # fmt: skip
FORMULA = "exp(x) / (1 + exp(x)), x linear in age, lipids, SBP below and above 110, eGFR below and above 60, and their products with age"

# constant, age, non-HDL, HDL, SBP below 110, SBP above 110, diabetes, smoker, eGFR below 60, eGFR above 60, treated, statin, treated x SBP,
# statin x non-HDL, then age times non-HDL, HDL, SBP, diabetes, smoker, eGFR
CVD = {
    "female": (-3.307728, 0.7939329, 0.0305239, -0.1606857, -0.2394003, 0.360078, 0.8667604, 0.5360739, 0.6045917, 0.0433769, 0.3151672,
               -0.1477655, -0.0663612, 0.1197879, -0.0819715, 0.0306769, -0.0946348, -0.27057, -0.078715, -0.1637806),
    "male": (-3.031168, 0.7688528, 0.0736174, -0.0954431, -0.4347345, 0.3362658, 0.7692857, 0.4386871, 0.5378979, 0.0164827, 0.288879,
             -0.1337349, -0.0475924, 0.150273, -0.0517874, 0.0191169, -0.1049477, -0.2251948, -0.0895067, -0.1543702),
}  # fmt: skip
ASCVD = {
    "female": (-3.819975, 0.719883, 0.1176967, -0.151185, -0.0835358, 0.3592852, 0.8348585, 0.4831078, 0.4864619, 0.0397779, 0.2265309,
               -0.0592374, -0.0395762, 0.0844423, -0.0567839, 0.0325692, -0.1035985, -0.2417542, -0.0791142, -0.1671492),
    "male": (-3.500655, 0.7099847, 0.1658663, -0.1144285, -0.2837212, 0.3239977, 0.7189597, 0.3956973, 0.3690075, 0.0203619, 0.2036522,
             -0.0865581, -0.0322916, 0.114563, -0.0300005, 0.0232747, -0.0927024, -0.2018525, -0.0970527, -0.1217081),
}  # fmt: skip
# constant, age, SBP below 110, SBP above 110, diabetes, smoker, BMI below 30, BMI above 30, eGFR below 60, eGFR above 60, treated,
# treated x SBP, then age times SBP, diabetes, smoker, BMI above 30, eGFR
HEART_FAILURE = {
    "female": (-4.310409, 0.8998235, -0.4559771, 0.3576505, 1.038346, 0.583916, -0.0072294, 0.2997706, 0.7451638, 0.0557087, 0.3534442,
               -0.0981511, -0.0946663, -0.3581041, -0.1159453, -0.003878, -0.1884289),
    "male": (-3.946391, 0.8972642, -0.6811466, 0.3634461, 0.923776, 0.5023736, -0.0485841, 0.3726929, 0.6926917, 0.0251827, 0.2980922,
             -0.0497731, -0.1289201, -0.3040924, -0.1401688, 0.0068126, -0.1797778),
}  # fmt: skip


def _risk(weights: Sequence[float], values: Sequence[float]) -> float:
    x = sum(weight * value for weight, value in zip(weights, values, strict=True))
    return 100 / (1 + math.exp(-x))


def _lipid_values(
    age_years: float, total: float, hdl_mg_dl: float, sbp_mmhg: float, egfr: float, diabetes: bool, smoker: bool, treated: bool,
    statin: bool,
) -> tuple[float, ...]:
    age, lipid, hdl = (age_years - 55) / 10, (total - hdl_mg_dl) * 0.02586 - 3.5, (hdl_mg_dl * 0.02586 - 1.3) / 0.3
    low, high = (min(sbp_mmhg, 110) - 110) / 20, (max(sbp_mmhg, 110) - 130) / 20
    egfr_low, egfr_high = (min(egfr, 60) - 60) / -15, (max(egfr, 60) - 90) / -15
    return (1, age, lipid, hdl, low, high, diabetes, smoker, egfr_low, egfr_high, treated, statin, treated * high, statin * lipid,
            age * lipid, age * hdl, age * high, age * diabetes, age * smoker, age * egfr_low)  # fmt: skip


@equation(
    title="AHA PREVENT equations, total cardiovascular disease in 10 years", unit="%", source=SOURCE, formula=FORMULA, digits=1,
    limits=LIMITS,
    population=POPULATION, findings=FINDINGS, aliases=["prevent equations", "prevent risk", "aha prevent", "prevent score"],
    notes=["base model, without race, HbA1c, urine albumin or social deprivation index"],
)  # fmt: skip
def aha_prevent_cvd(
    *, age_years: float, sex: Sex, total_cholesterol_mg_dl: float, hdl_mg_dl: float, sbp_mmhg: float, egfr_ml_min_1_73m2: float,
    diabetes: bool, smoker: bool, antihypertensive: bool, statin: bool,
) -> float:  # fmt: skip
    """Risk of atherosclerotic disease or heart failure in 10 years, in %."""
    values = _lipid_values(
        age_years, total_cholesterol_mg_dl, hdl_mg_dl, sbp_mmhg, egfr_ml_min_1_73m2, diabetes, smoker, antihypertensive, statin
    )
    return _risk(CVD[sex], values)


@equation(
    title="AHA PREVENT equations for ASCVD, atherosclerotic cardiovascular disease in 10 years", unit="%", source=SOURCE, formula=FORMULA,
    digits=1, limits=LIMITS,
    population=POPULATION, findings=FINDINGS, aliases=["prevent ascvd risk"],
    bands=[(0, "low"), (3, "borderline"), (5, "intermediate"), (10, "high")],
    notes=["base model",
           "bands of the ACC/AHA dyslipidemia guideline 2026 for PREVENT; the older bands belong to the Pooled Cohort Equations"],
)  # fmt: skip
def aha_prevent_ascvd(
    *, age_years: float, sex: Sex, total_cholesterol_mg_dl: float, hdl_mg_dl: float, sbp_mmhg: float, egfr_ml_min_1_73m2: float,
    diabetes: bool, smoker: bool, antihypertensive: bool, statin: bool,
) -> float:  # fmt: skip
    """Risk of myocardial infarction, coronary death or stroke in 10 years, in %."""
    values = _lipid_values(
        age_years, total_cholesterol_mg_dl, hdl_mg_dl, sbp_mmhg, egfr_ml_min_1_73m2, diabetes, smoker, antihypertensive, statin
    )
    return _risk(ASCVD[sex], values)


@equation(
    title="AHA PREVENT equations for heart failure, risk in 10 years", unit="%", source=SOURCE, digits=1, limits=LIMITS,
    population=POPULATION, findings=FINDINGS,
    formula="exp(x) / (1 + exp(x)), x linear in age, SBP, BMI, eGFR, diabetes, smoking, treatment, and their products with age",
    aliases=["prevent heart failure risk"], notes=["base model"],
)  # fmt: skip
def aha_prevent_hf(
    *, age_years: float, sex: Sex, sbp_mmhg: float, bmi_kg_m2: float, egfr_ml_min_1_73m2: float, diabetes: bool, smoker: bool,
    antihypertensive: bool,
) -> float:  # fmt: skip
    """Risk of heart failure in 10 years, in %."""
    age, bmi, egfr = (age_years - 55) / 10, bmi_kg_m2, egfr_ml_min_1_73m2
    low, high = (min(sbp_mmhg, 110) - 110) / 20, (max(sbp_mmhg, 110) - 130) / 20
    bmi_low, bmi_high = (min(bmi, 30) - 25) / 5, (max(bmi, 30) - 30) / 5
    egfr_low, egfr_high = (min(egfr, 60) - 60) / -15, (max(egfr, 60) - 90) / -15
    values = (1, age, low, high, diabetes, smoker, bmi_low, bmi_high, egfr_low, egfr_high, antihypertensive, antihypertensive * high,
              age * high, age * diabetes, age * smoker, age * bmi_high, age * egfr_low)  # fmt: skip
    return _risk(HEART_FAILURE[sex], values)
