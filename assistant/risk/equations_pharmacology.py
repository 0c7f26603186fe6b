"""Doses that stand for one another, and drug levels."""

from __future__ import annotations

from typing import Literal

from assistant.risk.equation import Outcome, equation

Steroid = Literal[
    "betamethasone", "cortisone", "deflazacort", "dexamethasone", "hydrocortisone", "methylprednisolone", "prednisolone", "prednisone",
    "triamcinolone",
]  # fmt: skip
EQUIVALENT_MG = {
    "betamethasone": 0.75, "cortisone": 25.0, "deflazacort": 6.0, "dexamethasone": 0.75, "hydrocortisone": 20.0, "methylprednisolone": 4.0,
    "prednisolone": 5.0, "prednisone": 5.0, "triamcinolone": 4.0,
}  # fmt: skip


@equation(
    title="Glucocorticoid equivalent dose", unit="mg",
    source="BNF, glucocorticoid therapy. https://bnf.nice.org.uk/treatment-summaries/glucocorticoid-therapy/",
    formula="dose x equivalent of the target / equivalent of the given steroid", digits=3,
    aliases=["steroid conversion", "steroid equivalent", "corticosteroid conversion", "Steroid Conversion Calculator"],
    notes=["by anti-inflammatory effect; mineralocorticoid effect and duration differ", "systemic (oral or intravenous) doses only",
           "equivalents in mg: prednisone and prednisolone 5, hydrocortisone 20, cortisone 25, methylprednisolone and triamcinolone 4, "
           "deflazacort 6, dexamethasone and betamethasone 0.75"],
)  # fmt: skip
def steroid_conversion(*, dose_mg: float, from_steroid: Steroid, to_steroid: Steroid) -> float:
    """Dose of another glucocorticoid of about the same anti-inflammatory effect, in mg.

    >>> steroid_conversion(dose_mg=40, from_steroid="prednisone", to_steroid="hydrocortisone")
    160.0
    """
    if dose_mg <= 0:
        raise ValueError("a dose is above 0 mg")
    return dose_mg * EQUIVALENT_MG[to_steroid] / EQUIVALENT_MG[from_steroid]


MME_FACTORS = {
    "codeine_mg_day": 0.15, "fentanyl_patch_ug_h": 2.4, "fentanyl_buccal_ug_day": 0.13, "hydrocodone_mg_day": 1.0,
    "hydromorphone_mg_day": 5.0,
    "methadone_mg_day": 4.7, "morphine_mg_day": 1.0, "oxycodone_mg_day": 1.5, "oxymorphone_mg_day": 3.0, "tapentadol_mg_day": 0.4,
    "tramadol_mg_day": 0.2,
}  # fmt: skip


@equation(
    title="Morphine milligram equivalents", unit="MME/day",
    source="Dowell D et al. (CDC). MMWR Recomm Rep 2022;71(3):1-95. doi:10.15585/mmwr.rr7103a1",
    formula="sum of daily dose x factor", digits=1, one_of=[tuple(MME_FACTORS)],
    aliases=["mme", "morphine equivalents", "Morphine Milligram Equivalents (MME) Calculator"],
    bands=[(0, "below 50 MME/day"), (50, "50 or more: benefit to be weighed again, naloxone offered"), (90, "90 or more")],
    notes=["factors: codeine 0.15, fentanyl patch (ug/h) 2.4, hydrocodone 1, hydromorphone 5, methadone 4.7, morphine 1, oxycodone 1.5, oxymorphone 3, "
           "tapentadol 0.4, tramadol 0.2 (CDC 2022); buccal or sublingual fentanyl tablets (ug) 0.13 (CDC conversion file 2020)",
           "not for converting one opioid into another; opioids that were not named are not counted; buprenorphine has no factor"],
)  # fmt: skip
def morphine_equivalents(
    *, morphine_mg_day: float | None = None, codeine_mg_day: float | None = None, fentanyl_patch_ug_h: float | None = None,
    fentanyl_buccal_ug_day: float | None = None, hydrocodone_mg_day: float | None = None, hydromorphone_mg_day: float | None = None,
    methadone_mg_day: float | None = None, oxycodone_mg_day: float | None = None, oxymorphone_mg_day: float | None = None,
    tapentadol_mg_day: float | None = None, tramadol_mg_day: float | None = None,
) -> Outcome:  # fmt: skip
    """Morphine milligram equivalents a day of the opioids given."""
    doses = {
        "morphine_mg_day": morphine_mg_day, "codeine_mg_day": codeine_mg_day, "fentanyl_patch_ug_h": fentanyl_patch_ug_h,
        "fentanyl_buccal_ug_day": fentanyl_buccal_ug_day, "hydrocodone_mg_day": hydrocodone_mg_day,
        "hydromorphone_mg_day": hydromorphone_mg_day,
        "methadone_mg_day": methadone_mg_day, "oxycodone_mg_day": oxycodone_mg_day, "oxymorphone_mg_day": oxymorphone_mg_day,
        "tapentadol_mg_day": tapentadol_mg_day, "tramadol_mg_day": tramadol_mg_day,
    }  # fmt: skip
    parts = tuple((name, round(dose * MME_FACTORS[name], 2)) for name, dose in doses.items() if dose is not None)
    return Outcome(sum(points for _, points in parts), parts=parts)


@equation(
    title="Corrected phenytoin (Winter-Tozer)", unit="mg/L", digits=1,
    source="Anderson GD et al. Ann Pharmacother 1997;31:279-284. doi:10.1177/106002809703100301",
    formula="level / (0.2 albumin + 0.1); 0.1 instead of 0.2 in end-stage kidney disease",
    aliases=["corrected phenytoin", "phenytoin correction", "sheiner-tozer"],
    bands=[(0, "below 10 mg/L"), (10, "10 to 20 mg/L: usual range"), (20.01, "above 20 mg/L")],
    findings={"end_stage_kidney_disease": ("end-stage renal disease", "dialysis")},
    notes=["a free phenytoin level is better wherever it can be had",
           "0.25 was proposed instead of 0.2 in the elderly and in trauma (same source)"],
)  # fmt: skip
def corrected_phenytoin(*, phenytoin_mg_l: float, albumin_g_dl: float, end_stage_kidney_disease: bool) -> float:
    """Total phenytoin in mg/L as it would be at a normal albumin.

    >>> round(corrected_phenytoin(phenytoin_mg_l=8, albumin_g_dl=2, end_stage_kidney_disease=False), 1)
    16.0
    """
    return phenytoin_mg_l / ((0.1 if end_stage_kidney_disease else 0.2) * albumin_g_dl + 0.1)
