"""Activity of rheumatoid arthritis."""

from __future__ import annotations

import math

from assistant.risk.equation import equation

BANDS = [(0, "remission"), (2.6, "low activity"), (3.21, "moderate activity"), (5.11, "high activity")]
RA = "adults with rheumatoid arthritis"
JOINTS = {"tender_joints": (0.0, 28.0), "swollen_joints": (0.0, 28.0), "global_health_mm": (0.0, 100.0)}


@equation(
    title="DAS28-ESR, rheumatoid arthritis activity", unit="points",
    source="Prevoo ML et al. Arthritis Rheum 1995;38:44-48. doi:10.1002/art.1780380107",
    formula="0.56 sqrt(tender) + 0.28 sqrt(swollen) + 0.70 ln(ESR) + 0.014 global health", bands=BANDS, population=RA,
    aliases=["das28", "das28-esr"],
    limits={**JOINTS, "esr_mm_h": (1, 200)},
)  # fmt: skip
def das28_esr(*, tender_joints: float, swollen_joints: float, esr_mm_h: float, global_health_mm: float) -> float:
    """Disease activity in 28 joints with the erythrocyte sedimentation rate; global health 0 (best) to 100 mm.

    >>> round(das28_esr(tender_joints=4, swollen_joints=4, esr_mm_h=1, global_health_mm=50), 2)
    2.38
    """
    return 0.56 * math.sqrt(tender_joints) + 0.28 * math.sqrt(swollen_joints) + 0.70 * math.log(esr_mm_h) + 0.014 * global_health_mm


@equation(
    title="DAS28-CRP, rheumatoid arthritis activity", unit="points",
    source="Wells G et al. Ann Rheum Dis 2009;68:954-960. doi:10.1136/ard.2007.084459",
    formula="0.56 sqrt(tender) + 0.28 sqrt(swollen) + 0.36 ln(CRP + 1) + 0.014 global health + 0.96", bands=BANDS, population=RA,
    aliases=["das28-crp"], limits=JOINTS, notes=["runs lower than DAS28-ESR: the same limits underestimate activity"],
)  # fmt: skip
def das28_crp(*, tender_joints: float, swollen_joints: float, crp_mg_l: float, global_health_mm: float) -> float:
    """Disease activity in 28 joints with C-reactive protein (mg/L); global health 0 (best) to 100 mm.

    >>> round(das28_crp(tender_joints=4, swollen_joints=4, crp_mg_l=0, global_health_mm=50), 2)
    3.34
    """
    return 0.56 * math.sqrt(tender_joints) + 0.28 * math.sqrt(swollen_joints) + 0.36 * math.log(crp_mg_l + 1) + 0.014 * global_health_mm + 0.96


@equation(
    title="CDAI, rheumatoid arthritis activity", unit="points",
    source="Aletaha D et al. Arthritis Res Ther 2005;7:R796-R806. doi:10.1186/ar1740", digits=1,
    formula="tender + swollen + patient global + physician global (0 to 10)", population=RA,
    aliases=["cdai", "clinical disease activity index"],
    bands=[(0, "remission"), (2.81, "low activity"), (10.01, "moderate activity"), (22.01, "high activity")],
    limits={"tender_joints": (0, 28), "swollen_joints": (0, 28), "patient_global_0_10": (0, 10), "physician_global_0_10": (0, 10)},
)  # fmt: skip
def cdai_ra(*, tender_joints: float, swollen_joints: float, patient_global_0_10: float, physician_global_0_10: float) -> float:
    """Clinical disease activity index, 0 to 76.

    >>> cdai_ra(tender_joints=4, swollen_joints=3, patient_global_0_10=5, physician_global_0_10=4)
    16
    """
    return tender_joints + swollen_joints + patient_global_0_10 + physician_global_0_10
