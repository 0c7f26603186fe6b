"""Electrolytes, acid-base and liver."""

from __future__ import annotations

import math


from assistant.risk.equation import equation


@equation(
    title="Albumin-corrected calcium", unit="mg/dL", source="Payne RB et al. BMJ 1973;4:643-646. doi:10.1136/bmj.4.5893.643",
    formula="calcium + 0.8 (4.0 - albumin)", aliases=["corrected calcium", "calcium correction"],
    notes=["an ionised calcium is more reliable, above all in critical illness"],
)  # fmt: skip
def corrected_calcium(*, calcium_mg_dl: float, albumin_g_dl: float) -> float:
    """Total calcium in mg/dL as it would be at an albumin of 4.0 g/dL.

    >>> round(corrected_calcium(calcium_mg_dl=8.0, albumin_g_dl=2.0), 2)
    9.6
    """
    return calcium_mg_dl + 0.8 * (4.0 - albumin_g_dl)


@equation(
    title="Anion gap", unit="mmol/L", source="Emmett M, Narins RG. Medicine 1977;56:38-54. PMID 401925", formula="Na - (Cl + HCO3)", digits=1,
    aliases=["anion gap"], notes=["without potassium; the normal range depends on the laboratory; a low albumin lowers it"],
)  # fmt: skip
def anion_gap(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float) -> float:
    """Serum anion gap in mmol/L.

    >>> anion_gap(sodium_mmol_l=140, chloride_mmol_l=100, bicarbonate_mmol_l=24)
    16
    """
    return sodium_mmol_l - (chloride_mmol_l + bicarbonate_mmol_l)


@equation(
    title="MELD-Na", unit="points", source="Kim WR et al. N Engl J Med 2008;359:1018-1026. doi:10.1056/NEJMoa0801209; OPTN policy 9 (2016)",
    formula="MELD(i) + 1.32 (137 - Na) - 0.033 MELD(i) (137 - Na), for MELD(i) above 11", digits=0, population="adults with cirrhosis",
    limits={"age_years": (12, 120)}, aliases=["meld", "meld-na", "meldna"],
    notes=["OPTN replaced it by MELD 3.0 in July 2023"],
)  # fmt: skip
def meld_na(*, creatinine_mg_dl: float, bilirubin_mg_dl: float, inr: float, sodium_mmol_l: float, dialysis_twice_in_week: bool) -> float:
    """MELD-Na, 6 to 40 points: laboratory values below 1 count as 1, creatinine at most 4, sodium 125 to 137."""
    creatinine = 4.0 if dialysis_twice_in_week else min(max(creatinine_mg_dl, 1.0), 4.0)
    raw = 0.957 * math.log(creatinine) + 0.378 * math.log(max(bilirubin_mg_dl, 1.0)) + 1.120 * math.log(max(inr, 1.0)) + 0.643
    meld = math.floor(round(raw, 1) * 10 + 0.5)
    if meld > 11:
        gap = 137 - min(max(sodium_mmol_l, 125.0), 137.0)
        meld = math.floor(meld + 1.32 * gap - 0.033 * meld * gap + 0.5)
    return min(max(meld, 6), 40)


