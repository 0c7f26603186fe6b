"""Children: fluids and height; burns at any age."""

from __future__ import annotations

from assistant.risk.common import Sex
from assistant.risk.equation import Outcome, equation


@equation(
    title="Maintenance fluid (4-2-1)", unit="mL/h", source="Holliday MA, Segar WE. Pediatrics 1957;19:823-832. doi:10.1542/peds.19.5.823",
    digits=1,
    formula="4 mL/kg/h for the first 10 kg, 2 for the next 10, 1 above", population="children after the newborn period, and adults",
    aliases=["maintenance fluids", "4-2-1 rule", "holliday-segar", "Maintenance Fluids Calculations"],
    notes=["the rule in full: 100, 50 and 20 mL/kg a day", "isotonic fluid (AAP 2018); less in heart or kidney failure and in raised ADH"],
)  # fmt: skip
def maintenance_fluids(*, weight_kg: float) -> float:
    """Maintenance fluid in mL an hour.

    >>> maintenance_fluids(weight_kg=25)
    65.0
    """
    return 4.0 * min(weight_kg, 10) + 2.0 * min(max(weight_kg - 10, 0), 10) + max(weight_kg - 20, 0)


@equation(
    title="Burn resuscitation (Parkland)", unit="mL",
    source="Baxter CR, Shires T. Ann N Y Acad Sci 1968;150:874-894. doi:10.1111/j.1749-6632.1968.tb14738.x",
    formula="4 mL x weight x burned surface in %", digits=0, population="people with burns above 20 % (children 10 %) of the body surface",
    aliases=["parkland", "parkland formula", "burn fluids"],
    notes=["lactated Ringer's in the 24 h from the burn: half in the first 8 h, counted from the burn itself",
           "a start: titrate to urine output",
           "superficial (first degree) burns do not count; children need maintenance fluid besides"],
)  # fmt: skip
def parkland_formula(*, weight_kg: float, burn_percent: float) -> Outcome:
    """Fluid for the first 24 hours in mL."""
    total = 4 * weight_kg * burn_percent
    return Outcome(total, notes=(f"first 8 h: {total / 2:.0f} mL; next 16 h: {total / 2:.0f} mL",))


@equation(
    title="Target height (mid-parental)", unit="cm", source="Tanner JM et al. Arch Dis Child 1970;45:755-762. doi:10.1136/adc.45.244.755",
    digits=1,
    formula="(father + mother + 13) / 2 for boys, (father + mother - 13) / 2 for girls", population="children",
    aliases=["target height", "mid-parental height", "midparental height"], notes=["within 8.5 cm either way for most children"],
)  # fmt: skip
def target_height(*, father_height_cm: float, mother_height_cm: float, sex: Sex) -> float:
    """Expected adult height in cm.

    >>> target_height(father_height_cm=180, mother_height_cm=167, sex="male")
    180.0
    """
    return (father_height_cm + mother_height_cm + (-13 if sex == "female" else 13)) / 2
