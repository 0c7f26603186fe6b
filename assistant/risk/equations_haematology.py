"""Blood counts and iron."""

from __future__ import annotations

from assistant.risk.equation import equation


@equation(
    title="Mentzer index", unit="index", source="Mentzer WC. Lancet 1973;301:882. doi:10.1016/S0140-6736(73)91446-3",
    formula="MCV / red cell count",
    digits=1, aliases=["mentzer"], bands=[(0, "below 13: thalassemia trait more likely"), (13, "13 or more: iron deficiency more likely")],
    population="people with microcytic anemia", notes=["a pointer only: ferritin and hemoglobin analysis decide"],
)  # fmt: skip
def mentzer_index(*, mcv_fl: float, rbc_10e12_l: float) -> float:
    """Mean cell volume over red cell count (10e12/L).

    >>> mentzer_index(mcv_fl=65, rbc_10e12_l=5)
    13.0
    """
    return mcv_fl / rbc_10e12_l


@equation(
    title="Iron deficit (Ganzoni)", unit="mg", source="Ganzoni AM. Schweiz Med Wochenschr 1970;100:301-303. PMID 5413918", digits=0,
    formula="weight (target Hb - Hb) 2.4 + stores; stores 500 mg, 15 mg/kg below 35 kg", aliases=["ganzoni", "iron deficit"],
    population="people with iron deficiency anemia",
    notes=["usual target 15 g/dL, 13 g/dL below 35 kg; the dose limits of the product hold besides"],
)  # fmt: skip
def iron_deficit(*, weight_kg: float, hemoglobin_g_dl: float, target_hemoglobin_g_dl: float) -> float:
    """Total iron deficit in mg.

    >>> iron_deficit(weight_kg=70, hemoglobin_g_dl=10, target_hemoglobin_g_dl=15)
    1340.0
    """
    if hemoglobin_g_dl > target_hemoglobin_g_dl:
        raise ValueError("hemoglobin is above the target")
    stores = 500 if weight_kg >= 35 else 15 * weight_kg
    return weight_kg * (target_hemoglobin_g_dl - hemoglobin_g_dl) * 2.4 + stores


@equation(
    title="Reticulocyte production index", unit="index", source="Hillman RS. J Clin Invest 1969;48:443-453. doi:10.1172/JCI106001",
    formula="reticulocytes % (hematocrit / 45) / maturation; maturation 1, 1.5, 2, 2.5 at a hematocrit above 35, 25, 15 and below",
    aliases=["rpi", "reticulocyte index", "corrected reticulocyte index"], population="people with anemia",
    bands=[(0, "below 2: marrow response too small"), (2, "2 to 3"), (3, "3 or more: marrow responds, loss or hemolysis")],
)  # fmt: skip
def reticulocyte_production_index(*, reticulocytes_percent: float, hematocrit_percent: float) -> float:
    """Reticulocytes corrected for hematocrit and early release.

    >>> reticulocyte_production_index(reticulocytes_percent=9, hematocrit_percent=30)
    4.0
    """
    maturation = next((factor for floor, factor in ((35, 1.0), (25, 1.5), (15, 2.0)) if hematocrit_percent > floor), 2.5)
    return reticulocytes_percent * hematocrit_percent / 45 / maturation


@equation(
    title="Absolute neutrophil count", unit="10e9/L",
    source="Freifeld AG et al. (IDSA). Clin Infect Dis 2011;52:e56-e93. doi:10.1093/cid/cir073",
    formula="white cells (neutrophils % + bands %) / 100", aliases=["absolute neutrophil count"],
    bands=[(0, "profound neutropenia"), (0.1, "severe neutropenia"), (0.5, "moderate neutropenia"), (1.0, "mild neutropenia"),
           (1.5, "not neutropenic")],
    notes=["bands count where they are reported apart"],
)  # fmt: skip
def absolute_neutrophils(*, wbc_10e9_l: float, neutrophils_percent: float, bands_percent: float | None = None) -> float:
    """Neutrophils with band forms, in 10e9/L.

    >>> absolute_neutrophils(wbc_10e9_l=2, neutrophils_percent=20, bands_percent=5)
    0.5
    """
    share = neutrophils_percent + (bands_percent or 0)
    if share > 100:
        raise ValueError("neutrophils and bands are above 100 %")
    return wbc_10e9_l * share / 100
