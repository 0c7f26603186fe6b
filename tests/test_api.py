from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.api_bodies import Reader
from assistant.education import reader

NOTE = "72-year-old man.\nMedications: metformin 500 mg twice daily.\nAssessment: pneumonia, confused. BP 98/58, RR 31, urea 9.1 mmol/L.\nPlan: admit.\n"
METFORMIN = "Can a 70-year-old with type 2 diabetes and an eGFR of 25 take metformin?"


@pytest.fixture
def client(assistant):
    return TestClient(create_app(assistant), base_url="http://127.0.0.1")


def test_an_answer_over_http_is_the_record(client, llm):
    llm.says("")
    body = client.post("/ask", json={"question": METFORMIN}).json()
    assert any("metformin is contraindicated" in sentence["text"] for sentence in body["sentences"])
    assert body["safety_line"].startswith("Decision support")


def test_what_the_gate_dropped_is_told_with_its_check_and_reason(client, llm):
    llm.says("Metformin is recommended at 5000 mg daily [1].")
    dropped = client.post("/ask", json={"question": METFORMIN}).json()["dropped"]
    assert dropped
    assert all(item["check"] and item["reason"] for item in dropped)


def test_a_streamed_answer_begins_with_evidence_and_ends_with_the_whole(client, llm):
    llm.says("")
    answer = client.post("/ask/stream", json={"question": METFORMIN})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert lines[0]["evidence"]
    assert len(lines[-1]["sentences"]) >= len(lines[0]["sentences"])
    assert any("metformin is contraindicated" in sentence["text"] for sentence in lines[-1]["sentences"])


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/ask", {"question": " "}, "the question is empty"),
        ("/ask/stream", {"question": " "}, "the question is empty"),                   # before the stream begins
        ("/ask", {}, "question: Field required"),
        ("/ask", {"question": "a", "notes": "b"}, "notes: Extra inputs are not permitted"),     # a note misspelt must not be left out quietly
        ("/risk/nothing", {"inputs": {}}, "unknown risk tool 'nothing'"),
        ("/risk/bmi", {"inputs": {"weight_kg": "heavy"}}, "weight_kg is 'heavy'"),
        ("/risk/bmi", {"inputs": {"weight_kg": 70}, "strict": True}, "bmi needs height_cm"),
        ("/summarize", {"text": "a", "style": "poem"}, "unknown style"),
        ("/summarize/stream", {"text": "a", "style": "poem"}, "unknown style"),
        ("/summarize", {"text": "a", "format": "word"}, "format: Input should be 'json', 'markdown' or 'fhir'"),
        ("/summarize/batch", {"texts": ["a", " "]}, "note 2 of 2: the note is empty"),
        ("/educate", {"topic": "broken ankle"}, "no guideline covers"),
        ("/educate", {"topic": "T2DM", "reader": {"language": "fr"}}, "reader language is 'fr'; give one of en, es, zh"),
        ("/educate", {"topic": "T2DM", "reader": {"age_years": 140}}, "reader.age_years: Input should be less than or equal to 120"),
        ("/educate", {"topic": "T2DM", "reader": {"height": 180}}, "reader.height: Extra inputs"),
        ("/deidentify", {"text": ""}, "text: String should have at least 1 character"),
        ("/diagnose/steps", {"facts": []}, "facts: List should have at least 1 item"),
    ],
)
def test_what_cannot_be_used_is_422_with_one_line(client, path, body, message):
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_an_error_never_repeats_the_text_of_a_note(client):
    answer = client.post("/summarize", json={"text": {"secret": "Mr Smith"}})
    assert answer.status_code == 422
    assert "Smith" not in answer.text
    assert "Smith" not in client.post("/summarize", content='{"text": "Mr Smith').text


def test_a_score_over_http(client):
    body = client.post("/risk/bmi", json={"inputs": {"weight_kg": 70, "height_cm": 175}}).json()
    assert (body["value"], body["band"]) == (22.9, "normal weight")


def test_missing_inputs_come_with_their_units(client):
    body = client.post("/risk/bmi", json={"inputs": {"weight_kg": 70}, "strict": True}).json()
    assert (body["kind"], list(body["missing"])) == ("MissingInputs", ["height_cm"])


def test_the_tools_that_a_question_names_are_filled_from_the_note_with_places(client):
    curb, *_ = client.post("/risk", json={"question": "What is the CURB-65?", "note": NOTE}).json()
    assert (curb["tool"], curb["value"]) == ("curb65", 5)
    place = curb["spans"]["resp_rate_per_min"]
    assert NOTE[place["start"] : place["end"]] == "RR 31"


def test_risk_tools_are_listed_and_described(client):
    assert {"curb65", "bmi"} <= {row["name"] for row in client.get("/risk").json()}
    assert client.get("/risk/bmi").json()["inputs"]["height_cm"] == "cm"
    assert client.get("/risk/nothing").status_code == 422


def test_a_summary_as_record_markdown_and_fhir(client):
    assert client.post("/summarize", json={"text": NOTE, "style": "soap"}).json()["style"] == "soap"
    told = client.post("/summarize", json={"text": NOTE, "format": "markdown"})
    assert told.headers["content-type"].startswith("text/markdown")
    assert "**Medications**" in told.text
    sent = client.post("/summarize", json={"text": NOTE, "format": "fhir"})
    assert sent.headers["content-type"] == "application/fhir+json"
    assert sent.json()["entry"][0]["resource"]["resourceType"] == "Composition"
    assert "admit" in client.post("/summarize/stream", json={"text": NOTE}).text.splitlines()[-1]


