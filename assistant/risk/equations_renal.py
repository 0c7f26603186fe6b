"""Kidney function and body size."""

from __future__ import annotations

from typing import Literal

from assistant.risk.equation import equation

Sex = Literal["female", "male"]


@equation(
    title="Estimated GFR (CKD-EPI 2021, creatinine)", unit="mL/min/1.73 m2",
    source="Inker LA et al. N Engl J Med 2021;385:1737-1749. doi:10.1056/NEJMoa2102953",
    formula="142 min(Scr/k,1)^a max(Scr/k,1)^-1.200 0.9938^age (1.012 if female); k 0.7/0.9, a -0.241/-0.302",
    limits={"age_years": (18, 120)}, digits=0,
    bands=[(90, "G1"), (60, "G2"), (45, "G3a"), (30, "G3b"), (15, "G4"), (0, "G5")],
    aliases=["egfr", "ckd-epi", "gfr", "estimated gfr"],
    notes=["GFR category alone is no diagnosis: chronic kidney disease needs 3 months (KDIGO 2024)"],
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
    title="Creatinine clearance (Cockcroft-Gault)", unit="mL/min", source="Cockcroft DW, Gault MH. Nephron 1976;16:31-41. doi:10.1159/000180580",
    formula="(140 - age) weight / (72 Scr), x 0.85 if female", limits={"age_years": (18, 120)}, digits=1,
    aliases=["cockcroft-gault", "crcl", "creatinine clearance"],
    notes=["uses the weight given; for obesity state an adjusted weight"],
)  # fmt: skip
def cockcroft_gault(*, age_years: float, weight_kg: float, creatinine_mg_dl: float, sex: Sex) -> float:
    """Creatinine clearance in mL/min.

    >>> round(cockcroft_gault(age_years=60, weight_kg=72, creatinine_mg_dl=1.0, sex="male"), 1)
    80.0
    """
    return (140 - age_years) * weight_kg / (72 * creatinine_mg_dl) * (0.85 if sex == "female" else 1.0)


@equation(
    title="Body mass index", unit="kg/m2", source="WHO Technical Report Series 894 (2000). https://iris.who.int/handle/10665/42330",
    formula="weight / height^2", digits=1, aliases=["bmi", "body mass index"],
    bands=[(0, "underweight"), (18.5, "normal weight"), (25, "overweight"), (30, "obesity class I"), (35, "obesity class II"), (40, "obesity class III")],
    notes=["bands for adults; lower cut-offs are used for Asian populations (WHO 2004)"],
)  # fmt: skip
def bmi(*, weight_kg: float, height_cm: float) -> float:
    """Body mass index in kg/m2.

    >>> round(bmi(weight_kg=70, height_cm=175), 1)
    22.9
    """
    return weight_kg / (height_cm / 100) ** 2
