"""Body size, energy, lipids and glucose."""

from __future__ import annotations

import math

from assistant.risk.common import Sex
from assistant.risk.equation import equation

DEVINE = "Devine BJ 1974, in Pai MP, Paloucek FP. Ann Pharmacother 2000;34:1066-1069. doi:10.1345/aph.19381"


@equation(
    title="Body mass index", unit="kg/m2", source="WHO Technical Report Series 894 (2000). https://iris.who.int/handle/10665/42330",
    digits=1,
    formula="weight / height^2", aliases=["bmi", "body mass index", "Body Mass Index (BMI)"],
    bands=[(0, "underweight"), (18.5, "normal weight"), (25, "overweight"), (30, "obesity class I"), (35, "obesity class II"),
           (40, "obesity class III")],
    notes=["bands for adults; lower cut-offs are used for Asian populations (WHO 2004)"],
)  # fmt: skip
def bmi(*, weight_kg: float, height_cm: float) -> float:
    """Body mass index in kg/m2.

    >>> round(bmi(weight_kg=70, height_cm=175), 1)
    22.9
    """
    return weight_kg / (height_cm / 100) ** 2


@equation(title="Weight at a target BMI", unit="kg",
          source="WHO Technical Report Series 894 (2000). https://iris.who.int/handle/10665/42330",
          formula="BMI height^2", digits=1, aliases=["target weight", "target bmi"])  # fmt: skip
def target_weight(*, bmi_kg_m2: float, height_cm: float) -> float:
    """Weight in kg that gives the target BMI.

    >>> round(target_weight(bmi_kg_m2=25, height_cm=200), 1)
    100.0
    """
    return bmi_kg_m2 * (height_cm / 100) ** 2


@equation(title="Mosteller body surface area", unit="m2",
          source="Mosteller RD. N Engl J Med 1987;317:1098. doi:10.1056/NEJM198710223171717",
          formula="sqrt(height weight / 3600)", population="children and adults", digits=3,
          aliases=["bsa", "body surface area", "mosteller", "Body Surface Area Calculator"])  # fmt: skip
def bsa_mosteller(*, weight_kg: float, height_cm: float) -> float:
    """Body surface area in m2.

    >>> bsa_mosteller(weight_kg=80, height_cm=180)
    2.0
    """
    return math.sqrt(height_cm * weight_kg / 3600)


@equation(title="Du Bois body surface area", unit="m2",
          source="Du Bois D, Du Bois EF. Arch Intern Med 1916;17:863-871. doi:10.1001/archinte.1916.00080130010002",
          formula="0.007184 weight^0.425 height^0.725", digits=3, aliases=["du bois", "dubois bsa"])  # fmt: skip
def bsa_du_bois(*, weight_kg: float, height_cm: float) -> float:
    """Body surface area in m2.

    >>> round(bsa_du_bois(weight_kg=70, height_cm=170), 2)
    1.81
    """
    return float(0.007184 * weight_kg**0.425 * height_cm**0.725)


@equation(title="Ideal body weight (Devine)", unit="kg", source=DEVINE, formula="50 (men) or 45.5 (women) + 2.3 (height in inches - 60)",
          aliases=["ibw", "ideal body weight", "devine", "predicted body weight"],
          notes=["derived for 5 feet and more; below that the value is extrapolated"])  # fmt: skip
def ideal_body_weight(*, height_cm: float, sex: Sex) -> float:
    """Ideal body weight in kg.

    >>> round(ideal_body_weight(height_cm=177.8, sex="male"), 1)
    73.0
    """
    return (45.5 if sex == "female" else 50.0) + 2.3 * (height_cm / 2.54 - 60)


@equation(title="Adjusted body weight", unit="kg",
          source="Winter MA et al. Pharmacotherapy 2012;32:604-612. doi:10.1002/j.1875-9114.2012.01098.x",
          formula="ideal + 0.4 (actual - ideal)", aliases=["adjbw", "adjusted body weight"], population="adults above their ideal weight",
          notes=["ideal weight by Devine"])  # fmt: skip
def adjusted_body_weight(*, weight_kg: float, height_cm: float, sex: Sex) -> float:
    """Adjusted body weight in kg.

    >>> round(adjusted_body_weight(weight_kg=123, height_cm=177.8, sex="male"), 1)
    93.0
    """
    ideal = ideal_body_weight(height_cm=height_cm, sex=sex)
    return ideal + 0.4 * (weight_kg - ideal)


@equation(title="Lean body weight (Janmahasatian)", unit="kg", digits=1,
          source="Janmahasatian S et al. Clin Pharmacokinet 2005;44:1051-1065. doi:10.2165/00003088-200544100-00004",
          formula="9270 weight / (6680 + 216 BMI) men, 9270 weight / (8780 + 244 BMI) women", aliases=["lean body weight"])  # fmt: skip
def lean_body_weight(*, weight_kg: float, height_cm: float, sex: Sex) -> float:
    """Lean body weight in kg.

    >>> round(lean_body_weight(weight_kg=100, height_cm=200, sex="male"), 1)
    76.7
    """
    index = weight_kg / (height_cm / 100) ** 2
    return 9270 * weight_kg / (8780 + 244 * index if sex == "female" else 6680 + 216 * index)


@equation(title="Basal energy expenditure (Harris-Benedict)", unit="kcal/day", digits=0,
          source="Harris JA, Benedict FG. Proc Natl Acad Sci USA 1918;4:370-373. doi:10.1073/pnas.4.12.370",
          formula="66.473 + 13.7516 kg + 5.0033 cm - 6.755 age (men); 655.0955 + 9.5634 kg + 1.8496 cm - 4.6756 age (women)",
          aliases=["harris-benedict", "basal energy expenditure"],
          notes=["Mifflin-St Jeor is closer to measured values today"])  # fmt: skip
