"""Handouts: plain words that keep their meaning, the reader's own page, warnings that are always there, pages to print."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from typer.testing import CliRunner

from assistant import cli, cli_common
from assistant.assistant import Assistant
from assistant.education import handout_page, handout_words, readability
from assistant.education.extract import summary_of_answers
from assistant.education.meaning import changed, mapped_back, one_line, supported
from assistant.education.plain_language import addressed, plain_words, reworded
from assistant.education.reader import reader
from assistant.education.sentence_shapes import parts, set_out
from assistant.education.translate import refused
from assistant.errors import InputError
from assistant.settings import Settings
from eval.data import own
from knowledge_base.documents import parse_guideline
from knowledge_base.lexicon import drug_names, read_table
from knowledge_base.search import KnowledgeBase
from prompts import load

from .conftest import FakeEmbedder, FakeLLM

GUIDE = """---
id: gout
title: Gout in adults
synonyms: [gouty arthritis]
population: adults
jurisdiction: international
version: "1"
checked: 2026-11-23
licence: written for these tests
sources:
  acr: {organisation: ACR, title: Gout, year: 2020, url: "https://doi.org/10.1002/acr.24180"}
---

## Definition
- Gout in adults is an inflammatory arthritis from monosodium urate crystals deposited in articular and periarticular tissue. [acr]

## Treatment
- In adults with gout, start allopurinol at 100 mg orally once daily. [acr]
- In adults with gout, allopurinol is contraindicated when eGFR is below 10 mL/min/1.73 m2. [acr] {when: egfr_ml_min_1_73m2 < 10 -> contraindicated allopurinol}

## Monitoring
- In adults with gout, measure urate every 3 months until it is stable. [acr]

