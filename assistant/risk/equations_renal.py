"""Kidney function: filtration, clearance, risk of failure, injury, albuminuria, and fractional excretion."""

from __future__ import annotations

import math
from typing import Literal

from assistant.risk.common import DIALYSIS, Sex
from assistant.risk.equation import Outcome, equation

GFR_BANDS = [(90, "G1"), (60, "G2"), (45, "G3a"), (30, "G3b"), (15, "G4"), (0, "G5")]
THREE_MONTHS = "GFR category alone is no diagnosis: chronic kidney disease needs 3 months (KDIGO 2024)"
ADULT = {"age_years": (18.0, 120.0)}
INKER = "Inker LA et al. N Engl J Med 2021;385:1737-1749. doi:10.1056/NEJMoa2102953"


@equation(
    title="Estimated GFR (CKD-EPI 2021, creatinine)", unit="mL/min/1.73 m2", source=INKER, limits=ADULT, digits=1, bands=GFR_BANDS,
    formula="142 min(Scr/k,1)^a max(Scr/k,1)^-1.200 0.9938^age (1.012 if female); k 0.7/0.9, a -0.241/-0.302", notes=[THREE_MONTHS],
    aliases=["egfr", "ckd-epi", "gfr", "estimated gfr", "CKD-EPI Equations for Glomerular Filtration Rate"],
)  # fmt: skip
def ckd_epi_2021(*, creatinine_mg_dl: float, age_years: float, sex: Sex) -> float:
    """Race-free estimated GFR in mL/min/1.73 m2.

    >>> round(ckd_epi_2021(creatinine_mg_dl=1.0, age_years=50, sex="male"))
    92
    """
    k, a, factor = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    ratio = creatinine_mg_dl / k
    return float(142 * min(ratio, 1) ** a * max(ratio, 1) ** -1.200 * 0.9938**age_years * factor)


@equation(
    title="CKD-EPI 2021 GFR from creatinine and cystatin C", unit="mL/min/1.73 m2", source=INKER, limits=ADULT, digits=1,
    formula="135 min(Scr/k,1)^a max(Scr/k,1)^-0.544 min(Scys/0.8,1)^-0.323 max(Scys/0.8,1)^-0.778 0.9961^age (0.963 if female)",
    bands=GFR_BANDS, aliases=["ckd-epi creatinine-cystatin c", "egfr creatinine-cystatin", "egfrcr-cys"],
    notes=["preferred where a more exact GFR matters (KDIGO 2024)", THREE_MONTHS],
)  # fmt: skip
def ckd_epi_2021_cystatin(*, creatinine_mg_dl: float, cystatin_c_mg_l: float, age_years: float, sex: Sex) -> float:
    """Estimated GFR from creatinine and cystatin C, in mL/min/1.73 m2."""
    k, a, factor = (0.7, -0.219, 0.963) if sex == "female" else (0.9, -0.144, 1.0)
    ratio, cystatin = creatinine_mg_dl / k, cystatin_c_mg_l / 0.8
    creatinine_part = min(ratio, 1) ** a * max(ratio, 1) ** -0.544
    return float(135 * creatinine_part * min(cystatin, 1) ** -0.323 * max(cystatin, 1) ** -0.778 * 0.9961**age_years * factor)


@equation(
    title="MDRD estimated GFR (4 variables)", unit="mL/min/1.73 m2", digits=2, limits=ADULT, bands=GFR_BANDS,
    source="Levey AS et al. Ann Intern Med 2006;145:247-254. doi:10.7326/0003-4819-145-4-200608150-00004",
    formula="175 Scr^-1.154 age^-0.203 (0.742 if female) (1.212 if Black)", aliases=["mdrd", "mdrd gfr", "MDRD GFR Equation"],
    findings={"black": ("Black ancestry",)},
    notes=["superseded by CKD-EPI 2021, which has no race term (NKF-ASN 2021); the race factor is applied only where it is given"],
)  # fmt: skip
def mdrd(*, creatinine_mg_dl: float, age_years: float, sex: Sex, black: bool | None = None) -> float:
    """MDRD estimate for IDMS-traceable creatinine, in mL/min/1.73 m2."""
    factor = (0.742 if sex == "female" else 1.0) * (1.212 if black else 1.0)
    return float(175 * creatinine_mg_dl**-1.154 * age_years**-0.203 * factor)


