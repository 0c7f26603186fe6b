"""Words that several equations share: choices, and the findings of a note that make a yes/no input true."""

from __future__ import annotations

from typing import Literal

Sex = Literal["female", "male"]

DIABETES = (
    "diabetes", "diabetes mellitus", "type 2 diabetes", "type 1 diabetes", "type 2 diabetes mellitus", "type 1 diabetes mellitus",
)  # fmt: skip
SMOKER = ("current smoker", "current smoking", "active smoker")
HEART_FAILURE = ("congestive heart failure", "heart failure", "reduced ejection fraction", "left ventricular systolic dysfunction")
CONFUSION = (
    "altered mental status", "confusion", "acute confusion", "delirium", "disorientation", "altered level of consciousness", "lethargy",
    "obtundation", "decreased consciousness", "reduced consciousness",
)  # fmt: skip
CANCER = ("active cancer", "cancer", "malignancy", "active malignancy", "metastatic cancer")
LUNG_DISEASE = ("chronic obstructive pulmonary disease", "copd", "chronic lung disease", "emphysema", "interstitial lung disease")
DIALYSIS = ("dialysis", "hemodialysis", "peritoneal dialysis", "continuous venovenous hemodialysis")
TREATED_BLOOD_PRESSURE = ("antihypertensive treatment", "treated hypertension", "on antihypertensive medication")
VENTILATED = ("mechanical ventilation", "intubated", "noninvasive ventilation", "continuous positive airway pressure", "bipap")
