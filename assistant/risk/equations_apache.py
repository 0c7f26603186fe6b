"""APACHE II."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from assistant.risk.equation import Outcome, equation, scored
from assistant.risk.equations_respiratory import alveolar_oxygen

# (floor, points), highest first; the last number holds below all floors
TEMPERATURE = ((41, 4), (39, 3), (38.5, 1), (36, 0), (34, 1), (32, 2), (30, 3)), 4
MEAN_PRESSURE = ((160, 4), (130, 3), (110, 2), (70, 0), (50, 2)), 4
HEART_RATE = ((180, 4), (140, 3), (110, 2), (70, 0), (55, 2), (40, 3)), 4
BREATHING = ((50, 4), (35, 3), (25, 1), (12, 0), (10, 1), (6, 2)), 4
GRADIENT = ((500, 4), (350, 3), (200, 2)), 0
PH = ((7.7, 4), (7.6, 3), (7.5, 1), (7.33, 0), (7.25, 2), (7.15, 3)), 4
SODIUM = ((180, 4), (160, 3), (155, 2), (150, 1), (130, 0), (120, 2), (111, 3)), 4
POTASSIUM = ((7, 4), (6, 3), (5.5, 1), (3.5, 0), (3, 1), (2.5, 2)), 4
CREATININE = ((3.5, 4), (2, 3), (1.5, 2), (0.6, 0)), 2
HEMATOCRIT = ((60, 4), (50, 2), (46, 1), (30, 0), (20, 2)), 4
WHITE_CELLS = ((40, 4), (20, 2), (15, 1), (3, 0), (1, 2)), 4
AGE = ((75, 6), (65, 5), (55, 3), (45, 2)), 0


def _points(value: float, table: tuple[Sequence[tuple[float, float]], float]) -> float:
    floors, below = table
    return next((points for floor, points in floors if value >= floor), below)


@equation(
    title="APACHE II", unit="points", source="Knaus WA et al. Crit Care Med 1985;13:818-829. doi:10.1097/00003246-198510000-00009",
    digits=0, interval=True,
    formula="acute physiology (12 variables, worst of 24 h) + age + chronic health", population="adults in intensive care, first 24 hours",
    one_of=[("pao2_mmhg", "a_a_gradient_mmhg")], limits={"age_years": (16, 120)}, aliases=["apache 2", "apache ii score"],
    bands=[(0, "hospital death about 4 % (non-operative)"), (5, "about 8 %"), (10, "about 15 %"), (15, "about 25 %"), (20, "about 40 %"),
           (25, "about 55 %"), (30, "about 73 %"), (35, "about 85 %")],
    findings={"acute_renal_failure": ("acute kidney injury",),
              "admission=nonoperative": ("nonoperative admission",), "admission=elective surgery": ("elective surgery",),
              "admission=emergency surgery": ("emergency surgery",),
              "severe_organ_failure_or_immunocompromise": ("cirrhosis", "severe heart failure", "severe organ failure", "dialysis", "immunosuppression")},
    notes=["FiO2 of 50 % or more: by A-a gradient (give it, or PaCO2 at sea level); below: by PaO2",
           "creatinine points double in acute renal failure"],
)  # fmt: skip
def apache_ii(
    *, temperature_c: float, sbp_mmhg: float, dbp_mmhg: float, heart_rate_per_min: float, resp_rate_per_min: float, fio2_percent: float,
    ph: float,
    sodium_mmol_l: float, potassium_mmol_l: float, creatinine_mg_dl: float, acute_renal_failure: bool, hematocrit_percent: float,
    wbc_10e9_l: float, gcs_points: float, age_years: float, severe_organ_failure_or_immunocompromise: bool,
    admission: Literal["nonoperative", "elective surgery", "emergency surgery"], pao2_mmhg: float | None = None,
    a_a_gradient_mmhg: float | None = None, paco2_mmhg: float | None = None,
) -> Outcome:  # fmt: skip
    """Points of APACHE II, 0 to 71."""
    mean = dbp_mmhg + (sbp_mmhg - dbp_mmhg) / 3
    chronic = (2 if admission == "elective surgery" else 5) if severe_organ_failure_or_immunocompromise else 0
    return scored({
        "temperature": _points(temperature_c, TEMPERATURE), "mean arterial pressure": _points(mean, MEAN_PRESSURE),
        "heart rate": _points(heart_rate_per_min, HEART_RATE), "breathing rate": _points(resp_rate_per_min, BREATHING),
        "oxygenation": _oxygenation(fio2_percent, pao2_mmhg, a_a_gradient_mmhg, paco2_mmhg), "arterial pH": _points(ph, PH),
        "sodium": _points(sodium_mmol_l, SODIUM), "potassium": _points(potassium_mmol_l, POTASSIUM),
        "creatinine": _points(creatinine_mg_dl, CREATININE) * (2 if acute_renal_failure else 1),
        "hematocrit": _points(hematocrit_percent, HEMATOCRIT), "white cells": _points(wbc_10e9_l, WHITE_CELLS),
        "15 - Glasgow Coma Scale": 15 - gcs_points, "age": _points(age_years, AGE), "chronic health": chronic,
    })  # fmt: skip


def _oxygenation(fio2: float, pao2: float | None, gradient: float | None, paco2: float | None) -> float:
    if fio2 < 50:
        if pao2 is None:
            raise ValueError("below 50 % of inspired oxygen give the PaO2")
        return 0 if pao2 > 70 else 1 if pao2 > 60 else 3 if pao2 >= 55 else 4
    if gradient is None:
        if pao2 is None or paco2 is None:
            raise ValueError("from 50 % of inspired oxygen give the A-a gradient, or PaO2 and PaCO2")
        gradient = alveolar_oxygen(fio2, paco2) - pao2
    return _points(gradient, GRADIENT)