def harris_benedict(*, weight_kg: float, height_cm: float, age_years: float, sex: Sex) -> float:
    """Basal energy expenditure in kcal a day."""
    if sex == "female":
        return 655.0955 + 9.5634 * weight_kg + 1.8496 * height_cm - 4.6756 * age_years
    return 66.473 + 13.7516 * weight_kg + 5.0033 * height_cm - 6.755 * age_years


@equation(title="Resting energy expenditure (Mifflin-St Jeor)", unit="kcal/day", digits=0,
          source="Mifflin MD et al. Am J Clin Nutr 1990;51:241-247. doi:10.1093/ajcn/51.2.241",
          formula="10 kg + 6.25 cm - 5 age + 5 (men) or - 161 (women)",
          aliases=["mifflin", "mifflin-st jeor", "resting energy expenditure"])  # fmt: skip
def mifflin_st_jeor(*, weight_kg: float, height_cm: float, age_years: float, sex: Sex) -> float:
    """Resting energy expenditure in kcal a day.

    >>> mifflin_st_jeor(weight_kg=70, height_cm=160, age_years=40, sex="male")
    1505.0
    """
    return 10 * weight_kg + 6.25 * height_cm - 5 * age_years + (-161 if sex == "female" else 5)


@equation(title="Friedewald LDL cholesterol", unit="mg/dL",
          source="Friedewald WT et al. Clin Chem 1972;18:499-502. doi:10.1093/clinchem/18.6.499",
          formula="total - HDL - triglycerides / 5", digits=1, limits={"triglycerides_mg_dl": (10, 400)},
          aliases=["friedewald", "ldl friedewald", "ldl calculated", "calculated ldl", "ldl cholesterol"],
          notes=["not for triglycerides above 400 mg/dL; too low at an LDL below 70 mg/dL: use Sampson"])  # fmt: skip
def ldl_friedewald(*, total_cholesterol_mg_dl: float, hdl_mg_dl: float, triglycerides_mg_dl: float) -> float:
    """LDL cholesterol in mg/dL.

    >>> ldl_friedewald(total_cholesterol_mg_dl=200, hdl_mg_dl=50, triglycerides_mg_dl=150)
    120.0
    """
    return total_cholesterol_mg_dl - hdl_mg_dl - triglycerides_mg_dl / 5


@equation(title="Sampson-NIH LDL cholesterol", unit="mg/dL",
          source="Sampson M et al. JAMA Cardiol 2020;5:540-548. doi:10.1001/jamacardio.2020.0013",
          formula="TC/0.948 - HDL/0.971 - (TG/8.56 + TG nonHDL/2140 - TG^2/16100) - 9.44", digits=1,
          limits={"triglycerides_mg_dl": (10, 800)},
          aliases=["sampson", "ldl sampson", "nih ldl"])  # fmt: skip
def ldl_sampson(*, total_cholesterol_mg_dl: float, hdl_mg_dl: float, triglycerides_mg_dl: float) -> float:
    """LDL cholesterol in mg/dL, for triglycerides up to 800 mg/dL."""
    other, tg = total_cholesterol_mg_dl - hdl_mg_dl, triglycerides_mg_dl
    return total_cholesterol_mg_dl / 0.948 - hdl_mg_dl / 0.971 - (tg / 8.56 + tg * other / 2140 - tg**2 / 16100) - 9.44


@equation(title="Non-HDL cholesterol", unit="mg/dL", source="NCEP ATP III. Circulation 2002;106:3143-3421. doi:10.1161/circ.106.25.3143",
          formula="total - HDL", digits=1, aliases=["non-hdl", "non-hdl cholesterol"])  # fmt: skip
def non_hdl_cholesterol(*, total_cholesterol_mg_dl: float, hdl_mg_dl: float) -> float:
    """Non-HDL cholesterol in mg/dL.

    >>> non_hdl_cholesterol(total_cholesterol_mg_dl=200, hdl_mg_dl=50)
    150
    """
    if hdl_mg_dl > total_cholesterol_mg_dl:
        raise ValueError("HDL is above total cholesterol")
    return total_cholesterol_mg_dl - hdl_mg_dl


@equation(title="Estimated average glucose", unit="mg/dL", source="Nathan DM et al. Diabetes Care 2008;31:1473-1478. doi:10.2337/dc08-0545",
          formula="28.7 HbA1c - 46.7", digits=1, aliases=["eag", "estimated average glucose"], population="adults with diabetes",
          notes=["not where HbA1c is misleading: hemolysis, transfusion, hemoglobin variants, pregnancy"])  # fmt: skip
def estimated_average_glucose(*, hba1c_percent: float) -> float:
    """Average glucose in mg/dL that an HbA1c stands for.

    >>> round(estimated_average_glucose(hba1c_percent=7), 1)
    154.2
    """
    return 28.7 * hba1c_percent - 46.7


@equation(title="HOMA-IR, insulin resistance", unit="index",
          source="Matthews DR et al. Diabetologia 1985;28:412-419. doi:10.1007/BF00280883",
          formula="fasting insulin (uIU/mL) x fasting glucose (mg/dL) / 405",
          aliases=["homa-ir", "homa", "HOMA-IR (Homeostatic Model Assessment for Insulin Resistance)"],
          notes=["both from one fasting sample; cut-offs differ by population (often 2.5); not under insulin treatment"])  # fmt: skip
def homa_ir(*, fasting_glucose_mg_dl: float, insulin_uiu_ml: float) -> float:
    """Homeostatic model of insulin resistance.

    >>> homa_ir(fasting_glucose_mg_dl=81, insulin_uiu_ml=10)
    2.0
    """
    return insulin_uiu_ml * fasting_glucose_mg_dl / 405
