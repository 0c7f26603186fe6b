"""The page in a real browser: each tab does its job, and what it offers to save is saved."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path
from threading import Thread

import pytest

from assistant import Assistant
from assistant.settings import Settings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
NOTE = (Path(__file__).parents[1] / "examples" / "pneumonia.txt").read_text(encoding="utf-8")

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]

TYPES_AT_ONCE = """([line, text]) => new MutationObserver((_, watch) => {
    if (!document.body.innerText.includes(line)) return;
    watch.disconnect();
    const box = document.querySelector('#question textarea');
    box.value = text;
    box.dispatchEvent(new Event('input', {bubbles: true}));
}).observe(document.body, {subtree: true, childList: true, characterData: true})"""


@pytest.fixture(scope="module")
def url(data_dir):
    from assistant.ui import CSS, build

    assistant = Assistant(Settings(data_dir=data_dir, backend=os.environ.get("ASSISTANT_BACKEND", "ctranslate2")))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = build(assistant).queue()
    Thread(target=lambda: (assistant.parts.kb, assistant.parts.llm), daemon=True).start()
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, css=CSS)
    yield f"http://127.0.0.1:{port}"
    page.close()
    if assistant.parts.llm.writes:  # waits for the answer that is still being written: its native thread must end before Python does
        assistant.parts.llm.generate("ok", max_tokens=1)


@pytest.fixture(scope="module")
def page(url, tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.fail("no Chromium found; install it (Debian: apt-get install chromium) or set CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1400, "height": 1000})
        tab.goto(url)
        yield tab
        browser.close()


def tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def saved(page, link):
    """Bytes and name of the file that a link saves."""
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path()).read_bytes(), waiting.value.suggested_filename


def says(page, place, text, seconds=120):
    page.wait_for_function("([place, text]) => document.querySelector(place).innerText.includes(text)", arg=[place, text], timeout=seconds * 1000)


def handout(page):
    """Write the handout and return the text of the page within the page."""
    page.evaluate("document.querySelector('#handout iframe')?.setAttribute('data-old', '')")
    page.locator("#write").click()
    page.wait_for_selector("#handout iframe:not([data-old])", timeout=180_000)
    return page.frame_locator("#handout iframe").locator("body").inner_text()


def test_a_question_shows_evidence_then_a_checked_answer_with_a_citation_that_opens(page):
    page.locator("#question textarea").fill("Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?")
    page.locator("#send").click()
    page.wait_for_selector("#evidence details", timeout=300_000)     # the first question may have to wait for the index
    page.wait_for_function("document.body.innerText.includes('metformin is contraindicated')", timeout=180_000)
    first = page.locator("#evidence details").first
    first.locator("summary").click()
    assert first.locator("blockquote").is_visible()
    assert first.locator("blockquote").inner_text().strip()


@pytest.mark.parametrize("name", ["Ask", "Diagnose", "Note", "Patient handout", "Risk tools"])
def test_the_safety_line_stands_on_every_tab(page, name):
    tab(page, name)
    assert "not a medical device" in page.inner_text("body")
    tab(page, "Ask")


def test_an_empty_question_gets_one_clear_line(page):
    box = page.locator("#question textarea")
    # typed in the moment that the line stands there, while the page is still told that the event is over
    page.evaluate(TYPES_AT_ONCE, ["the question is empty", "Can she take"])
    box.fill(" ")
    page.locator("#send").click()
    page.wait_for_function("document.body.innerText.includes('the question is empty')", timeout=120_000)
    page.wait_for_function("!document.querySelector('.generating')", timeout=120_000)
    assert box.input_value() == "Can she take"


def test_the_note_of_a_patient_counts_in_the_answer(page):
    page.locator("#ask-note-open button").first.click()
    page.locator("#ask-note textarea").fill("70-year-old woman with type 2 diabetes, eGFR 28.")
    page.locator("#question textarea").fill("Can she take metformin?")
    page.locator("#send").click()
    page.wait_for_function("document.body.innerText.includes('eGFR 28 mL/min/1.73 m2 is below 30')", timeout=180_000)


def test_a_fact_added_to_a_case_shows_what_moved(page):
    tab(page, "Diagnose")
    page.locator("#add-fact").click()
    says(page, "#differential", "give the case first")
    page.locator("#case textarea").fill("15 year old boy with vomiting and lower abdominal pain.")
    page.locator("#suggest").click()
    says(page, "#differential", "Must not be missed")
    page.locator("#fact").locator("textarea, input").fill("The left testicle is very painful since two hours, sudden onset.")
    page.locator("#add-fact").click()
    says(page, "#differential", "What the last fact moved")
    rows = page.locator("#differential table").first.locator("tbody tr")
    assert "Testicular torsion" in rows.first.inner_text()
    assert "EMERGENCY: Possible testicular torsion" in page.inner_text("#differential")
    rows.first.locator("summary").first.click()
    assert rows.first.locator("a").first.get_attribute("href").startswith("https://")
    assert "very painful" in page.inner_text("#steps")


def test_a_summary_opens_to_the_note_and_is_saved_in_three_forms(page):
    tab(page, "Note")
    page.locator("#note textarea").fill(NOTE)
    page.locator("#summarise").click()
    page.wait_for_selector("#note-result a.file", timeout=120_000)
    line = page.locator("#note-result details").filter(has_text="metformin 500 mg twice daily").first
    line.locator("summary").click()
    assert line.locator("mark").first.inner_text() == "metformin 500 mg twice daily"
    links = page.locator("#note-result a.file")
    text, name = saved(page, links.nth(0))
    assert (name, b"**Medications**" in text) == ("summary-problem-list.md", True)
    assert json.loads(saved(page, links.nth(1))[0])["style"] == "problem_list"
    assert json.loads(saved(page, links.nth(2))[0])["resourceType"] == "Bundle"


def test_a_copy_without_names_is_shown_and_saved(page):
    tab(page, "Note")
    page.locator("#note textarea").fill(f"Mr John Smith, tel 555-123-4567.\n{NOTE}")
    page.locator("#mask").click()
    says(page, "#note-result", "Masked:")
    assert "Smith" not in page.inner_text("#note-result")
    text, name = saved(page, page.locator("#note-result a.file"))
    assert name == "note-deidentified.txt"
    assert b"[NAME]" in text
    assert b"Smith" not in text


def test_a_handout_is_for_its_reader_and_is_saved_as_html_and_pdf(page):
    tab(page, "Patient handout")
    page.locator("#topic textarea").fill("high blood pressure")
    assert "lisinopril" not in handout(page)
    assert page.locator("#reader-age textarea, #reader-age input").input_value() == ""    # an unknown age is not 0
    page.locator("#reader-age").locator("textarea, input").fill("34")
    page.locator("#reader-medicines").locator("textarea, input").fill("lisinopril")
    page.locator("#reader-pregnant input").click()
    page.get_by_role("option", name="yes", exact=True).click()
    theirs = handout(page)
    assert "lisinopril" in theirs
    assert "pregnan" in theirs
    links = page.locator("#handout a.file")
    html, name = saved(page, links.nth(0))
    assert name.endswith(".html")
    assert b"lisinopril" in html
    pdf, name = saved(page, links.nth(1))
    assert name.endswith(".pdf")
    assert pdf.startswith(b"%PDF-")


def test_a_handout_takes_the_language_and_says_what_it_cannot_use(page):
    tab(page, "Patient handout")
    page.locator("#language input").click()
    page.get_by_role("option", name="Spanish", exact=True).click()
    assert "Preguntas" in handout(page)
    assert saved(page, page.locator("#handout a.file").first)[1].endswith("-es.html")
    page.locator("#reader-age").locator("textarea, input").fill("140")
    page.locator("#write").click()
    says(page, "#handout", "give years from 0 to 120")


def test_scores_asked_for_in_words_are_filled_from_the_note(page):
    tab(page, "Risk tools")
    page.locator("#risk-note textarea").fill(NOTE)
    page.locator("#risk-words").locator("textarea, input").fill("CURB-65 and eGFR?")
    page.locator("#compute-words").click()
    says(page, "#risk-result", "CURB-65, severity of community-acquired pneumonia: 5")
    says(page, "#risk-result", "Estimated GFR (CKD-EPI 2021, creatinine): 45.5")
    assert page.locator("#risk-result .bar").count() >= 5


def test_one_tool_says_what_is_missing_and_where_its_source_is(page):
    tab(page, "Risk tools")
    page.locator("#risk-note textarea").fill("")
    page.locator("#compute").click()
    says(page, "#risk-result", "Missing")
    assert page.locator("#about-tool a").first.get_attribute("href").startswith("https://doi.org/")
