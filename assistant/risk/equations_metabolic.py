"""Electrolytes, osmolality and acid-base."""

from __future__ import annotations

from assistant.risk.common import Sex
from assistant.risk.equation import equation

DELTA = "Rastegar A. J Am Soc Nephrol 2007;18:2429-2431. doi:10.1681/ASN.2006121408"
FIGGE = "Figge J et al. Crit Care Med 1998;26:1807-1810. doi:10.1097/00003246-199811000-00019"
NORMAL = "normal anion gap taken as 12, bicarbonate as 24 mmol/L, albumin as 4 g/dL"
RATIO_BANDS = [(-1e9, "below 0.4: normal anion gap acidosis"), (0.4, "0.4 to below 1: mixed high and normal gap acidosis"),
               (1, "1 to 2: high anion gap acidosis"),
               (2.01, "above 2: with metabolic alkalosis, or chronic respiratory acidosis")]  # fmt: skip


@equation(
    title="Albumin-corrected calcium", unit="mg/dL", source="Payne RB et al. BMJ 1973;4:643-646. doi:10.1136/bmj.4.5893.643",
    formula="calcium + 0.8 (4.0 - albumin)", aliases=["corrected calcium", "calcium correction", "Calcium Correction for Hypoalbuminemia"],
    notes=["an ionized calcium is more reliable, above all in critical illness"],
)  # fmt: skip
def corrected_calcium(*, calcium_mg_dl: float, albumin_g_dl: float) -> float:
    """Total calcium in mg/dL as it would be at an albumin of 4.0 g/dL.

    >>> round(corrected_calcium(calcium_mg_dl=8.0, albumin_g_dl=2.0), 2)
    9.6
    """
    return calcium_mg_dl + 0.8 * (4.0 - albumin_g_dl)


@equation(
    title="Anion gap", unit="mmol/L", source="Emmett M, Narins RG. Medicine 1977;56:38-54. PMID 401925", formula="Na - (Cl + HCO3)",
    digits=2, aliases=["anion gap"], notes=["without potassium; the normal range depends on the laboratory; a low albumin lowers it"],
)  # fmt: skip
def anion_gap(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float) -> float:
    """Serum anion gap in mmol/L.

    >>> anion_gap(sodium_mmol_l=140, chloride_mmol_l=100, bicarbonate_mmol_l=24)
    16
    """
    return sodium_mmol_l - (chloride_mmol_l + bicarbonate_mmol_l)


@equation(
    title="Delta gap", unit="mmol/L", source=DELTA, formula="anion gap - 12", aliases=["delta gap"],
    notes=[NORMAL, "the rise of the anion gap; Wrenn's delta gap subtracts the fall of bicarbonate as well: see delta_gap_wrenn"],
)  # fmt: skip
def delta_gap(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float) -> float:
    """Anion gap above its normal value, in mmol/L.

    >>> delta_gap(sodium_mmol_l=140, chloride_mmol_l=100, bicarbonate_mmol_l=10)
    18
    """
    return sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l - 12


@equation(
    title="Delta gap of Wrenn", unit="mmol/L", source="Wrenn K. Ann Emerg Med 1990;19:1310-1313. doi:10.1016/S0196-0644(05)82292-9",
    formula="(anion gap - 12) - (24 - HCO3)", aliases=["wrenn delta gap", "delta-delta"],
    bands=[(-1e9, "below -6: with normal anion gap acidosis"), (-6, "no second disorder by this"),
           (6.01, "above 6: with metabolic alkalosis")],
    notes=[NORMAL],
)  # fmt: skip
def delta_gap_wrenn(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float) -> float:
    """Rise of the anion gap less fall of bicarbonate, in mmol/L; equal to Na - Cl - 36.

    >>> delta_gap_wrenn(sodium_mmol_l=140, chloride_mmol_l=100, bicarbonate_mmol_l=10)
    4
    """
    return (sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l - 12) - (24 - bicarbonate_mmol_l)


@equation(title="Delta ratio", unit="ratio", source=DELTA, formula="(anion gap - 12) / (24 - HCO3)", aliases=["delta ratio"],
          bands=RATIO_BANDS,
          notes=[NORMAL, "read only in a high anion gap acidosis"])  # fmt: skip
def delta_ratio(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float) -> float:
    """Rise of the anion gap over fall of bicarbonate.

    >>> delta_ratio(sodium_mmol_l=140, chloride_mmol_l=100, bicarbonate_mmol_l=14)
    1.4
    """
    return (sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l - 12) / (24 - bicarbonate_mmol_l)


