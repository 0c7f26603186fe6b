"""Point scores that no additive table holds: age in years as points, ratios of inputs, points that depend on another input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.risk.common import CANCER, CONFUSION, DIABETES, HEART_FAILURE, LUNG_DISEASE, SMOKER, VENTILATED, Sex
from assistant.risk.equation import Outcome, equation, scored


def _steps(value: float, floors: Sequence[tuple[float, float]], below: float) -> float:
    """Points of the highest floor that the value reaches; `below` under all of them."""
    return next((points for floor, points in floors if value >= floor), below)


@equation(
    title="Pneumonia Severity Index", unit="points",
    source="Fine MJ et al. N Engl J Med 1997;336:243-250. doi:10.1056/NEJM199701233360402", digits=0,
    formula="age (women - 10) + points", interval=True, one_of=[("pao2_mmhg", "spo2_percent")], limits={"age_years": (18, 120)},
    population="adults with community-acquired pneumonia",
    aliases=["psi", "port score", "psi score", "PSI Score: Pneumonia Severity Index for CAP"],
    bands=[(-10, "class I or II, death within 30 days about 0.1 to 0.7 %"), (71, "class III, about 0.9 to 2.8 %"),
           (91, "class IV, about 8.2 to 9.3 %"), (131, "class V, about 27 to 31 %")],
    findings={"altered_mental_status": CONFUSION, "heart_failure": HEART_FAILURE, "neoplastic_disease": CANCER,
              "nursing_home": ("nursing home resident",),
              "liver_disease": ("cirrhosis", "chronic liver disease", "chronic hepatitis"),
              "cerebrovascular_disease": ("stroke", "transient ischemic attack"),
              "renal_disease": ("chronic kidney disease", "end-stage renal disease"),
              "pleural_effusion": ("pleural effusion",)},
    notes=["class I: age 50 or less, none of the diseases, no abnormal sign; no laboratory needed",
           "the derivation counted tests that were not done as normal: the documented value does so"],
)  # fmt: skip
def psi(
    *, age_years: float, sex: Sex, nursing_home: bool, neoplastic_disease: bool, liver_disease: bool, heart_failure: bool,
    cerebrovascular_disease: bool, renal_disease: bool, altered_mental_status: bool, resp_rate_per_min: float, sbp_mmhg: float,
    temperature_c: float, heart_rate_per_min: float, ph: float, bun_mg_dl: float, sodium_mmol_l: float, glucose_mg_dl: float,
    hematocrit_percent: float, pleural_effusion: bool, pao2_mmhg: float | None = None, spo2_percent: float | None = None,
) -> Outcome:  # fmt: skip
    """Points of the Pneumonia Severity Index."""
    low_oxygen = (pao2_mmhg is not None and pao2_mmhg < 60) or (spo2_percent is not None and spo2_percent < 90)
    return scored({
        "age in years": age_years, "female sex": -10 * (sex == "female"), "nursing home resident": 10 * nursing_home,
        "neoplastic disease": 30 * neoplastic_disease, "liver disease": 20 * liver_disease, "heart failure": 10 * heart_failure,
        "cerebrovascular disease": 10 * cerebrovascular_disease, "renal disease": 10 * renal_disease,
        "altered mental status": 20 * altered_mental_status, "breathing rate >= 30/min": 20 * (resp_rate_per_min >= 30),
        "systolic < 90 mmHg": 20 * (sbp_mmhg < 90), "temperature < 35 or >= 40 degC": 15 * (not 35 <= temperature_c < 40),
        "heart rate >= 125/min": 10 * (heart_rate_per_min >= 125), "arterial pH < 7.35": 30 * (ph < 7.35),
        "BUN >= 30 mg/dL": 20 * (bun_mg_dl >= 30),
        "sodium < 130 mmol/L": 20 * (sodium_mmol_l < 130), "glucose >= 250 mg/dL": 10 * (glucose_mg_dl >= 250),
        "hematocrit < 30 %": 10 * (hematocrit_percent < 30), "PaO2 < 60 mmHg or saturation < 90 %": 10 * low_oxygen,
        "pleural effusion": 10 * pleural_effusion,
    })  # fmt: skip


@equation(
    title="PESI, pulmonary embolism severity", unit="points", digits=0,
    source="Aujesky D et al. Am J Respir Crit Care Med 2005;172:1041-1046. doi:10.1164/rccm.200506-862OC",
    formula="age + points", interval=True, limits={"age_years": (18, 120)}, population="adults with confirmed pulmonary embolism",
    aliases=["pesi score", "pulmonary embolism severity index"],
    bands=[(0, "class I, death within 30 days 0 to 1.6 %"), (66, "class II, 1.7 to 3.5 %"), (86, "class III, 3.2 to 7.1 %"),
           (106, "class IV, 4.0 to 11.4 %"), (126, "class V, 10.0 to 24.5 %")],
    findings={"cancer": CANCER, "heart_failure": HEART_FAILURE, "chronic_lung_disease": LUNG_DISEASE, "altered_mental_status": CONFUSION},
    notes=["classes I and II: outpatient treatment may be considered (ESC 2019)"],
)  # fmt: skip
def pesi(
    *, age_years: float, sex: Sex, cancer: bool, heart_failure: bool, chronic_lung_disease: bool, heart_rate_per_min: float,
    sbp_mmhg: float,
    resp_rate_per_min: float, temperature_c: float, altered_mental_status: bool, spo2_percent: float,
) -> Outcome:  # fmt: skip
    """Points of the Pulmonary Embolism Severity Index."""
    return scored({
        "age in years": age_years, "male sex": 10 * (sex == "male"), "cancer": 30 * cancer, "heart failure": 10 * heart_failure,
        "chronic lung disease": 10 * chronic_lung_disease, "heart rate >= 110/min": 20 * (heart_rate_per_min >= 110),
        "systolic < 100 mmHg": 30 * (sbp_mmhg < 100), "breathing rate >= 30/min": 20 * (resp_rate_per_min >= 30),
        "temperature < 36 degC": 20 * (temperature_c < 36), "altered mental status": 60 * altered_mental_status,
        "saturation < 90 %": 20 * (spo2_percent < 90),
    })  # fmt: skip


@equation(
    title="HEART score, chest pain", unit="points", source="Six AJ et al. Neth Heart J 2008;16:191-196. doi:10.1007/BF03086144", digits=0,
    interval=True,
    formula="history + ECG + age + risk factors + troponin, 0 to 2 each", population="adults with chest pain in the emergency department",
    aliases=["heart score", "HEART Score for Major Cardiac Events"],
    bands=[(0, "low, major cardiac event within 6 weeks 0.9 to 1.7 %"), (4, "moderate, 12 to 16.6 %"), (7, "high, 50 to 65 %")],
    findings={"hypertension": ("hypertension",), "diabetes": DIABETES, "smoker": SMOKER,
              "hypercholesterolemia": ("hyperlipidemia",),
              "obesity": ("obesity",),
              "family_history": ("family history of premature coronary disease",),
              "atherosclerotic_disease": ("coronary artery disease", "myocardial infarction", "vascular disease", "peripheral artery disease", "stroke",
                                          "transient ischemic attack"),
              "ecg=normal": ("normal ECG",), "ecg=nonspecific repolarization disturbance": ("nonspecific ECG change",),
              "ecg=significant st deviation": ("ST elevation", "ST depression"),
              "troponin=normal": ("normal troponin",), "troponin=1 to 3 times the limit+": ("elevated troponin",),
              "history=slightly suspicious": ("nonspecific chest pain history",),
              "history=highly suspicious": ("typical angina history",)},
    notes=["three risk factors or more, or known atherosclerotic disease: 2 points; one or two: 1 point",
           "not with ST elevation or instability"],
)  # fmt: skip
def heart_score(
    *, history: Literal["slightly suspicious", "moderately suspicious", "highly suspicious"],
    ecg: Literal["normal", "nonspecific repolarization disturbance", "significant st deviation"], age_years: float, hypertension: bool,
    hypercholesterolemia: bool, diabetes: bool, obesity: bool, smoker: bool, family_history: bool, atherosclerotic_disease: bool,
    troponin: Literal["normal", "1 to 3 times the limit", "above 3 times the limit"],
) -> Outcome:  # fmt: skip
    """Points of the HEART score, 0 to 10."""
    factors = sum((hypertension, hypercholesterolemia, diabetes, obesity, smoker, family_history))
    return scored({
        f"history {history}": {"slightly suspicious": 0, "moderately suspicious": 1}.get(history, 2),
        f"ECG: {ecg}": {"normal": 0, "nonspecific repolarization disturbance": 1}.get(ecg, 2),
        "age": _steps(age_years, ((65, 2), (45, 1)), 0),
        "risk factors": 2 if atherosclerotic_disease or factors >= 3 else 1 if factors else 0,
        f"troponin {troponin}": {"normal": 0, "1 to 3 times the limit": 1}.get(troponin, 2),
    })  # fmt: skip


@equation(
    title="SIRS criteria", unit="criteria", source="Bone RC et al. Chest 1992;101:1644-1655. doi:10.1378/chest.101.6.1644", digits=0,
    interval=True,
    formula="number met of temperature, heart rate, breathing, white cells", aliases=["sirs"],
    bands=[(0, "SIRS not met"), (2, "SIRS met")],
    notes=["PaCO2 and band forms count where they are given", "Sepsis-3 (2016) no longer defines sepsis by SIRS"],
)  # fmt: skip
def sirs(
    *, temperature_c: float, heart_rate_per_min: float, resp_rate_per_min: float, wbc_10e9_l: float, paco2_mmhg: float | None = None,
    bands_percent: float | None = None,
) -> Outcome:  # fmt: skip
    """Number of criteria met, 0 to 4."""
    breathing = resp_rate_per_min > 20 or (paco2_mmhg is not None and paco2_mmhg < 32)
    cells = not 4 <= wbc_10e9_l <= 12 or (bands_percent is not None and bands_percent > 10)
    return scored({
        "temperature > 38 or < 36 degC": int(not 36 <= temperature_c <= 38), "heart rate > 90/min": int(heart_rate_per_min > 90),
        "breathing rate > 20/min or PaCO2 < 32 mmHg": int(breathing), "white cells > 12 or < 4 x 10e9/L, or bands > 10 %": int(cells),
    })  # fmt: skip


@equation(
    title="SOFA, organ dysfunction", unit="points", source="Vincent JL et al. Intensive Care Med 1996;22:707-710. doi:10.1007/BF01709751",
    digits=0,
    formula="sum of six organs, 0 to 4 each", interval=True, population="adults in intensive care",
    aliases=["sofa score", "Sequential Organ Failure Assessment (SOFA) Score"],
    bands=[(0, "0 to 1"), (2, "a rise of 2 or more through infection is sepsis (Sepsis-3)")], findings={"respiratory_support": VENTILATED},
    notes=["give 0 for a vasoactive drug that is not running; doses in ug/kg/min for at least an hour", "worst values of the last 24 h"],
)  # fmt: skip
def sofa(
    *, pao2_mmhg: float, fio2_percent: float, respiratory_support: bool, platelets_10e9_l: float, bilirubin_mg_dl: float, sbp_mmhg: float,
    dbp_mmhg: float, dopamine_ug_kg_min: float, dobutamine_ug_kg_min: float, epinephrine_ug_kg_min: float, norepinephrine_ug_kg_min: float,
    gcs_points: float, creatinine_mg_dl: float, urine_output_ml_day: float,
) -> Outcome:  # fmt: skip
    """Points of the Sequential Organ Failure Assessment, 0 to 24."""
    ratio, mean = pao2_mmhg / (fio2_percent / 100), dbp_mmhg + (sbp_mmhg - dbp_mmhg) / 3
    lungs = _steps(ratio, ((400, 0), (300, 1), (200, 2)), 2 if not respiratory_support else 3 if ratio >= 100 else 4)
    catecholamine = max(epinephrine_ug_kg_min, norepinephrine_ug_kg_min)
    if dopamine_ug_kg_min > 15 or catecholamine > 0.1:
        heart = 4
    elif dopamine_ug_kg_min > 5 or catecholamine > 0:
        heart = 3
    else:
        heart = 2 if dopamine_ug_kg_min > 0 or dobutamine_ug_kg_min > 0 else int(mean < 70)
    urine = _steps(urine_output_ml_day, ((500, 0), (200, 3)), 4)
    return scored({
        "respiration (PaO2/FiO2)": lungs, "coagulation (platelets)": _steps(platelets_10e9_l, ((150, 0), (100, 1), (50, 2), (20, 3)), 4),
        "liver (bilirubin)": _steps(bilirubin_mg_dl, ((12, 4), (6, 3), (2, 2), (1.2, 1)), 0), "circulation": heart,
        "nervous system (GCS)": _steps(gcs_points, ((15, 0), (13, 1), (10, 2), (6, 3)), 4),
        "kidney (creatinine or urine output)": max(_steps(creatinine_mg_dl, ((5, 4), (3.5, 3), (2, 2), (1.2, 1)), 0), urine),
    })  # fmt: skip
