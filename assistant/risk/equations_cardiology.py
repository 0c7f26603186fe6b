"""Heart rate corrected QT, pressures, flow and the aortic valve."""

from __future__ import annotations

import math

from assistant.risk.equation import equation

QTC_BANDS = [(0, "not prolonged"), (450, "prolonged in men"), (460, "prolonged"), (500, "markedly prolonged: risk of torsades de pointes")]
QTC_NOTE = "upper limits of 450 ms in men and 460 ms in women: AHA/ACCF/HRS 2009, doi:10.1161/CIRCULATIONAHA.108.191096"


@equation(
    title="Bazett QTc", unit="ms", source="Bazett HC. Heart 1920;7:353-370; reprinted doi:10.1111/j.1542-474X.1997.tb00325.x",
    formula="QT / sqrt(RR), RR = 60 / heart rate in s", digits=1, bands=QTC_BANDS,
    aliases=["calculate qtc", "qtc bazett", "bazett", "QTc Bazett Calculator"],
    notes=["corrects too much above 90/min and too little below 60/min", QTC_NOTE],
)  # fmt: skip
def qtc_bazett(*, qt_ms: float, heart_rate_per_min: float) -> float:
    """QT corrected by the square root of RR, in ms.

    >>> qtc_bazett(qt_ms=400, heart_rate_per_min=60)
    400.0
    """
    return qt_ms / math.sqrt(60 / heart_rate_per_min)


@equation(
    title="Fridericia QTc", unit="ms", source="Fridericia LS. Acta Med Scand 1920;53:469-486. doi:10.1111/j.0954-6820.1920.tb18266.x",
    formula="QT / RR^(1/3), RR = 60 / heart rate in s", digits=1, bands=QTC_BANDS,
    aliases=["qtc fridericia", "fridericia", "QTc Fridericia Calculator"], notes=[QTC_NOTE],
)  # fmt: skip
def qtc_fridericia(*, qt_ms: float, heart_rate_per_min: float) -> float:
    """QT corrected by the cube root of RR, in ms.

    >>> round(qtc_fridericia(qt_ms=400, heart_rate_per_min=60), 6)
    400.0
    """
    return float(qt_ms / (60 / heart_rate_per_min) ** (1 / 3))


@equation(
    title="Framingham QTc", unit="ms", source="Sagie A et al. Am J Cardiol 1992;70:797-801. doi:10.1016/0002-9149(92)90562-D",
    formula="QT + 154 (1 - RR), RR = 60 / heart rate in s", digits=1, bands=QTC_BANDS,
    aliases=["qtc framingham", "framingham qtc", "framingham formula for corrected qt", "QTc Framingham Calculator"], notes=[QTC_NOTE],
)  # fmt: skip
def qtc_framingham(*, qt_ms: float, heart_rate_per_min: float) -> float:
    """QT corrected linearly by RR, in ms.

    >>> qtc_framingham(qt_ms=400, heart_rate_per_min=60)
    400.0
    """
    return qt_ms + 154 * (1 - 60 / heart_rate_per_min)


@equation(
    title="Hodges QTc", unit="ms",
    source="Hodges M et al. J Am Coll Cardiol 1983;1:694; Luo S et al. doi:10.1016/j.jelectrocard.2004.08.030",
    formula="QT + 1.75 (heart rate - 60)", digits=1, bands=QTC_BANDS, aliases=["qtc hodges", "hodges", "QTc Hodges Calculator"],
    notes=[QTC_NOTE],
)  # fmt: skip
def qtc_hodges(*, qt_ms: float, heart_rate_per_min: float) -> float:
    """QT corrected linearly by the heart rate, in ms.

    >>> qtc_hodges(qt_ms=400, heart_rate_per_min=80)
    435.0
    """
    return qt_ms + 1.75 * (heart_rate_per_min - 60)


@equation(
    title="Rautaharju QTc", unit="ms", source="Rautaharju PM et al. J Electrocardiol 1990;23 Suppl:111-117. PMID 2090728",
    formula="QT (120 + heart rate) / 180", digits=1, bands=QTC_BANDS, aliases=["qtc rautaharju", "rautaharju", "QTc Rautaharju Calculator"],
    notes=["for a QRS below 120 ms", QTC_NOTE],
)  # fmt: skip
def qtc_rautaharju(*, qt_ms: float, heart_rate_per_min: float) -> float:
    """QT corrected by the rate function of Rautaharju, in ms.

    >>> qtc_rautaharju(qt_ms=360, heart_rate_per_min=60)
    360.0
    """
    return qt_ms * (120 + heart_rate_per_min) / 180


@equation(
    title="Mean arterial pressure", unit="mmHg", source="Sesso HD et al. Hypertension 2000;36:801-807. doi:10.1161/01.HYP.36.5.801",
    formula="DBP + (SBP - DBP) / 3", digits=1, bands=[(0, "below 65 mmHg, the usual target in shock"), (65, "65 mmHg or more")],
    aliases=["mean arterial pressure", "mean blood pressure", "Mean Arterial Pressure (MAP)"],
    notes=["an approximation for normal heart rates"],
)  # fmt: skip
def mean_arterial_pressure(*, sbp_mmhg: float, dbp_mmhg: float) -> float:
    """Mean arterial pressure in mmHg.

    >>> mean_arterial_pressure(sbp_mmhg=120, dbp_mmhg=90)
    100.0
    """
    _ordered(sbp_mmhg, dbp_mmhg)
    return dbp_mmhg + (sbp_mmhg - dbp_mmhg) / 3


