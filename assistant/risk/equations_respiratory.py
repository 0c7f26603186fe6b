"""Gas exchange."""

from __future__ import annotations

from assistant.risk.common import Sex
from assistant.risk.equation import equation


@equation(
    title="PaO2/FiO2 ratio", unit="mmHg", source="ARDS Definition Task Force. JAMA 2012;307:2526-2533. doi:10.1001/jama.2012.5669",
    digits=0,
    formula="PaO2 / (FiO2 / 100)", aliases=["p/f ratio", "pf ratio", "pao2/fio2"],
    bands=[(0, "severe range of ARDS"), (100.01, "moderate range of ARDS"), (200.01, "mild range of ARDS"), (300.01, "above 300")],
    notes=["ranges hold with PEEP or CPAP of 5 cmH2O or more, bilateral opacities and onset within a week"],
)  # fmt: skip
def pf_ratio(*, pao2_mmhg: float, fio2_percent: float) -> float:
    """Oxygenation ratio in mmHg.

    >>> pf_ratio(pao2_mmhg=80, fio2_percent=40)
    200.0
    """
    return pao2_mmhg / (fio2_percent / 100)


@equation(
    title="Alveolar-arterial oxygen gradient", unit="mmHg",
    source="Mellemgaard K. Acta Physiol Scand 1966;67:10-20. doi:10.1111/j.1748-1716.1966.tb03281.x", digits=1,
    formula="FiO2 (760 - 47) - PaCO2 / 0.8 - PaO2", aliases=["a-a gradient", "aa gradient", "alveolar-arterial gradient"],
    notes=["at sea level, respiratory quotient 0.8", "breathing air, about age / 4 + 4 is expected"],
)  # fmt: skip
def a_a_gradient(*, pao2_mmhg: float, paco2_mmhg: float, fio2_percent: float) -> float:
    """Alveolar less arterial oxygen tension at sea level, in mmHg.

    >>> round(a_a_gradient(pao2_mmhg=90, paco2_mmhg=40, fio2_percent=21), 2)
    9.73
    """
    return alveolar_oxygen(fio2_percent, paco2_mmhg) - pao2_mmhg


def alveolar_oxygen(fio2_percent: float, paco2_mmhg: float) -> float:
    """Alveolar oxygen tension at sea level, in mmHg."""
    return fio2_percent / 100 * (760 - 47) - paco2_mmhg / 0.8


@equation(
    title="ROX index", unit="index", source="Roca O et al. Am J Respir Crit Care Med 2019;199:1368-1376. doi:10.1164/rccm.201803-0589OC",
    formula="(SpO2 / (FiO2 / 100)) / respiratory rate", population="adults with pneumonia on high-flow nasal oxygen", aliases=["rox"],
    bands=[(0, "below 4.88"), (4.88, "4.88 or more: lower risk of intubation (at 2, 6 or 12 h)")],
    notes=["failure likely below 2.85 at 2 h, 3.47 at 6 h, 3.85 at 12 h"],
)  # fmt: skip
def rox_index(*, spo2_percent: float, fio2_percent: float, resp_rate_per_min: float) -> float:
    """Saturation over inspired oxygen over breathing rate.

    >>> rox_index(spo2_percent=90, fio2_percent=60, resp_rate_per_min=30)
    5.0
    """
    return spo2_percent / (fio2_percent / 100) / resp_rate_per_min


@equation(
    title="Low tidal volume in ARDS", unit="mL", source="ARDS Network. N Engl J Med 2000;342:1301-1308. doi:10.1056/NEJM200005043421801",
    formula="6 mL per kg of predicted weight: 50 (men) or 45.5 (women) + 0.91 (height - 152.4)", digits=0,
    population="ventilated adults with ARDS",
    aliases=["tidal volume", "lung protective tidal volume"], notes=["4 to 8 mL/kg, plateau pressure 30 cmH2O or less"],
)  # fmt: skip
def low_tidal_volume(*, height_cm: float, sex: Sex) -> float:
    """Tidal volume of 6 mL per kg of predicted weight, in mL.

    >>> round(low_tidal_volume(height_cm=152.4, sex="male"), 6)
    300.0
    """
    return 6 * ((45.5 if sex == "female" else 50.0) + 0.91 * (height_cm - 152.4))