def test_a_summary_in_the_models_words_says_which_and_what_was_dropped(client, llm):
    llm.says("No cough [2] or fever [3]. No rash [1].")
    text = "HPI: Gout for years. No cough. She denies fever.\n"
    record = client.post("/summarize", json={"text": text, "worded": True}).json()
    assert ("No cough or fever.", "model") in {(b["text"], b["origin"]) for b in record["bullets"]}
    assert [item["text"] for item in record["dropped"]] == ["No rash."]
    assert not client.post("/summarize", json={"text": text}).json()["dropped"]
    (one,) = client.post("/summarize/batch", json={"texts": [text], "worded": True}).json()
    assert one == record


@pytest.mark.parametrize("include", [False, True])
def test_the_note_travels_in_a_bundle_only_on_request(client, include):
    bundle = client.post("/summarize", json={"text": NOTE, "format": "fhir", "include_note": include}).json()
    note = next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "DocumentReference")
    assert ("data" in note["content"][0]["attachment"]) is include


def test_several_notes_come_back_in_their_order(client):
    first, second = client.post("/summarize/batch", json={"texts": [NOTE, "Assessment: gout."], "style": "problem_list"}).json()
    assert "pneumonia" in str(first["bullets"])
    assert "gout" in str(second["bullets"])


def test_a_copy_without_names_counts_its_masks(client):
    body = client.post("/deidentify", json={"text": "Mr John Smith, tel 555-123-4567, has gout."}).json()
    assert "Smith" not in body["text"]
    assert "gout" in body["text"]
    assert sum(body["masked"].values()) >= 2
    assert "must look" in body["warning"]


def test_each_fact_gives_a_list_and_what_it_moved(client):
    facts = ["15 year old boy with vomiting and lower abdominal pain.", "The left testicle is very painful since two hours, sudden onset."]
    first, second = client.post("/diagnose/steps", json={"facts": facts}).json()
    assert first["moved"] == []
    assert any(line.startswith("Testicular torsion") for line in second["moved"])
    assert len(client.post("/diagnose", json={"case": facts[0], "limit": 3}).json()["candidates"]) == 3


def test_a_handout_is_for_its_reader(client, llm):
    llm.says("")
    reading = {"age_years": 70, "sex": "female", "medicines": ["lisinopril"], "conditions": ["gout"]}
    body = client.post("/educate", json={"topic": "T2DM", "grade": 8, "reader": reading}).json()
    assert body["target_grade"] == 8
    assert "lisinopril" in str(body["sections"])
    assert "lisinopril" not in client.post("/educate", json={"topic": "T2DM"}).text


def test_a_reader_over_http_has_the_keys_of_a_reader_in_python():
    assert set(Reader.model_fields) == {"note"} | set(reader.Reader.__dataclass_fields__) - {"facts"}


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [("html", "text/html", "<!doctype html>"), ("pdf", "application/pdf", "%PDF-"), ("markdown", "text/markdown", "# Type 2 diabetes")],
)
def test_a_handout_to_print_or_to_paste(client, llm, form, kind, start):
    llm.says("")
    answer = client.post("/educate", json={"topic": "T2DM", "format": form, "reader": {"language": "es"}})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.content.decode("utf-8", "replace").startswith(start)
    if form != "markdown":
        assert answer.headers["content-disposition"] == f'attachment; filename="type-2-diabetes-es.{form}"'


def test_the_openapi_page_names_every_route_and_documents_every_field(client):
    page = client.get("/openapi.json").json()
    routes = {"/ask", "/ask/stream", "/diagnose", "/diagnose/steps", "/summarize", "/summarize/stream", "/summarize/batch", "/deidentify"}
    assert routes | {"/educate", "/risk", "/risk/{name}", "/health"} == set(page["paths"])
    assert page["paths"]["/educate"]["post"]["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    assert {"application/json", "application/pdf", "text/html"} <= set(page["paths"]["/educate"]["post"]["responses"]["200"]["content"])
    for name in ("Question", "Case", "Steps", "Note", "Notes", "Text", "Reader", "Topic", "Risk", "Asked"):
        for field, told in page["components"]["schemas"][name]["properties"].items():
            assert {"description", "examples", "$ref"} & set(told), f"{name}.{field}"


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_its_pages_load_nothing_from_elsewhere(client, path):
    page = client.get(path).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/") for address in loaded), loaded
    assert all(client.get(address).status_code == 200 for address in loaded)


def test_a_page_of_another_site_is_refused(client):
    assert client.get("/health", headers={"host": "evil.example:8000"}).status_code == 400
    assert client.get("/health", headers={"host": "localhost:8000"}).json()["text_leaves_process"] is False


@pytest.mark.parametrize("note", ["Mr John Smith, MRN 12345678.\nHere for his broken ankle, nothing else.", "Mr John Smith. " * 2_000])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/educate", {"topic": "NOTE"}), ("/diagnose", {"case": "NOTE", "limit": 0}), ("/summarize", {"text": "NOTE", "style": "poem"}),
        ("/risk/bmi", {"inputs": {"weight_kg": "heavy"}, "note": "NOTE"}), ("/ask", {"question": "", "note": "NOTE"}),
        ("/summarize/batch", {"texts": ["NOTE", " "]}),
    ],
)  # fmt: skip
def test_no_refusal_holds_the_note(client, path, body, note):
    filled = json.loads(json.dumps(body).replace('"NOTE"', json.dumps(note)))
    refused = client.post(path, json=filled)
    assert refused.status_code == 422
    assert "Smith" not in refused.text
