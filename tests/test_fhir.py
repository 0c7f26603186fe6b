"""The FHIR document: required elements of R4, references that resolve, ids that repeat."""

from __future__ import annotations

import base64
import hashlib
import json
import xml.etree.ElementTree as ET

import pytest

from assistant.fhir import LOINC, SPANS, document

NOTE = "Allergies: Penicillin <rash>\nAssessment: Gout.\nPlan: Start amoxicillin 500 mg TID.\n"
DATE = "2026-11-25T08:00:00+00:00"
REQUIRED = {
    "Composition": {"status", "type", "date", "author", "title"},
    "DocumentReference": {"status", "content"},
    "Provenance": {"target", "recorded", "agent"},
    "Device": set(),
}


@pytest.fixture
def bundle(assistant):
    return document(assistant.summarize_note(NOTE), NOTE, date=DATE)


def test_a_document_begins_with_its_composition(bundle):
    assert bundle["type"] == "document"
    assert {"identifier", "timestamp"} <= set(bundle)
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds[0] == "Composition"
    for entry in bundle["entry"]:
        assert REQUIRED[entry["resource"]["resourceType"]] <= set(entry["resource"])
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"


def references(value):
    if isinstance(value, dict):
        yield from ([value["reference"]] if "reference" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def test_references_resolve(bundle):
    urls = {entry["fullUrl"] for entry in bundle["entry"]}
    found = set(references(bundle))
    assert found
    assert found <= urls


def test_sections_hold_each_line_with_its_places(bundle, assistant):
    sections = bundle["entry"][0]["resource"]["section"]
    told = assistant.summarize_note(NOTE)
    lines = [row.text for section in sections for row in ET.fromstring(section["text"]["div"]).iter("{http://www.w3.org/1999/xhtml}li")]
    assert lines == [*(b.text for b in told.bullets), *told.contradictions]
    assert told.contradictions
    places = [item for section in sections for item in section.get("extension", ())]
    assert len(places) == len(told.bullets)
    assert {item["url"] for item in places} == {SPANS}
    codes = [section["code"]["coding"][0] for section in sections if "code" in section]
    assert codes
    assert all(code["system"] == LOINC for code in codes)


def test_the_note_travels_only_on_request(bundle, assistant):
    attachment = bundle["entry"][1]["resource"]["content"][0]["attachment"]
    assert "data" not in attachment
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(NOTE.encode(), usedforsecurity=False).digest()
    full = document(assistant.summarize_note(NOTE), NOTE, date=DATE, include_note=True)
    assert base64.b64decode(full["entry"][1]["resource"]["content"][0]["attachment"]["data"]).decode() == NOTE


def test_equal_input_gives_an_equal_document(bundle, assistant):
    assert json.dumps(bundle) == json.dumps(document(assistant.summarize_note(NOTE), NOTE, date=DATE))


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Patient: Anna Beispiel, MRN: 00123456", "Patient: [NAME], MRN: [ID]"),
        ("Seen by Dr. Quillfeather on 12 May 2024.", "Seen by Dr. [NAME] on [DATE]."),
        ("Tel: 020 7946 0018", "Tel: [PHONE]"),
        ("Write to a.b@example.org", "Write to [EMAIL]"),
        ("Lives at 12 Example Street, Apt 4", "Lives at [ADDRESS]"),
        ("92-year-old", "[AGE]-year-old"),
        ("Parkinson disease, Lasix 40 mg, BP 120/80, 72-year-old", "Parkinson disease, Lasix 40 mg, BP 120/80, 72-year-old"),
    ],
)
def test_identifiers_are_masked_and_medicine_is_not(assistant, text, copy):
    assert assistant.deidentify(text) == copy