@equation(
    title="Creatinine clearance (Cockcroft-Gault)", unit="mL/min", limits=ADULT, digits=1,
    source="Cockcroft DW, Gault MH. Nephron 1976;16:31-41. doi:10.1159/000180580",
    formula="(140 - age) weight / (72 Scr), x 0.85 if female",
    aliases=["cockcroft-gault", "cockroft-gault", "crcl", "creatinine clearance", "Creatinine Clearance (Cockcroft-Gault Equation)"],
    notes=["uses the weight given, unless weight_rule is 'by bmi': actual below 18.5, the lower of ideal and actual to 25, adjusted from 25"
           " (Winter MA et al. Pharmacotherapy 2012;32:604-612, doi:10.1002/j.1875-9114.2012.01098.x)"],
)  # fmt: skip
def cockcroft_gault(
    *, age_years: float, weight_kg: float, creatinine_mg_dl: float, sex: Sex, height_cm: float | None = None,
    weight_rule: Literal["actual", "by bmi"] | None = None,
) -> float | Outcome:  # fmt: skip
    """Creatinine clearance in mL/min.

    >>> round(cockcroft_gault(age_years=60, weight_kg=72, creatinine_mg_dl=1.0, sex="male"), 1)
    80.0
    """
    factor = (140 - age_years) / (72 * creatinine_mg_dl) * (0.85 if sex == "female" else 1.0)
    if weight_rule != "by bmi":
        return factor * weight_kg
    if height_cm is None:
        raise ValueError("the weight rule needs height_cm")
    ideal, bmi = (45.5 if sex == "female" else 50.0) + 2.3 * (height_cm / 2.54 - 60), weight_kg / (height_cm / 100) ** 2
    if bmi < 18.5:
        used, kind = weight_kg, "actual"
    elif bmi < 25:
        used, kind = min(ideal, weight_kg), "the lower of ideal and actual"
    else:
        used, kind = ideal + 0.4 * (weight_kg - ideal), "adjusted"
    return Outcome(factor * used, notes=(f"weight used: {used:.1f} kg ({kind}), BMI {bmi:.1f} kg/m2",))


@equation(
    title="Estimated GFR of a child (bedside Schwartz)", unit="mL/min/1.73 m2", population="children of 1 to 16 years", digits=1,
    source="Schwartz GJ et al. J Am Soc Nephrol 2009;20:629-637. doi:10.1681/ASN.2008030287", formula="0.413 height / Scr",
    aliases=["schwartz", "bedside schwartz", "pediatric egfr"],
    notes=["derived in children with chronic kidney disease, enzymatic creatinine"],
)  # fmt: skip
def schwartz_bedside(*, height_cm: float, creatinine_mg_dl: float) -> float:
    """Estimated GFR of a child in mL/min/1.73 m2.

    >>> round(schwartz_bedside(height_cm=100, creatinine_mg_dl=0.5), 1)
    82.6
    """
    return 0.413 * height_cm / creatinine_mg_dl


KFRE = {("north america", "2"): 0.9750, ("north america", "5"): 0.9240, ("elsewhere", "2"): 0.9832, ("elsewhere", "5"): 0.9365}