## Patient advice
- Tell adults with gout that uric acid crystals in the joints cause the pain, and that it can be treated. [acr]
- Advise adults with gout to drink plenty of water, to limit alcohol, and not to skip meals. [acr]
- Adults with gout should take allopurinol every day, also when there is no pain. [acr]
- Women with gout who are pregnant should not take colchicine. [acr]
- Take colchicine 500 micrograms orally twice daily for gout flares. [acr]
- Get help the same day for gout with fever, chills, severe pain, or a red hot joint that does not improve. [acr]
"""


@pytest.fixture
def llm() -> FakeLLM:
    return FakeLLM()


@pytest.fixture
def gout(llm, tmp_path) -> Assistant:
    document = parse_guideline(GUIDE, name="gout.md")
    kb = KnowledgeBase.from_passages(document.passages, FakeEmbedder())
    kb.documents = (document,)
    return Assistant(Settings(data_dir=tmp_path, min_coverage=0.3), llm=llm, kb=kb)


def text_of(handout, heading=""):
    return "\n".join(s.text for section in handout.sections if not heading or section.heading == heading for s in section.sentences)


# --- plain words

@pytest.mark.parametrize(("clinical", "lay"), [
    ("Hypertension raises the risk of myocardial infarction.", "High blood pressure raises the risk of heart attack."),
    ("Report haemoptysis.", "Report coughing up blood."),
    ("Multiple sclerosis has multiple forms.", "Multiple sclerosis has many forms."),        # a name is no plural
    ("Take it orally.", "Take it by mouth."),
])
def test_lay_words(clinical, lay):
    assert plain_words(clinical) == lay


def test_the_name_of_the_page_stays():
    assert plain_words("Osteoporosis makes bones weak.", ["Osteoporosis in adults"]) == "Osteoporosis makes bones weak."


@pytest.mark.parametrize(("told", "said"), [
    ("Advise adults with gout to drink plenty, to limit alcohol, and not to skip meals.", "drink plenty; limit alcohol; do not skip meals."),
    ("Tell adults with gout that flares pass.", "flares pass."),
    ("Adults with gout should never stop allopurinol.", "never stop allopurinol."),
    ("Tell adults with gout on colchicine to call for diarrhoea.", "If you take colchicine, call for diarrhoea."),      # a limit stays
    ("Tell pregnant women with gout to ask first.", "If you are pregnant, ask first."),
    ("Tell people with a joint that becomes hot to go to hospital.", "Tell people with a joint that becomes hot to go to hospital."),  # not understood: as it was
])
def test_a_statement_speaks_to_the_reader(told, said):
    assert addressed(told, ["Gout in adults"]) == said


@pytest.mark.parametrize(("sentence", "pieces"), [
    ("Rest is best; drink water.", ["Rest is best.", "Drink water."]),
    ("Take every dose, attend blood tests, and report fever at once.", ["Take every dose", "attend blood tests", "report fever at once"]),
    ("Stop and call for black stools.", ["Stop and call for black stools."]),       # the reason belongs to both
    ("When you vomit, call us, and stop the tablets.", ["When you vomit, call us, and stop the tablets."]),     # the condition holds for both
])
def test_long_sentences_are_cut_where_nothing_is_lost(sentence, pieces):
    assert [piece.rstrip(".") for piece in parts(sentence)] == [piece.rstrip(".") for piece in pieces]


def test_a_list_is_set_out_and_read_back():
    listed = set_out("Call an ambulance at once for chest pain, blue lips, fainting, or sudden swelling of face, hands or feet.")
    assert listed.splitlines() == [
        "Call an ambulance at once for:", "• chest pain", "• blue lips", "• fainting", "• sudden swelling of face, hands or feet",
    ]
    assert one_line(listed) == "Call an ambulance at once for chest pain, blue lips, fainting or sudden swelling of face, hands or feet."


@pytest.mark.parametrize("sentence", [
    "Do not take for pain ibuprofen, aspirin, naproxen, diclofenac, or any other such tablet.",     # under a "not" an item alone would mislead
    "Go to hospital when a baby has legs pulled up, looks pale, throws up, or has blood in the stool.",    # items that are no list of things
])
def test_what_is_no_plain_list_stays_a_sentence(sentence):
    assert set_out(sentence) == sentence


def test_a_statement_is_made_easier_only_as_far_as_needed():
    easy = reworded("Drink water.", grade=6)
    assert easy.text == "Drink water."
    hard = reworded("Advise adults with hypertension to avoid excessive sodium consumption, to exercise regularly, and to discontinue tobacco.")
    assert hard.grade < 9 < readability.flesch_kincaid("Advise adults with hypertension to avoid excessive sodium consumption.")


# --- meaning

def test_no_probe_flips_a_meaning():
    rows = own("meaning_probes.jsonl")
    assert len(rows) == 150
    assert [row["id"] for row in rows if not changed(row["wrong"], row["statement"])] == []


def test_right_wordings_pass():
    rows = own("meaning_probes.jsonl")
    assert sum(not changed(row["right"], row["statement"]) for row in rows) >= 0.9 * len(rows)


@pytest.mark.parametrize(("plain", "reason"), [
    ("Take it for 7 days after food. Stop at once for a bad rash.", ""),
    ("Take it for 70 days after food. Stop at once for a bad rash.", "number"),
    ("Take it for 7 weeks after food. Stop at once for a bad rash.", "number"),
    ("Take it for 7 days before food. Stop at once for a bad rash.", "direction"),
    ("Take it for 7 days after food. Stop for a bad rash.", "urgency"),
    ("Take it for 7 days after food.", "left out"),
    ("Take it for 7 days after food. Do not stop at once for a bad rash.", "negat"),
])
def test_what_a_rewording_may_not_do(plain, reason):
    found = changed(plain, "Take it for 7 days after food; stop at once for a bad rash.")
    assert (reason in found) if reason else found == ""


def test_lay_words_are_mapped_back_only_where_the_statement_has_them():
    assert mapped_back("High blood pressure", "Hypertension is common.") == "hypertension"
    assert mapped_back("High blood pressure", "Gout is common.") == "High blood pressure"


def test_every_lay_term_is_one_thing_and_no_drug():
    terms = read_table("lay_terms")["terms"]
    assert len(terms) >= 400
    assert not set(terms) & set(drug_names())
    assert all(term == term.lower() and lay.strip() for term, lay in terms.items())
    easier = sum(readability.flesch_kincaid(lay) < readability.flesch_kincaid(term) for term, lay in terms.items())
    assert easier > 0.8 * len(terms)


# --- the handout

def test_a_page_says_what_it_is_what_to_do_and_when_to_get_help(gout):
    handout = gout.educate("gout")
    assert [section.heading for section in handout.sections] == list(read_table("handout_en")["headings"].values())
    assert "Drink plenty of water" in text_of(handout, "What you can do")
    assert text_of(handout, "When to get help now").startswith(read_table("handout_en")["phrases"]["emergency"])
    assert "a red hot joint" in text_of(handout, "When to get help now")
    assert handout.grade <= 6.9


def test_each_sentence_rests_on_its_statement(gout):
    for section in gout.educate("gout").sections:
        for sentence in section.sentences:
            if sentence.provenance == "guideline":
                assert len(sentence.citations) == 1
                for part in readability.sentences(one_line(sentence.text)):
                    assert supported(part, sentence.citations[0].quote, ["Gout in adults"]), part
            else:
                assert sentence.tool == "handout phrase"


def test_no_dose_reaches_a_handout(gout):
    handout = gout.educate("gout")
    assert "500" not in text_of(handout)
    assert "100 mg" not in text_of(handout)
    assert any(item.check == "dose" and "colchicine" in item.text for item in handout.dropped)


@pytest.mark.parametrize(("who", "there"), [
    ({}, True), ({"pregnant": True}, True), ({"sex": "male"}, False), ({"pregnant": False}, False), ({"age_years": 80}, False),
])
def test_what_is_for_others_is_left_out_and_what_is_unknown_stays(gout, who, there):
    handout = gout.educate("gout", reader=who)
    assert ("colchicine" in text_of(handout)) is there


def test_a_rule_of_the_chart_becomes_a_question_and_no_order(gout):
    handout = gout.educate("gout", reader="A 70-year-old woman with gout. eGFR 8 mL/min/1.73 m2. She takes allopurinol 100 mg daily.")
    assert "Is allopurinol right for me?" in text_of(handout, "Questions to ask your care team")
    assert "contraindicated" not in text_of(handout)


def test_a_note_finds_its_condition_and_its_reader(gout):
    handout = gout.educate("50-year-old man.\nHistory: gout.\nMedications: allopurinol.")
    assert handout.topic == "Gout"
    assert "Why do I take allopurinol" in text_of(handout)
    assert "colchicine" not in text_of(handout)


def test_an_answer_can_be_explained(gout):
    assert gout.educate(gout.ask("When is allopurinol contraindicated in gout?")).topic == "Gout"


@pytest.mark.parametrize(("topic", "who", "says"), [
    (" ", {}, "empty"), ("broken ankle", {}, "no guideline covers"), ("gout", {"height": 180}, "unknown reader key height"),
    ("gout", {"age_years": 300}, "0 to 120"), ("gout", {"language": "fr"}, "en, es, zh"), ("gout", {"sex": "x"}, "female, male"),
])
def test_errors_say_what_came_and_what_is_allowed(gout, topic, who, says):
    with pytest.raises(InputError, match=says):
        gout.educate(topic, reader=who)


def test_the_model_is_not_asked_for_a_page_that_reads_well(gout, llm):
    gout.educate("gout")
    assert llm.calls == 0


def test_the_models_words_are_taken_only_when_easier_and_true(gout, llm):
    llm.says("Crystals hurt. Never treat it.")
    handout = gout.educate("gout", grade=0.5)
    assert llm.calls > 0
    assert "Never treat it" not in text_of(handout)
    assert all(s.origin != "model" for section in handout.sections for s in section.sentences)


# --- languages

def test_without_a_model_statements_stay_english_and_the_page_says_so(gout, llm):
    llm.writes = False
    handout = gout.educate("gout", reader={"language": "zh"})
    table = read_table("handout_zh")
    assert handout.sections[0].heading == table["headings"]["what"]
    assert table["phrases"]["english"] in text_of(handout)
    assert table["phrases"]["machine"] not in text_of(handout)
    assert "Drink plenty" in text_of(handout)


@pytest.mark.parametrize(("words", "text", "language", "reason"), [
    ("Llame a una ambulancia de inmediato si el dolor dura 15 minutos.", "Call an ambulance at once if pain lasts 15 minutes.", "es", ""),
    ("Llame a una ambulancia de inmediato si el dolor dura 50 minutos.", "Call an ambulance at once if pain lasts 15 minutes.", "es", "number"),
    ("Llame al médico si el dolor dura 15 minutos.", "Call an ambulance at once if pain lasts 15 minutes.", "es", "ambulance"),
    ("Tome aspirina con comida.", "Do not take aspirin with food.", "es", "negation"),
    ("No tome ibuprofeno con comida.", "Do not take aspirin with food.", "es", "aspirin"),
    ("Do not take aspirin with food.", "Do not take aspirin with food.", "es", "nothing"),
    ("如果疼痛持续15分钟，请立即叫救护车。", "Call an ambulance at once if pain lasts 15 minutes.", "zh", ""),
    ("如果疼痛持续15分钟，请去医院。", "Call an ambulance at once if pain lasts 15 minutes.", "zh", "ambulance"),
    ("请多喝水。", "Do not drink water.", "zh", "negation"),
    ("Beba mucha agua.", "Drink plenty of water.", "zh", "not in Chinese"),
])
def test_a_translation_keeps_numbers_negations_drugs_and_warnings(words, text, language, reason):
    found = refused(words, text, language)
    assert (reason in found) if reason else found == ""


def test_a_translated_line_is_marked(gout, llm):
    llm.says("Beba mucha agua. Limite el alcohol. No se salte comidas.")
    handout = gout.educate("gout", reader={"language": "es"})
    page = handout_page.html(handout)
    assert "No se salte comidas. *" in page
    assert read_table("handout_es")["phrases"]["machine"] in page
    assert read_table("handout_es")["phrases"]["english"] in page     # the other lines were refused and stay English


@pytest.mark.parametrize("language", ["es", "zh"])
def test_every_language_has_every_fixed_word(language):
    english, other = read_table("handout_en"), read_table(f"handout_{language}")
    for block in ("headings", "phrases", "ask", "teach"):
        assert set(other[block]) == set(english[block])
    for name in ("rule", "drug"):
        assert "DRUG" in other["ask"][name]


def test_fixed_words_read_easily():
    table = read_table("handout_en")
    assert readability.flesch_kincaid("\n".join([*table["phrases"].values(), *table["teach"].values()])) <= 6


# --- pages

def test_html_is_one_file_without_script_and_escapes(gout):
    page = handout_page.html(gout.educate("gout", reader={"conditions": ["<script>alert(1)</script>"]}), on=date(2026, 11, 25))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "src=" not in page
    assert "href=" not in page
    assert "@media print" in page
    assert "2026-11-25" in page
    assert '<section class="urgent">' in page


@pytest.mark.parametrize("language", ["en", "es", "zh"])
def test_pdf_holds_the_text(gout, llm, language):
    pytest.importorskip("reportlab")
    from pypdf import PdfReader

    llm.writes = False
    handout = gout.educate("gout", reader={"language": language})
    pages = PdfReader(BytesIO(handout_page.pdf(handout))).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    assert handout.topic in text
    for heading in read_table(f"handout_{language}")["headings"].values():
        assert heading.replace(" ", "") in text


def test_the_command_writes_pages(gout, tmp_path, monkeypatch):
    pytest.importorskip("reportlab")
    monkeypatch.setattr(cli_common, "opened", lambda backend: gout)
    page, paper = tmp_path / "gout.html", tmp_path / "gout.pdf"
    result = CliRunner().invoke(cli.app, ["educate", "gout", "--html", str(page), "--pdf", str(paper)])
    assert result.exit_code == 0
    assert "When to get help now" in page.read_text(encoding="utf-8")
    assert paper.read_bytes().startswith(b"%PDF")


def test_a_model_line_with_a_wrong_word_is_refused():
    text = "Take allopurinol for gout every day. Stop it and call at once for a rash."
    assert "rash" in refused("Tome allopurinol para la gota cada día. Deje de tomarlo y llame inmediatamente si hay una escarpa.", text, "es")
    assert "few" in refused("Limite el vino y los grandes platos.", "Limit beer, spirits and large amounts of seafood.", "es")


def test_prompts_load():
    assert load("educate").inputs == ("statement",)
    assert load("educate_translate").inputs == ("language", "statement")


def test_a_sign_is_taken_from_a_red_flag_but_not_the_topic_itself():
    flag = "Seizures with fever, new confusion or chest pain need emergency care."
    assert handout_words.signs(flag, ["Epilepsy", "seizure"], set()) == "Call your emergency number now for:\n• new confusion\n• chest pain\n"
    referral = "Blood pressure of 180/120 with new confusion or a pounding heartbeat needs same-day assessment."
    both = "Call your emergency number now for:\n• new confusion\nGet help the same day for:\n• pounding heartbeat\n"
    assert handout_words.signs(referral, ["Hypertension"], set()) == both     # a clinician's referral rule delays no ambulance
    assert handout_words.signs("GCS below 8 needs emergency care.", ["Epilepsy"], set()) == ""


def test_the_reader_of_a_mapping_knows_what_a_note_says():
    who = reader({"note": "A 30-year-old pregnant woman takes metformin.", "language": "es"})
    assert (who.age_years, who.pregnant, who.language) == (30, True, "es")
    assert "metformin" in who.medicines


# --- one summary of several answers

def test_a_summary_holds_whole_sentences_of_its_answers_within_its_length():
    answers = ["Rest helps a torn knee to heal well. Bananas are yellow and sweet to eat.", "Rest and ice help most torn knees to heal."]
    found = summary_of_answers("How does a torn knee heal?", answers, words=18)
    assert found
    assert all(any(sentence in answer for answer in answers) for sentence in found)
    assert sum(len(sentence.split()) for sentence in found) <= 18
    assert "Bananas" not in " ".join(found)


def test_nothing_to_summarise():
    assert summary_of_answers("What?", []) == []


def test_reader_age_zero_is_known():
    assert reader({"age_years": 0}).age_years == 0
