from __future__ import annotations

import pytest

from assistant import gate

METFORMIN = "In adults with type 2 diabetes, metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2."
AMOXICILLIN = "In adults with low-severity pneumonia, give amoxicillin 500 mg orally three times a day for 5 days."
PREGNANT = "In pregnant women with cystitis, give nitrofurantoin 100 mg orally twice daily for 7 days."
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
