"""Patient education out of guideline statements, reworded by a lay-term table and measured; no dosing for a single person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from assistant import gate, readability
from assistant.ask import checked
from assistant.claims import content_words
from assistant.coverage import covers
from assistant.errors import InputError
from assistant.parts import Parts
from assistant.records import Dropped, Handout, HandoutSection, Sentence
from assistant.wording import cite
from knowledge_base.documents import Document, Passage
from knowledge_base.lexicon import read_table

SECTIONS = (
    ("What it is", ("Definition",)),
    ("What you can do", ("Patient advice",)),
    ("Get help right away if", ("Red flags",)),
)
EMERGENCY = "If you feel very ill, or get worse fast, call your emergency number now."
MAX_STATEMENTS = 6


def run(parts: Parts, topic: str, *, reader: Mapping[str, Any], grade: float) -> Handout:
    """A handout on the condition that the topic names; each sentence rests on a statement.

    Raises:
        InputError: the topic is empty, or no guideline covers it.
    """
    checked(topic)
    document = _document(parts, topic)
    dropped: list[Dropped] = []
    sections = [HandoutSection(title, tuple(_sentences(document, names, dropped))) for title, names in SECTIONS]
    urgent = replace(sections[-1], sentences=(*sections[-1].sentences, Sentence(EMERGENCY, "tool", tool="safety net")))
    sections = [section for section in (*sections[:-1], urgent) if section.sentences]
    text = " ".join(sentence.text for section in sections for sentence in section.sentences)
    return Handout(
        document.title, tuple(sections), round(readability.flesch_kincaid(text), 1), round(readability.smog(text), 1), grade,
        tuple(dropped), versions=parts.versions("ask"),
    )  # fmt: skip


def _document(parts: Parts, topic: str) -> Document:
    words = content_words(topic)
    named = [d for d in parts.kb.documents if words & content_words(f"{d.title} {' '.join(d.synonyms)}")]
    hits = parts.kb.search(topic, k=parts.settings.passages)
    if covers(topic, hits, parts.kb).score >= parts.settings.min_coverage or named:
        best = next((hit.passage.document_id for hit in hits if not named or hit.passage.document_id in {d.id for d in named}), "")
        for document in parts.kb.documents:
            if document.id == best:
                return document
    titles = ", ".join(dict.fromkeys(hit.passage.title for hit in hits[:4]))
    raise InputError(f"no guideline covers '{topic[:60]}'; nearest: {titles}. Add one: assistant kb add PATH")


def _sentences(document: Document, names: Sequence[str], dropped: list[Dropped]) -> list[Sentence]:
    kept: list[Sentence] = []
    for passage in [p for p in document.passages if p.section in names][:MAX_STATEMENTS]:
        plain = plain_words(passage.text)
        reason = changed(plain, passage)
        if reason:
            dropped.append(Dropped(plain, "meaning", reason, passage.id))
        kept.append(Sentence(passage.text if reason else plain, "guideline", (cite(passage),), origin="quote" if reason else "rule"))
    return kept


def changed(plain: str, passage: Passage) -> str:
    """Why a rewording may not stand for its statement: a number, dose, negation or warning differs; empty when none does."""
    said, source = gate.read_claim(plain), gate.read_claim(passage.text)
    if {q.value for q in said.quantities} != {q.value for q in source.quantities}:
        return "a number changed"
    if said.against != source.against:
        return "a negation changed"
    return "a drug changed" if said.drugs != source.drugs else ""


def plain_words(text: str) -> str:
    """Clinical words replaced by lay ones."""
    table = read_table("lay_terms")["terms"]
    return _pattern().sub(lambda match: _cased(table[match[0].lower()], match[0]), text)


def _cased(word: str, like: str) -> str:
    return word[0].upper() + word[1:] if like[0].isupper() else word


@cache
def _pattern() -> re.Pattern[str]:
    terms = sorted(read_table("lay_terms")["terms"], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b", re.IGNORECASE)
