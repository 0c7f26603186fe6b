"""Intracranial volume and pressure."""

from __future__ import annotations

from assistant.risk.equation import equation


@equation(
    title="Intracerebral hemorrhage volume (ABC/2)", unit="mL",
    source="Kothari RU et al. Stroke 1996;27:1304-1305. doi:10.1161/01.STR.27.8.1304",
    formula="A B C / 2", digits=1, population="adults with intracerebral hemorrhage", aliases=["abc/2", "hematoma volume"],
    bands=[(0, "below 30 mL"), (30, "30 mL or more: a point of the ICH score")],
    notes=["less exact in irregular and in warfarin-related hemorrhage"],
)  # fmt: skip
def ich_volume(*, largest_diameter_cm: float, perpendicular_diameter_cm: float, depth_cm: float) -> float:
    """Volume of a hemorrhage in mL from its three diameters.

    >>> ich_volume(largest_diameter_cm=5, perpendicular_diameter_cm=4, depth_cm=3)
    30.0
    """
    return largest_diameter_cm * perpendicular_diameter_cm * depth_cm / 2


@equation(
    title="Cerebral perfusion pressure", unit="mmHg", source="Carney N et al. Neurosurgery 2017;80:6-15. doi:10.1227/NEU.0000000000001432",
    digits=0,
    formula="MAP - intracranial pressure", population="adults with severe brain injury", aliases=["cerebral perfusion pressure"],
    bands=[(-1e9, "below 60 mmHg"), (60, "60 to 70 mmHg: target range"), (70.01, "above 70 mmHg")],
)  # fmt: skip
def cerebral_perfusion_pressure(*, map_mmhg: float, icp_mmhg: float) -> float:
    """Cerebral perfusion pressure in mmHg.

    >>> cerebral_perfusion_pressure(map_mmhg=85, icp_mmhg=20)
    65
    """
    return map_mmhg - icp_mmhg