@equation(
    title="Kidney failure risk (KFRE, 4 variables)", unit="%", population="adults with chronic kidney disease G3a to G5, not on dialysis",
    source="Tangri N et al. JAMA 2016;315:164-174. doi:10.1001/jama.2015.18202", digits=1,
    formula="1 - S^exp(-0.2201 (age/10 - 7.036) + 0.2467 (male - 0.5642) - 0.5567 (eGFR/5 - 7.222) + 0.4510 (ln ACR - 5.137))",
    limits={"age_years": (18, 120), "egfr_ml_min_1_73m2": (1, 59.99), "urine_acr_mg_g": (0.1, 30000)},
    aliases=["kfre", "kidney failure risk equation", "tangri"],
    notes=["KDIGO 2024: a 5-year risk of 3 to 5 % for referral, a 2-year risk above 10 % for team care, above 40 % for planning of replacement"],
)  # fmt: skip
def kfre_4(
    *, age_years: float, sex: Sex, egfr_ml_min_1_73m2: float, urine_acr_mg_g: float, region: Literal["north america", "elsewhere"],
    horizon_years: Literal["2", "5"],
) -> float:  # fmt: skip
    """Risk of dialysis or transplant within 2 or 5 years, in %."""
    x = -0.2201 * (age_years / 10 - 7.036) + 0.2467 * ((sex == "male") - 0.5642)
    x += -0.5567 * (egfr_ml_min_1_73m2 / 5 - 7.222) + 0.4510 * (math.log(urine_acr_mg_g) - 5.137)
    return float(100 * (1 - KFRE[region, horizon_years] ** math.exp(x)))


Urine = Literal["0.5 or more", "below 0.5 for 6 to 12 h", "below 0.5 for 12 h or more", "below 0.3 for 24 h or none for 12 h"]
URINE_STAGE = {"0.5 or more": 0, "below 0.5 for 6 to 12 h": 1, "below 0.5 for 12 h or more": 2, "below 0.3 for 24 h or none for 12 h": 3}


@equation(
    title="Acute kidney injury (KDIGO stage)", unit="stage", digits=0, interval=True,
    source="KDIGO AKI guideline. Kidney Int Suppl 2012;2:1-138. https://kdigo.org/guidelines/acute-kidney-injury/",
    formula="the higher of creatinine stage (1.5, 2, 3 times baseline; 0.3 mg/dL in 48 h; 4.0 mg/dL; dialysis) and urine stage (mL/kg/h)",
    bands=[(0, "no acute kidney injury by these values"), (1, "stage 1"), (2, "stage 2"), (3, "stage 3")],
    findings={"renal_replacement": DIALYSIS}, aliases=["aki stage", "kdigo aki", "kdigo stage", "acute kidney injury stage"],
    notes=["baseline: the lowest value of the past 7 days to 12 months; 4.0 mg/dL counts only with a rise that itself meets the definition"],
)  # fmt: skip
def kdigo_aki(
    *, creatinine_mg_dl: float, baseline_creatinine_mg_dl: float, rise_03_within_48h: bool, urine_output_ml_kg_h: Urine,
    renal_replacement: bool,
) -> Outcome:
    """KDIGO stage 0 to 3."""
    ratio = creatinine_mg_dl / baseline_creatinine_mg_dl
    injury = ratio >= 1.5 or rise_03_within_48h
    by_creatinine = 3 if ratio >= 3 or (injury and creatinine_mg_dl >= 4) else 2 if ratio >= 2 else int(injury)
    stage = max(by_creatinine, URINE_STAGE[urine_output_ml_kg_h], 3 * renal_replacement)
    return Outcome(stage, parts=(("creatinine", by_creatinine), ("urine output", URINE_STAGE[urine_output_ml_kg_h])))


@equation(
    title="Urine albumin category (KDIGO)", unit="mg/g", digits=1,
    source="KDIGO CKD 2024. Kidney Int 2024;105(4S):S117-S314. doi:10.1016/j.kint.2023.10.018",
    formula="A1 below 30, A2 30 to 300, A3 above 300 mg/g", aliases=["acr category", "albuminuria category", "urine acr category"],
    notes=["confirm a value of 30 mg/g or more with an early morning sample"],
)  # fmt: skip
def urine_acr_category(*, urine_acr_mg_g: float) -> Outcome:
    """The albumin-creatinine ratio with its category as band."""
    category = "A1, normal to mildly increased" if urine_acr_mg_g < 30 else "A2, moderately increased" if urine_acr_mg_g <= 300 else "A3, severely increased"
    return Outcome(urine_acr_mg_g, category)


