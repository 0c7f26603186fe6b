"""The chat page in a real browser: type, see evidence, watch the answer, open a citation."""

from __future__ import annotations

import os
import shutil
import socket
from threading import Thread

import pytest

from assistant import Assistant
from assistant.settings import Settings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]


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


def test_a_question_shows_evidence_then_a_checked_answer_with_a_citation_that_opens(page):
    page.locator("#question textarea").fill("Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?")
    page.locator("#send").click()
    page.wait_for_selector("#evidence details", timeout=120_000)
    page.wait_for_function("document.body.innerText.includes('metformin is contraindicated')", timeout=180_000)
    first = page.locator("#evidence details").first
    first.locator("summary").click()
    assert first.locator("blockquote").is_visible()
    assert first.locator("blockquote").inner_text().strip()


def test_the_safety_line_stands_on_the_page(page):
    assert "not a medical device" in page.inner_text("body")


def test_an_empty_question_gets_one_clear_line(page):
    page.locator("#question textarea").fill(" ")
    page.locator("#send").click()
    page.wait_for_function("document.body.innerText.includes('the question is empty')", timeout=120_000)
