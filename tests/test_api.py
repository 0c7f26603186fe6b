from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_app


@pytest.fixture
def client(assistant):
    return TestClient(create_app(assistant))


def test_an_answer_over_http_is_the_record(client, llm):
    llm.says("")
    body = client.post("/ask", json={"question": "Can a 70-year-old with type 2 diabetes and an eGFR of 25 take metformin?"}).json()
    assert any("metformin is contraindicated" in sentence["text"] for sentence in body["sentences"])
    assert body["safety_line"].startswith("Decision support")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/ask", {"question": " "}, "the question is empty"),
        ("/risk/nothing", {"inputs": {}}, "unknown risk tool 'nothing'"),
        ("/risk/bmi", {"inputs": {"weight_kg": "heavy"}}, "weight_kg is 'heavy'"),
        ("/summarize", {"text": "a", "style": "poem"}, "unknown style"),
    ],
)
def test_what_cannot_be_used_is_422_with_one_line(client, path, body, message):
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert message in answer.json()["error"]


def test_a_score_over_http(client):
    body = client.post("/risk/bmi", json={"inputs": {"weight_kg": 70, "height_cm": 175}}).json()
    assert (body["value"], body["band"]) == (22.9, "normal weight")


def test_the_openapi_page_names_every_route(client):
    assert {"/ask", "/diagnose", "/summarize", "/educate", "/risk/{name}", "/health"} <= set(client.get("/openapi.json").json()["paths"])
