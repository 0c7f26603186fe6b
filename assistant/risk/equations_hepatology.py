"""Liver: MELD, fibrosis indices, alcoholic hepatitis."""

from __future__ import annotations

import math

from assistant.risk.common import DIABETES, DIALYSIS, Sex
from assistant.risk.equation import equation

DIALYSED = {"dialysis_twice_in_week": DIALYSIS}
UMOL = 17.1     # umol/L of bilirubin in a mg/dL


@equation(
    title="MELD-Na", unit="points", source="Kim WR et al. N Engl J Med 2008;359:1018-1026. doi:10.1056/NEJMoa0801209; OPTN policy 9 (2016)",
    formula="MELD(i) + 1.32 (137 - Na) - 0.033 MELD(i) (137 - Na), for MELD(i) above 11", digits=0, population="adults with cirrhosis",
    findings=DIALYSED, aliases=["meld", "meld-na", "meldna", "meld na score", "MELD Na (UNOS/OPTN)"],
    notes=["OPTN replaced it by MELD 3.0 in July 2023", "dialysis: twice in the week, or 24 h of continuous hemodialysis"],
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


@equation(
    title="MELD 3.0", unit="points", source="Kim WR et al. Gastroenterology 2021;161:1887-1895. doi:10.1053/j.gastro.2021.08.050", digits=0,
    formula="1.33 (female) + 4.56 ln bili + 0.82 (137 - Na) - 0.24 (137 - Na) ln bili + 9.09 ln INR + 11.14 ln Scr + 1.85 (3.5 - alb)"
            " - 1.83 (3.5 - alb) ln Scr + 6",
    population="people of 12 years and more with cirrhosis", findings=DIALYSED, aliases=["meld 3", "meld 3.0"],
    notes=["the score of OPTN since July 2023", "dialysis: twice in the week, or 24 h of continuous hemodialysis"],
)  # fmt: skip
def meld_3(
    *, creatinine_mg_dl: float, bilirubin_mg_dl: float, inr: float, sodium_mmol_l: float, albumin_g_dl: float, sex: Sex,
    dialysis_twice_in_week: bool,
) -> float:  # fmt: skip
    """MELD 3.0, 6 to 40 points: values below 1 count as 1, creatinine at most 3, sodium 125 to 137, albumin 1.5 to 3.5."""
    creatinine = math.log(3.0 if dialysis_twice_in_week else min(max(creatinine_mg_dl, 1.0), 3.0))
    bilirubin, clotting = math.log(max(bilirubin_mg_dl, 1.0)), math.log(max(inr, 1.0))
    sodium, albumin = 137 - min(max(sodium_mmol_l, 125.0), 137.0), 3.5 - min(max(albumin_g_dl, 1.5), 3.5)
    score = 1.33 * (sex == "female") + 4.56 * bilirubin + 0.82 * sodium - 0.24 * sodium * bilirubin + 9.09 * clotting
    score += 11.14 * creatinine + 1.85 * albumin - 1.83 * albumin * creatinine + 6
    return min(max(math.floor(score + 0.5), 6), 40)


@equation(
    title="FIB-4, liver fibrosis", unit="index", source="Sterling RK et al. Hepatology 2006;43:1317-1325. doi:10.1002/hep.21178",
    formula="age AST / (platelets sqrt(ALT))",
    bands=[(0, "advanced fibrosis unlikely"), (1.3, "indeterminate"), (2.68, "advanced fibrosis likely")],
    limits={"age_years": (18, 120)}, aliases=["fib-4", "fib4", "fib 4 index", "Fibrosis-4 (FIB-4) Index for Liver Fibrosis"],
    notes=["bands for steatotic liver disease (EASL 2024, AASLD 2023); from 65 years the lower cut-off is 2.0; Sterling used 1.45 and 3.25 in HIV-HCV",
           "not reliable below 35 years"],
)  # fmt: skip
def fib4(*, age_years: float, ast_u_l: float, alt_u_l: float, platelets_10e9_l: float) -> float:
    """Fibrosis-4 index.

    >>> fib4(age_years=50, ast_u_l=40, alt_u_l=25, platelets_10e9_l=200)
    2.0
    """
    return age_years * ast_u_l / (platelets_10e9_l * math.sqrt(alt_u_l))


@equation(
    title="APRI, AST to platelet ratio index", unit="index", source="Wai CT et al. Hepatology 2003;38:518-526. doi:10.1053/jhep.2003.50346",
    formula="100 (AST / upper limit) / platelets", population="adults with chronic viral hepatitis", aliases=["apri score"],
    bands=[(0, "significant fibrosis unlikely"), (0.51, "indeterminate"), (1.51, "significant fibrosis likely")],
)  # fmt: skip
def apri(*, ast_u_l: float, ast_upper_limit_u_l: float, platelets_10e9_l: float) -> float:
    """AST to platelet ratio index.

    >>> apri(ast_u_l=80, ast_upper_limit_u_l=40, platelets_10e9_l=200)
    1.0
    """
    return 100 * (ast_u_l / ast_upper_limit_u_l) / platelets_10e9_l


@equation(
    title="NAFLD fibrosis score", unit="points", source="Angulo P et al. Hepatology 2007;45:846-854. doi:10.1002/hep.21496", digits=3,
    formula="-1.675 + 0.037 age + 0.094 BMI + 1.13 (diabetes or impaired fasting glucose) + 0.99 AST/ALT - 0.013 platelets - 0.66 albumin",
    bands=[(-1e9, "advanced fibrosis unlikely"), (-1.455, "indeterminate"), (0.677, "advanced fibrosis likely")],
    population="adults with steatotic liver disease", aliases=["nafld score"],
    findings={"diabetes_or_impaired_glucose": (*DIABETES, "prediabetes")},
    notes=["from 65 years a lower cut-off of 0.12 is used"],
)  # fmt: skip
def nafld_fibrosis(
    *, age_years: float, bmi_kg_m2: float, diabetes_or_impaired_glucose: bool, ast_u_l: float, alt_u_l: float, platelets_10e9_l: float,
    albumin_g_dl: float,
) -> float:  # fmt: skip
    """NAFLD fibrosis score."""
    score = -1.675 + 0.037 * age_years + 0.094 * bmi_kg_m2 + 1.13 * diabetes_or_impaired_glucose + 0.99 * ast_u_l / alt_u_l
    return score - 0.013 * platelets_10e9_l - 0.66 * albumin_g_dl


@equation(
    title="Maddrey discriminant function", unit="points",
    source="Carithers RL et al. Ann Intern Med 1989;110:685-690. doi:10.7326/0003-4819-110-9-685",
    formula="4.6 (PT - control PT) + bilirubin", digits=1, population="adults with alcoholic hepatitis",
    aliases=["maddrey", "discriminant function"],
    bands=[(-1e9, "not severe"), (32, "severe: corticosteroids to be considered")],
    notes=["first described by Maddrey WC et al. Gastroenterology 1978;75:193-199"],
)  # fmt: skip
def maddrey(*, pt_s: float, control_pt_s: float, bilirubin_mg_dl: float) -> float:
    """Modified discriminant function.

    >>> round(maddrey(pt_s=17, control_pt_s=12, bilirubin_mg_dl=9), 1)
    32.0
    """
    return 4.6 * (pt_s - control_pt_s) + bilirubin_mg_dl


@equation(
    title="Lille model", unit="probability", source="Louvet A et al. Hepatology 2007;45:1348-1354. doi:10.1002/hep.21607", digits=3,
    formula="exp(-R) / (1 + exp(-R)); R = 3.19 - 0.101 age + 0.147 albumin g/L + 0.0165 (bilirubin 0 - bilirubin 7) - 0.206 (renal insufficiency)"
            " - 0.0065 bilirubin 0 - 0.0096 PT, bilirubin in umol/L",
    population="adults with severe alcoholic hepatitis after 7 days of corticosteroids", aliases=["lille score"],
    bands=[(0, "response to corticosteroids"), (0.45, "no response: stop corticosteroids; 6-month survival about 25 %")],
    notes=["renal insufficiency: creatinine above 1.3 mg/dL (115 umol/L)"],
)  # fmt: skip
def lille_model(
    *, age_years: float, albumin_g_dl: float, bilirubin_mg_dl: float, bilirubin_day7_mg_dl: float, creatinine_mg_dl: float, pt_s: float,
) -> float:
    """Lille score, 0 to 1."""
    first, seventh = bilirubin_mg_dl * UMOL, bilirubin_day7_mg_dl * UMOL
    r = 3.19 - 0.101 * age_years + 0.147 * albumin_g_dl * 10 + 0.0165 * (first - seventh) - 0.206 * (creatinine_mg_dl > 1.3)
    r += -0.0065 * first - 0.0096 * pt_s
    return 1 / (1 + math.exp(r))


@equation(
    title="ALBI grade", unit="points", source="Johnson PJ et al. J Clin Oncol 2015;33:550-558. doi:10.1200/JCO.2014.57.9151", digits=2,
    formula="0.66 log10(bilirubin umol/L) - 0.085 albumin g/L", population="adults with hepatocellular carcinoma",
    aliases=["albi", "albi score"],
    bands=[(-1e9, "grade 1"), (-2.59, "grade 2"), (-1.38, "grade 3")],
)  # fmt: skip
def albi_grade(*, bilirubin_mg_dl: float, albumin_g_dl: float) -> float:
    """Albumin-bilirubin score."""
    return 0.66 * math.log10(bilirubin_mg_dl * UMOL) - 0.085 * albumin_g_dl * 10
