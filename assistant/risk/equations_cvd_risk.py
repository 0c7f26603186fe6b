"""Ten-year cardiovascular risk: Framingham hard CHD (ATP III), Pooled Cohort Equations, SCORE2."""

from __future__ import annotations

import math
from typing import Literal

from assistant.risk.common import DIABETES, SMOKER, TREATED_BLOOD_PRESSURE, Sex
from assistant.risk.equation import equation

FINDINGS = {"diabetes": DIABETES, "smoker": SMOKER, "treated_blood_pressure": TREATED_BLOOD_PRESSURE}


@equation(
    title="Framingham risk of hard coronary heart disease (ATP III)", unit="%",
    source="NCEP ATP III. Circulation 2002;106:3143-3421. doi:10.1161/circ.106.25.3143",
    formula="1 - S^exp(L); S 0.9402 men, 0.98767 women; L of ln age, ln cholesterol, ln HDL, ln SBP, treatment, smoking", digits=1,
    limits={"age_years": (20, 79)}, bands=[(0, "low"), (10, "intermediate"), (20, "high")], findings=FINDINGS,
    population="adults of 20 to 79 years without coronary heart disease or diabetes",
    aliases=["framingham", "framingham risk score", "frs", "Framingham Risk Score for Hard Coronary Heart Disease"],
    notes=["myocardial infarction or coronary death in 10 years", "superseded by the Pooled Cohort Equations (2013) and PREVENT (2023)"],
)  # fmt: skip
def framingham_hard_chd(
    *, age_years: float, sex: Sex, total_cholesterol_mg_dl: float, hdl_mg_dl: float, sbp_mmhg: float, treated_blood_pressure: bool,
    smoker: bool,
) -> float:
    """Risk of myocardial infarction or coronary death in 10 years, in %. In smokers the age of the interaction stops at 70 (men), 78 (women)."""
    age, cholesterol, hdl, sbp = (math.log(x) for x in (age_years, total_cholesterol_mg_dl, hdl_mg_dl, sbp_mmhg))
    if sex == "male":
        smoking = (12.096316 - 2.84367 * math.log(min(age_years, 70))) * smoker
        log = 52.00961 * age + 20.014077 * cholesterol - 0.905964 * hdl + 1.305784 * sbp + 0.241549 * treated_blood_pressure
        log += smoking - 4.605038 * age * cholesterol - 2.93323 * age**2 - 172.300168
        return float(100 * (1 - 0.9402 ** math.exp(log)))
    smoking = (13.07543 - 2.996945 * math.log(min(age_years, 78))) * smoker
    log = 31.764001 * age + 22.465206 * cholesterol - 1.187731 * hdl + 2.552905 * sbp + 0.420251 * treated_blood_pressure
    log += smoking - 5.060998 * age * cholesterol - 146.5933061
    return float(100 * (1 - 0.98767 ** math.exp(log)))


# ln age, ln age^2, ln TC, age x TC, ln HDL, age x HDL, ln treated SBP, age x it, ln untreated SBP, age x it, smoker, age x smoker, diabetes, mean, S0
PCE = {
    ("female", "white or other"): (-29.799, 4.884, 13.540, -3.114, -13.578, 3.149, 2.019, 0, 1.957, 0, 7.574, -1.665, 0.661, -29.18,
                                   0.9665),
    ("female", "black"): (17.114, 0, 0.940, 0, -18.920, 4.475, 29.291, -6.432, 27.820, -6.087, 0.691, 0, 0.874, 86.61, 0.9533),
    ("male", "white or other"): (12.344, 0, 11.853, -2.664, -7.990, 1.769, 1.797, 0, 1.764, 0, 7.837, -1.795, 0.658, 61.18, 0.9144),
    ("male", "black"): (2.469, 0, 0.302, 0, -0.307, 0, 1.916, 0, 1.809, 0, 0.549, 0, 0.645, 19.54, 0.8954),
}