@equation(
    title="Fractional excretion of sodium", unit="%", source="Espinel CH. JAMA 1976;236:579-581. doi:10.1001/jama.1976.03270060029022",
    formula="100 (UNa Scr) / (SNa Ucr)", bands=[(0, "below 1 %: prerenal likely"), (1, "1 to 2 %: undecided"),
                                                (2, "above 2 %: tubular injury likely")],
    aliases=["fena", "fractional excretion of sodium"], population="adults with oliguric acute kidney injury",
    notes=["misleading under diuretics (use urea) and in chronic kidney disease, contrast injury and glomerulonephritis"],
)  # fmt: skip
def fena(*, urine_sodium_mmol_l: float, sodium_mmol_l: float, urine_creatinine_mg_dl: float, creatinine_mg_dl: float) -> float:
    """Share of filtered sodium that is excreted, in %.

    >>> round(fena(urine_sodium_mmol_l=14, sodium_mmol_l=140, urine_creatinine_mg_dl=100, creatinine_mg_dl=2), 3)
    0.2
    """
    return 100 * urine_sodium_mmol_l * creatinine_mg_dl / (sodium_mmol_l * urine_creatinine_mg_dl)


@equation(
    title="Fractional excretion of urea", unit="%",
    source="Carvounis CP et al. Kidney Int 2002;62:2223-2229. doi:10.1046/j.1523-1755.2002.00683.x",
    formula="100 (Uurea Scr) / (BUN Ucr)", bands=[(0, "35 % or less: prerenal likely"), (35.01, "above 35 %: tubular injury likely")],
    digits=1,
    aliases=["feurea", "fractional excretion of urea"], population="adults with acute kidney injury, on diuretics or not",
)  # fmt: skip
def feurea(*, urine_urea_nitrogen_mg_dl: float, bun_mg_dl: float, urine_creatinine_mg_dl: float, creatinine_mg_dl: float) -> float:
    """Share of filtered urea that is excreted, in %.

    >>> feurea(urine_urea_nitrogen_mg_dl=500, bun_mg_dl=50, urine_creatinine_mg_dl=100, creatinine_mg_dl=2)
    20.0
    """
    return 100 * urine_urea_nitrogen_mg_dl * creatinine_mg_dl / (bun_mg_dl * urine_creatinine_mg_dl)


@equation(
    title="Transtubular potassium gradient", unit="ratio", digits=1,
    source="Ethier JH et al. Am J Kidney Dis 1990;15:309-315. doi:10.1016/S0272-6386(12)80076-X",
    formula="(UK / SK) / (Uosm / Sosm)", bands=[(0, "below 3: fitting extrarenal loss in hypokalemia"), (3, ""),
                                                (7, "7 or more: potassium secretion intact")],
    aliases=["ttkg", "transtubular potassium gradient"],
    notes=["valid only with urine more concentrated than serum and urine sodium above 25 mmol/L",
           "its authors no longer support it (Kamel KS, Halperin ML 2011)"],
)  # fmt: skip
def ttkg(*, urine_potassium_mmol_l: float, potassium_mmol_l: float, urine_osmolality_mosm_kg: float, osmolality_mosm_kg: float) -> float:
    """Transtubular potassium gradient.

    >>> ttkg(urine_potassium_mmol_l=40, potassium_mmol_l=4, urine_osmolality_mosm_kg=600, osmolality_mosm_kg=300)
    5.0
    """
    if urine_osmolality_mosm_kg <= osmolality_mosm_kg:
        raise ValueError("urine is not more concentrated than serum: the gradient is not valid")
    return (urine_potassium_mmol_l / potassium_mmol_l) / (urine_osmolality_mosm_kg / osmolality_mosm_kg)
