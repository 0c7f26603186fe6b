"""Doses in statements against the plausible daily maximum of their drug."""

from __future__ import annotations

import pytest

from knowledge_base import check, doses
from knowledge_base.documents import load_guidelines, parse_guideline
from knowledge_base.lexicon import read_table
from tests.conftest import GUIDELINE


def digest(statement, document_id="some-digest"):
    head, _, _ = GUIDELINE.partition("## Treatment")
    return parse_guideline(f"{head.replace('id: type-2-diabetes', f'id: {document_id}')}## Treatment\n- {statement} [ada]\n", name="a.md")


def found(statement, document_id="some-digest"):
    return [line.partition(": ")[2] for line in doses.problems(digest(statement, document_id))]


@pytest.mark.parametrize(
    "statement",
    [
        "Give metformin 5000 mg orally once.",
        "Give metformin 1 g orally four times a day.",
        "Give metformin 500 mg to 5 g a day.",
        "Give 5 g of metformin.",
        "Give metformin 850 mg every 6 hours.",
        "Give metformin 50 mg/kg once daily.",
        "Metformin is raised to at most 30 g a day.",
        "Give amlodipine 5 mg and metformin 3,500 mg a day.",
        "Give Glucophage 2 to 4 g daily.",
    ],
)
def test_a_dose_above_the_maximum_is_found(statement):
    assert len(found(statement)) == 1
    assert "metformin" in found(statement)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "Give metformin 1 g three times a day.",
        "Give metformin 1 g every 6 to 8 hours, at most 3 g a day.",
        "Stop metformin when lactate is above 5000 mg/L.",
        "In adults on metformin, ceftriaxone 4 g a day can be given.",
        "In children, metformin 40 mg/kg is not the dose; above 10 years 500 mg once daily is.",
        "With a sodium intake below 5 g a day, metformin is continued.",
        "Metformin overdose above 5 g needs observation.",
    ],
)
def test_what_is_no_dose_above_the_maximum_is_left_alone(statement):
    assert found(statement) == []


def test_an_exception_holds_in_its_digest_and_up_to_its_amount_only():
    assert found("Give prednisone 2 mg/kg a day in adults.", "immune-thrombocytopenia") == []
    assert found("Give prednisone 3 mg/kg a day in adults.", "immune-thrombocytopenia")
    assert found("Give prednisone 2 mg/kg a day in adults.", "some-digest")


def test_every_exception_is_needed(monkeypatch):
    documents = load_guidelines()
    monkeypatch.setattr(doses, "exceptions", dict)
    needed = {(line.partition("#")[0], line.split(": ")[1].split(" '")[0]) for document in documents for line in doses.problems(document)}
    assert needed == {(row["document"], row["drug"]) for row in read_table("dose_exceptions")["exception"]}


def test_the_digests_hold_no_dose_that_is_too_high():
    assert [line for document in load_guidelines() for line in doses.problems(document)] == []


def test_the_summary_tells_how_much_was_read_a_second_time():
    one, two = digest("Rest."), digest("Rest.")
    two.meta["second_read"], one.meta["superseded_by"] = "2026-11-25", "asthma"
    assert check.summary([one, two]) == "2 digests, 2 statements; 1 read a second time (2026-11-25 to 2026-11-25); 1 superseded"


def test_what_supersedes_a_digest_must_be_there():
    document = digest("Rest.")
    document.meta["superseded_by"] = "nowhere"
    assert any("superseded by 'nowhere', which is no other guideline" in line for line in check.problems(document))