@equation(
    title="ASCVD risk (Pooled Cohort Equations)", unit="%",
    source="Goff DC et al. Circulation 2014;129(25 Suppl 2):S49-S73. doi:10.1161/01.cir.0000437741.48606.98",
    formula="1 - S0^exp(sum of coefficient x value - mean), for four groups by sex and race", digits=1,
    limits={"age_years": (40, 79), "total_cholesterol_mg_dl": (130, 320), "hdl_mg_dl": (20, 100), "sbp_mmhg": (90, 200)},
    bands=[(0, "low"), (5, "borderline"), (7.5, "intermediate"), (20, "high")], findings=FINDINGS,
    population="adults of 40 to 79 years without atherosclerotic cardiovascular disease",
    aliases=["ascvd risk", "pce", "pooled cohort equations", "ascvd risk estimator"],
    notes=["AHA proposes PREVENT (2023) instead: PCE overestimates in contemporary cohorts"],
)  # fmt: skip
def ascvd_pce(
    *, age_years: float, sex: Sex, race: Literal["white or other", "black"], total_cholesterol_mg_dl: float, hdl_mg_dl: float,
    sbp_mmhg: float,
    treated_blood_pressure: bool, diabetes: bool, smoker: bool,
) -> float:  # fmt: skip
    """Risk of a first hard atherosclerotic event in 10 years, in %.

    >>> lipids = dict(total_cholesterol_mg_dl=213, hdl_mg_dl=50, sbp_mmhg=120, treated_blood_pressure=False)
    >>> round(ascvd_pce(age_years=55, sex="female", race="white or other", diabetes=False, smoker=False, **lipids), 1)
    2.1
    """
    age, cholesterol, hdl, sbp = (math.log(x) for x in (age_years, total_cholesterol_mg_dl, hdl_mg_dl, sbp_mmhg))
    treated, untreated = (sbp, 0.0) if treated_blood_pressure else (0.0, sbp)
    *weights, mean, baseline = PCE[sex, race]
    values = (age, age**2, cholesterol, age * cholesterol, hdl, age * hdl, treated, age * treated, untreated, age * untreated,
              smoker, age * smoker, diabetes)  # fmt: skip
    total = sum(weight * value for weight, value in zip(weights, values, strict=True))
    return float(100 * (1 - baseline ** math.exp(total - mean)))


Region = Literal["low", "moderate", "high", "very high"]
# age, smoker, SBP, cholesterol, HDL, then age times smoker, SBP, cholesterol, HDL
SCORE2 = {
    "male": ((0.3742, 0.6012, 0.2777, 0.1458, -0.2698, -0.0755, -0.0255, -0.0281, 0.0426), 0.9605),
    "female": ((0.4648, 0.7744, 0.3131, 0.1002, -0.2606, -0.1088, -0.0277, -0.0226, 0.0613), 0.9776),
}
SCALES = {
    ("male", "low"): (-0.5699, 0.7476), ("male", "moderate"): (-0.1565, 0.8009), ("male", "high"): (0.3207, 0.9360),
    ("male", "very high"): (0.5836, 0.8294), ("female", "low"): (-0.7380, 0.7019), ("female", "moderate"): (-0.3143, 0.7701),
    ("female", "high"): (0.5710, 0.9369), ("female", "very high"): (0.9412, 0.8329),
}  # fmt: skip


@equation(
    title="SCORE2", unit="%", source="SCORE2 working group. Eur Heart J 2021;42:2439-2454. doi:10.1093/eurheartj/ehab309",
    formula="1 - exp(-exp(a + b ln(-ln(S0^exp(L))))), a and b of the risk region", digits=1, limits={"age_years": (40, 69.99)},
    findings=FINDINGS, population="people of 40 to 69 years without cardiovascular disease or diabetes", aliases=["score 2", "score2 risk"],
    notes=["fatal and non-fatal cardiovascular events in 10 years",
           "below 50 years: 2.5 % high, 7.5 % very high; from 50 to 69: 5 % high, 10 % very high (ESC 2021)",
           "from 70 years use SCORE2-OP (the ESC's calculator), with diabetes SCORE2-Diabetes"],
)  # fmt: skip
def score2(
    *, age_years: float, sex: Sex, smoker: bool, sbp_mmhg: float, total_cholesterol_mg_dl: float, hdl_mg_dl: float, region: Region,
) -> float:
    """Risk of a first cardiovascular event in 10 years, in %, calibrated to one of four European risk regions."""
    age, sbp = (age_years - 60) / 5, (sbp_mmhg - 120) / 20
    cholesterol, hdl = total_cholesterol_mg_dl / 38.67 - 6, (hdl_mg_dl / 38.67 - 1.3) / 0.5
    weights, baseline = SCORE2[sex]
    values = (age, smoker, sbp, cholesterol, hdl, age * smoker, age * sbp, age * cholesterol, age * hdl)
    total = sum(weight * value for weight, value in zip(weights, values, strict=True))
    low, slope = SCALES[sex, region]
    return 100 * (1 - math.exp(-math.exp(low + slope * math.log(-math.log(baseline) * math.exp(total)))))
