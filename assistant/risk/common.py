"""Words that several equations share: choices, and the findings of a note that make a yes/no input true."""

from __future__ import annotations

from typing import Literal

Sex = Literal["female", "male"]

DIABETES = ("diabetes mellitus", "type 2 diabetes", "type 1 diabetes", "type 2 diabetes mellitus", "type 1 diabetes mellitus")  # fmt: skip
SMOKER = ("current smoking",)
HEART_FAILURE = ("heart failure", "reduced ejection fraction")
CONFUSION = (
    "altered mental status", "confusion", "acute confusion", "delirium", "reduced consciousness", "decreased consciousness",
)  # fmt: skip
CANCER = ("active cancer", "cancer", "metastatic cancer")
LUNG_DISEASE = ("chronic obstructive pulmonary disease", "chronic lung disease", "interstitial lung disease")
DIALYSIS = ("dialysis",)
TREATED_BLOOD_PRESSURE = ("antihypertensive treatment", "treated hypertension")
VENTILATED = ("mechanical ventilation", "noninvasive ventilation")
