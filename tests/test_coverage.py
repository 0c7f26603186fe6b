from __future__ import annotations

import pytest

from assistant.gate.coverage import NAMES, covers, named
from assistant.gate.naming import drugs_in, names_of


def feature(name, question, kb):
    return dict(zip(NAMES, covers(question, kb.search(question, k=5), kb).features, strict=True))[name]


@pytest.mark.parametrize(
    ("question", "title", "strange"),
    [
        ("How is type 2 diabetes treated?", 1.0, 0.0),
        ("T2DM: first step?", 1.0, 0.0),  # a synonym of the document
        ("How is asthma treated?", -1.0, 1 / 3),  # a known condition that nothing found is on
        ("Type 2 diabetes with asthma: metformin?", 1.0, 1 / 3),  # one of two
        ("How long does it take?", 0.0, 0.0),  # names nothing
    ],
)
def test_what_a_question_names_is_held_against_the_hits(kb, question, title, strange):
    _, on_title, unknown = named(question, kb.search(question, k=5), kb)
    assert (on_title, unknown) == (title, pytest.approx(strange))


def test_a_condition_of_the_table_is_named_by_its_document(document):
    names = names_of([document])
    assert names.conditions_in("type 2 diabetes") >= {"type-2-diabetes"}
    assert not names.conditions_in("a cough")


def test_a_trade_name_is_its_drug():
    assert drugs_in("Glucophage") == drugs_in("metformin")


def test_a_name_that_no_statement_holds_is_unheard(kb):
    assert feature("unheard", "How is xylobrachitis treated?", kb) > 0
    assert feature("unheard", "How is type 2 diabetes treated?", kb) == 0


def test_a_question_on_the_document_scores_higher_than_one_on_another_disease(kb):
    on = covers("metformin in type 2 diabetes with low eGFR", kb.search("metformin in type 2 diabetes with low eGFR", k=5), kb)
    off = covers("inhaler technique in asthma", kb.search("inhaler technique in asthma", k=5), kb)
    assert on.score > off.score
    assert "inhal" in " ".join(off.missing)


def test_no_hit_is_no_coverage(kb):
    assert covers("anything", [], kb).score == 0
