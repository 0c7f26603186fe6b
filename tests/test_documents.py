from __future__ import annotations

import pytest

from knowledge_base.documents import parse_guideline
from knowledge_base.errors import KnowledgeBaseError
from tests.conftest import GUIDELINE


def test_each_passage_knows_its_place_in_the_file(document):
    assert [p.id for p in document.passages][:2] == ["type-2-diabetes#treatment.1", "type-2-diabetes#treatment.2"]
    assert document.passages[-1].id == "type-2-diabetes#monitoring.1"
    assert all(GUIDELINE[p.start : p.end] == p.text for p in document.passages)


def test_a_machine_rule_is_read_beside_its_sentence(document):
    rule = document.passages[0].rules[0]
    assert (rule.effect, rule.subject, str(rule.terms[0])) == ("contraindicated", "metformin", "egfr_ml_min_1_73m2 < 30")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Type 2 diabetes in adults\n", "", "front matter lacks title"),
        ("[fda] {when", "[who] {when", "source who is not in the front matter"),
        ("## Monitoring", "## Opinions", "unknown section 'Opinions'"),
        ("-> contraindicated metformin", "-> forbidden metformin", "effect of indicated"),
        ("egfr_ml_min_1_73m2 < 45", "egfr is low", "neither 'name < number'"),
        ("- In adults with type 2 diabetes, measure", "In adults with type 2 diabetes, measure", "neither a '## ' heading nor"),
        ("with the evening meal. [ada]", "with the evening meal.", "a statement is '- text [source-id]'"),
        ("{when: egfr_ml_min_1_73m2 < 45", "{whenever: egfr_ml_min_1_73m2 < 45", "unknown tag 'whenever'"),
    ],
)
def test_a_malformed_digest_is_refused_with_its_place(old, new, message):
    assert old in GUIDELINE
    with pytest.raises(KnowledgeBaseError, match=r"x\.md") as caught:
        parse_guideline(GUIDELINE.replace(old, new), name="x.md")
    assert message in str(caught.value)