@equation(
    title="Pulse pressure", unit="mmHg", source="Franklin SS et al. Circulation 1999;100:354-360. doi:10.1161/01.CIR.100.4.354",
    formula="SBP - DBP", digits=0, bands=[(0, ""), (60, "wide")], aliases=["pulse pressure"],
    notes=["narrow when it is a quarter of the systolic pressure or less: low stroke volume"],
)  # fmt: skip
def pulse_pressure(*, sbp_mmhg: float, dbp_mmhg: float) -> float:
    """Pulse pressure in mmHg.

    >>> pulse_pressure(sbp_mmhg=120, dbp_mmhg=80)
    40
    """
    _ordered(sbp_mmhg, dbp_mmhg)
    return sbp_mmhg - dbp_mmhg


def _ordered(sbp: float, dbp: float) -> None:
    if dbp > sbp:
        raise ValueError("the diastolic pressure is above the systolic")


@equation(
    title="Shock index", unit="ratio", source="Allgöwer M, Burri C. Dtsch Med Wochenschr 1967;92:1947-1950. doi:10.1055/s-0028-1106070",
    formula="heart rate / SBP", bands=[(0, "below 0.7: usual at rest"), (0.7, "raised"), (1.0, "1 or more: shock likely")],
    aliases=["shock index"], notes=["beta-blockers and pacing hide it"],
)  # fmt: skip
def shock_index(*, heart_rate_per_min: float, sbp_mmhg: float) -> float:
    """Heart rate over systolic pressure.

    >>> shock_index(heart_rate_per_min=120, sbp_mmhg=100)
    1.2
    """
    return heart_rate_per_min / sbp_mmhg


@equation(
    title="Cardiac output (Fick)", unit="L/min",
    source="Fick A 1870; LaFarge CG, Miettinen OS. Cardiovasc Res 1970;4:23-30. doi:10.1093/cvr/4.1.23",
    formula="VO2 / (13.6 Hb (SaO2 - SvO2) / 100), VO2 in mL/min", aliases=["fick", "fick cardiac output"],
    notes=["1.36 mL of oxygen per gram of hemoglobin; dissolved oxygen left out; an assumed VO2 can be 25 % wrong"],
)  # fmt: skip
def cardiac_output_fick(*, vo2_ml_min: float, hemoglobin_g_dl: float, spo2_percent: float, svo2_percent: float) -> float:
    """Cardiac output in L/min from oxygen uptake and the saturations of arterial and mixed venous blood.

    >>> round(cardiac_output_fick(vo2_ml_min=250, hemoglobin_g_dl=15, spo2_percent=98, svo2_percent=73), 2)
    4.9
    """
    if svo2_percent >= spo2_percent:
        raise ValueError("venous saturation is not below arterial")
    return vo2_ml_min / (13.6 * hemoglobin_g_dl * (spo2_percent - svo2_percent) / 100)


@equation(
    title="Systemic vascular resistance", unit="dyn.s/cm5",
    source="Kelly CR, Rabbani LE. N Engl J Med 2013;369:e35. doi:10.1056/NEJMvcm1212416",
    formula="80 (MAP - CVP) / cardiac output", digits=0, bands=[(0, "low"), (800, "usual"), (1200.5, "high")],
    aliases=["systemic vascular resistance"],
)  # fmt: skip
def systemic_vascular_resistance(*, map_mmhg: float, cvp_mmhg: float, cardiac_output_l_min: float) -> float:
    """Systemic vascular resistance in dyn.s/cm5.

    >>> systemic_vascular_resistance(map_mmhg=85, cvp_mmhg=5, cardiac_output_l_min=5)
    1280.0
    """
    return 80 * (map_mmhg - cvp_mmhg) / cardiac_output_l_min


@equation(
    title="Aortic valve area (continuity equation)", unit="cm2",
    source="Baumgartner H et al. J Am Soc Echocardiogr 2017;30:372-392. doi:10.1016/j.echo.2017.02.009",
    formula="pi (d / 2)^2 VTI(LVOT) / VTI(AV)",
    bands=[(0, "1.0 cm2 or less: severe range"), (1.01, "moderate range"), (1.51, "mild range")],
    population="adults with aortic stenosis", aliases=["aortic valve area", "continuity equation"],
    notes=["grade with gradient, velocity and flow together"],
)  # fmt: skip
def aortic_valve_area(*, lvot_diameter_cm: float, lvot_vti_cm: float, av_vti_cm: float) -> float:
    """Effective orifice area in cm2.

    >>> round(aortic_valve_area(lvot_diameter_cm=2, lvot_vti_cm=20, av_vti_cm=80), 3)
    0.785
    """
    return math.pi * (lvot_diameter_cm / 2) ** 2 * lvot_vti_cm / av_vti_cm
