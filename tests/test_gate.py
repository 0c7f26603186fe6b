from __future__ import annotations

import pytest

from assistant import gate

METFORMIN = "In adults with type 2 diabetes, metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2."
AMOXICILLIN = "In adults with low-severity pneumonia, give amoxicillin 500 mg orally three times a day for 5 days."
PREGNANT = "In pregnant women with cystitis, give nitrofurantoin 100 mg orally twice daily for 7 days."
TWO = "For epididymitis in men, give levofloxacin 500 mg orally once daily for 10 days or ofloxacin 200 mg orally twice daily for 14 days."
CLAUSES = "In pregnant women with cellulitis, give erythromycin 500 mg orally four times a day; doxycycline is contraindicated in pregnancy."
RANGE = "In adults with asthma, measure peak flow every 6 to 12 hours; lower the dose of prednisolone after 7 days."
LIPIDS = "In men ALT is normal up to 35 U/L and in women up to 25 U/L."
MAY = "In adults with heart failure, an SGLT2 inhibitor may be considered."


@pytest.mark.parametrize(
    ("statement", "sentence", "failed"),
    [
        (METFORMIN, "Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2.", ""),
        (METFORMIN, "Metformin is contraindicated in type 2 diabetes if the eGFR is less than 30 mL/min/1.73 m2.", ""),
        (METFORMIN, "Metformin is contraindicated when eGFR is below 45 mL/min/1.73 m2.", "number"),
        (METFORMIN, "Metformin is contraindicated when eGFR is above 30 mL/min/1.73 m2.", "comparator"),
        (METFORMIN, "Metformin is contraindicated when eGFR is 30 mL/min/1.73 m2 or below.", "comparator"),  # the boundary differs
        (METFORMIN, "Metformin is contraindicated when eGFR is below 30 mg/dL.", "unit"),
        (METFORMIN, "Metformin is recommended when eGFR is below 30 mL/min/1.73 m2.", "negation"),
        (METFORMIN, "Glipizide is contraindicated when eGFR is below 30 mL/min/1.73 m2.", "drug"),
        (AMOXICILLIN, "Give amoxicillin 500 mg orally three times a day for 5 days.", ""),
        (AMOXICILLIN, "Give amoxicillin 500 mg by mouth every 8 hours for 5 days.", ""),  # the same frequency and route in other words
        (AMOXICILLIN, "Give amoxicillin 0.5 g orally three times a day for 5 days.", ""),
        (AMOXICILLIN, "Give amoxicillin 500 mcg orally three times a day for 5 days.", "number"),  # 500 mcg is 0.5 mg
        (AMOXICILLIN, "Give amoxicillin 500 mg intravenously three times a day for 5 days.", "route"),
        (AMOXICILLIN, "Give amoxicillin 500 mg orally twice daily for 5 days.", "frequency"),
        (AMOXICILLIN, "Give amoxicillin 500 mg orally three times a day for 5 weeks.", "number"),
        (AMOXICILLIN, "Do not give amoxicillin 500 mg orally three times a day for 5 days.", "negation"),
        (PREGNANT, "Give nitrofurantoin 100 mg orally twice daily for 7 days for cystitis.", "population"),  # for pregnant women only
        (PREGNANT, "In pregnancy, cystitis is treated with nitrofurantoin 100 mg orally twice daily for 7 days.", ""),
        (MAY, "In heart failure an SGLT2 inhibitor must be given.", "modality"),
        (MAY, "An SGLT2 inhibitor may be considered in heart failure.", ""),
        (TWO, "Give ofloxacin 200 mg by mouth twice daily for 14 days.", ""),
        (TWO, "Give ofloxacin 500 mg orally for 14 days.", "dose"),  # the dose of the other drug
        (TWO, "Give levofloxacin 500 mg orally twice daily for 10 days.", "frequency"),  # the frequency of the other drug
        (CLAUSES, "A pregnant woman with cellulitis gets erythromycin 500 mg four times daily.", ""),  # the other clause negates, not this one
        (CLAUSES, "In pregnancy with cellulitis, doxycycline is given.", "negation"),
        (CLAUSES, "In pregnant women with cellulitis, erythromycin is contraindicated.", "negation"),
        (RANGE, "Peak flow in asthma is measured every 6-12 hours.", ""),
        (RANGE, "Peak flow in asthma is measured every 6 to 6 hours.", "number"),  # both numbers stand there, the range does not
        (RANGE, "After 7 days the dose of prednisolone is increased.", "direction"),
        (RANGE, "In COPD, measure peak flow every 6 to 12 hours.", "condition"),  # another disease
        (RANGE, "Reduce the dose of prednisolone before 7 days.", "direction"),
        (LIPIDS, "ALT is normal up to 25 U/L in women.", ""),
        (MAY, "Bananas grow on large herbs in the tropics.", "support"),
    ],
)
def test_a_sentence_is_kept_only_if_its_statement_supports_it(statement, sentence, failed):
    assert gate.check(sentence, [statement]).check == failed


def test_a_sentence_without_a_statement_is_not_shown():
    assert gate.check("Metformin is safe.", []).check == "citation"


def test_a_number_of_the_chart_may_be_repeated_but_not_invented():
    assert gate.check("With eGFR 25, metformin is contraindicated below 30 mL/min/1.73 m2.", [METFORMIN], context="eGFR 25").ok
    assert gate.check("With eGFR 28, metformin is contraindicated below 30 mL/min/1.73 m2.", [METFORMIN], context="eGFR 25").check == "number"


def test_a_title_names_the_condition_but_limits_nobody():
    statement = "Give oxygen when SpO2 is below 92%."
    assert gate.check("In bronchiolitis, oxygen is given when SpO2 is less than 92%.", [statement], titles=["Bronchiolitis in children"]).ok
    assert gate.check("In asthma, oxygen is given when SpO2 is less than 92%.", [statement], titles=["Bronchiolitis in children"]).check == "condition"


def test_a_member_does_not_stand_for_its_class():
    assert gate.check("NSAIDs are used for gout flares.", ["Naproxen is used for gout flares."]).check == "drug"


def test_two_statements_support_a_sentence_together():
    assert gate.check("Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2.", [AMOXICILLIN, METFORMIN]).ok