@equation(title="Albumin-corrected anion gap", unit="mmol/L", source=FIGGE, formula="anion gap + 2.5 (4.0 - albumin in g/dL)",
          notes=[NORMAL],
          aliases=["albumin corrected anion gap", "corrected anion gap"])  # fmt: skip
def albumin_corrected_anion_gap(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float, albumin_g_dl: float) -> float:
    """Anion gap in mmol/L as it would be at an albumin of 4.0 g/dL.

    >>> albumin_corrected_anion_gap(sodium_mmol_l=140, chloride_mmol_l=105, bicarbonate_mmol_l=25, albumin_g_dl=2)
    15.0
    """
    return sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l + 2.5 * (4 - albumin_g_dl)


@equation(title="Albumin-corrected delta gap", unit="mmol/L", source=FIGGE, formula="albumin-corrected anion gap - 12", notes=[NORMAL],
          aliases=["albumin corrected delta gap"])  # fmt: skip
def albumin_corrected_delta_gap(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float, albumin_g_dl: float) -> float:
    """Albumin-corrected anion gap above its normal value, in mmol/L.

    >>> albumin_corrected_delta_gap(sodium_mmol_l=140, chloride_mmol_l=105, bicarbonate_mmol_l=25, albumin_g_dl=2)
    3.0
    """
    return sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l + 2.5 * (4 - albumin_g_dl) - 12


@equation(title="Albumin-corrected delta ratio", unit="ratio", source=FIGGE, formula="(albumin-corrected anion gap - 12) / (24 - HCO3)",
          notes=[NORMAL], aliases=["albumin corrected delta ratio"], bands=RATIO_BANDS)  # fmt: skip
def albumin_corrected_delta_ratio(*, sodium_mmol_l: float, chloride_mmol_l: float, bicarbonate_mmol_l: float, albumin_g_dl: float) -> float:
    """Rise of the albumin-corrected anion gap over fall of bicarbonate.

    >>> albumin_corrected_delta_ratio(sodium_mmol_l=140, chloride_mmol_l=105, bicarbonate_mmol_l=14, albumin_g_dl=2)
    1.4
    """
    return (sodium_mmol_l - chloride_mmol_l - bicarbonate_mmol_l + 2.5 * (4 - albumin_g_dl) - 12) / (24 - bicarbonate_mmol_l)


@equation(
    title="Expected PaCO2 in metabolic acidosis (Winters)", unit="mmHg",
    source="Albert MS et al. Ann Intern Med 1967;66:312-322. doi:10.7326/0003-4819-66-2-312",
    formula="1.5 HCO3 + 8, plus or minus 2", digits=1, aliases=["winters formula", "winter's formula", "expected pco2"],
    population="people with metabolic acidosis", notes=["measured above: respiratory acidosis too; below: respiratory alkalosis too"],
)  # fmt: skip
def winters_formula(*, bicarbonate_mmol_l: float) -> float:
    """PaCO2 that full respiratory compensation would reach, in mmHg.

    >>> winters_formula(bicarbonate_mmol_l=10)
    23.0
    """
    return 1.5 * bicarbonate_mmol_l + 8


@equation(
    title="Serum osmolality", unit="mOsm/kg", source="Purssell RA et al. Ann Emerg Med 2001;38:653-659. doi:10.1067/mem.2001.119455",
    formula="2 Na + glucose / 18 + BUN / 2.8 (mg/dL)", digits=1, aliases=["serum osmolality", "calculated osmolality"],
    bands=[(0, "low"), (275, "usual"), (295.1, "high")],
)  # fmt: skip
def serum_osmolality(*, sodium_mmol_l: float, glucose_mg_dl: float, bun_mg_dl: float) -> float:
    """Calculated serum osmolality in mOsm/kg.

    >>> serum_osmolality(sodium_mmol_l=140, glucose_mg_dl=90, bun_mg_dl=14)
    290.0
    """
    return 2 * sodium_mmol_l + glucose_mg_dl / 18 + bun_mg_dl / 2.8


@equation(
    title="Osmolal gap", unit="mOsm/kg", source="Purssell RA et al. Ann Emerg Med 2001;38:653-659. doi:10.1067/mem.2001.119455", digits=1,
    formula="measured - (2 Na + glucose / 18 + BUN / 2.8 + ethanol / 4.6)", aliases=["osmolal gap", "osmolar gap"],
    bands=[(-1e9, "10 or less"), (10.01, "above 10: unmeasured osmoles, toxic alcohols among them")],
    notes=["ethanol counts only where it was measured", "a normal gap does not rule out a late toxic alcohol poisoning"],
)  # fmt: skip
def osmolal_gap(
    *, osmolality_mosm_kg: float, sodium_mmol_l: float, glucose_mg_dl: float, bun_mg_dl: float, ethanol_mg_dl: float | None = None,
) -> float:
    """Measured less calculated osmolality, in mOsm/kg.

    >>> osmolal_gap(osmolality_mosm_kg=310, sodium_mmol_l=140, glucose_mg_dl=90, bun_mg_dl=14)
    20.0
    """
    return osmolality_mosm_kg - (2 * sodium_mmol_l + glucose_mg_dl / 18 + bun_mg_dl / 2.8 + (ethanol_mg_dl or 0) / 4.6)


@equation(
    title="Sodium corrected for glucose (Hillier)", unit="mmol/L",
    source="Hillier TA et al. Am J Med 1999;106:399-403. doi:10.1016/S0002-9343(99)00055-8",
    formula="Na + 2.4 (glucose - 100) / 100, glucose above 100 mg/dL", digits=1,
    aliases=["corrected sodium", "sodium correction", "Sodium Correction for Hyperglycemia"],
    notes=["Katz 1973 gives 1.6 mmol/L for each 100 mg/dL: see corrected_sodium_katz", "no correction at or below 100 mg/dL"],
)  # fmt: skip
def corrected_sodium(*, sodium_mmol_l: float, glucose_mg_dl: float) -> float:
    """Sodium as it would be at a glucose of 100 mg/dL, 2.4 mmol/L for each 100 mg/dL above.

    >>> corrected_sodium(sodium_mmol_l=130, glucose_mg_dl=600)
    142.0
    """
    return sodium_mmol_l + 2.4 * max(glucose_mg_dl - 100, 0) / 100


@equation(
    title="Katz sodium corrected for glucose", unit="mmol/L",
    source="Katz MA. N Engl J Med 1973;289:843-844. doi:10.1056/NEJM197310182891607",
    formula="Na + 1.6 (glucose - 100) / 100, glucose above 100 mg/dL", digits=1, aliases=["katz sodium", "corrected sodium katz"],
    notes=["underestimates above 400 mg/dL (Hillier 1999)"],
)  # fmt: skip
def corrected_sodium_katz(*, sodium_mmol_l: float, glucose_mg_dl: float) -> float:
    """Sodium as it would be at a glucose of 100 mg/dL, 1.6 mmol/L for each 100 mg/dL above.

    >>> corrected_sodium_katz(sodium_mmol_l=130, glucose_mg_dl=600)
    138.0
    """
    return sodium_mmol_l + 1.6 * max(glucose_mg_dl - 100, 0) / 100


def body_water(weight_kg: float, age_years: float, sex: Sex) -> float:
    """Total body water in L: 0.6 of the weight in children and men, 0.5 in women and men from 65, 0.45 in women from 65."""
    if age_years < 18:
        return 0.6 * weight_kg
    younger, older = (0.5, 0.45) if sex == "female" else (0.6, 0.5)
    return (older if age_years >= 65 else younger) * weight_kg


@equation(
    title="Free water deficit", unit="L", source="Adrogué HJ, Madias NE. N Engl J Med 2000;342:1493-1499. doi:10.1056/NEJM200005183422006",
    formula="body water (Na / 140 - 1); body water 0.6, 0.5 or 0.45 of weight by sex and age",
    aliases=["free water deficit", "water deficit"],
    population="people with hypernatremia", notes=["target sodium 140 mmol/L; a negative value is an excess, not a deficit"],
)  # fmt: skip
def free_water_deficit(*, weight_kg: float, sodium_mmol_l: float, age_years: float, sex: Sex) -> float:
    """Water that would bring sodium to 140 mmol/L, in L.

    >>> round(free_water_deficit(weight_kg=70, sodium_mmol_l=160, age_years=40, sex="male"), 2)
    6.0
    """
    return body_water(weight_kg, age_years, sex) * (sodium_mmol_l / 140 - 1)


@equation(
    title="Sodium deficit", unit="mmol", source="Adrogué HJ, Madias NE. N Engl J Med 2000;342:1581-1589. doi:10.1056/NEJM200005253422107",
    formula="body water (target Na - Na)", digits=0, aliases=["sodium deficit"], population="people with hypovolemic hyponatremia",
    notes=["not more than 8 to 10 mmol/L in 24 h: faster correction can injure the brain"],
)  # fmt: skip
def sodium_deficit(*, weight_kg: float, sodium_mmol_l: float, target_sodium_mmol_l: float, age_years: float, sex: Sex) -> float:
    """Sodium that would raise serum sodium to the target, in mmol.

    >>> sodium_deficit(weight_kg=60, sodium_mmol_l=115, target_sodium_mmol_l=120, age_years=30, sex="female")
    150.0
    """
    return body_water(weight_kg, age_years, sex) * (target_sodium_mmol_l - sodium_mmol_l)
