"""Which guideline a handout is on: named by a topic in plain words, by an Answer, or by a patient's note."""

from __future__ import annotations

import re
from collections import Counter

from assistant import facts
from assistant.education.plain_language import plain_words
from assistant.errors import InputError
from assistant.gate.claims import content_words
from assistant.gate.coverage import covers
from assistant.limits import checked
from assistant.parts import Parts
from assistant.records import Answer
from knowledge_base.documents import Document

NOTE = 200      # characters above which a topic is read as a note


def document(parts: Parts, topic: str | Answer) -> Document:
    """The document for a handout.

    Raises:
        InputError: the topic is empty, or no guideline covers it; the message names the nearest.
    """
    if isinstance(topic, Answer):
        return _of_answer(parts, topic)
    checked(topic)
    found = _named(parts, topic) or (_of_note(parts, topic) if is_note(topic) else None) or _searched(parts, topic)
    if found:
        return found
    titles = ", ".join(dict.fromkeys(hit.passage.title for hit in parts.kb.search(topic, k=4)))
    asked = "this note" if is_note(topic) else f"'{topic[:60]}'"
    raise InputError(f"no guideline covers {asked}; nearest: {titles}. Add one: assistant kb add PATH")


def is_note(topic: str) -> bool:
    """Whether a text is a note rather than the name of a condition."""
    return len(topic) > NOTE or "\n" in topic.strip()


def name(document: Document) -> str:
    """The condition as a reader calls it: the lay name where the guideline lists one, with the clinical name behind it."""
    head = re.split(r" in (?=adults|children|people|men|women|pregnan)|\s*[(:]", document.title)[0]
    lay = plain_words(head)
    known = {word.lower() for word in document.synonyms}
    return f"{lay[0].upper()}{lay[1:]} ({head[0].lower()}{head[1:]})" if lay != head and lay.lower() in known else head


def _named(parts: Parts, topic: str) -> Document | None:
    wanted = topic.strip().lower()
    for names in (lambda d: (d.id, d.title, name(d)), lambda d: d.synonyms):
        for found in parts.kb.documents:
            if wanted in {word.lower() for word in names(found)}:
                return found
    return None


def _of_answer(parts: Parts, answer: Answer) -> Document:
    cited = [citation for sentence in answer.sentences for citation in sentence.citations] or list(answer.evidence)
    for document_id, _ in Counter(citation.passage_id.split("#")[0] for citation in cited).most_common():
        for found in parts.kb.documents:
            if found.id == document_id:
                return found
    raise InputError("the answer cites no guideline; ask a question that the guidelines cover, or name a condition")


def _of_note(parts: Parts, note: str) -> Document | None:
    """The guideline of a condition that the patient has by the note: the one named most often, then first."""
    found = [f.name for f in facts.extract(note).findings if f.presence == "present" and f.experiencer == "patient"]
    matches = Counter(document.id for condition in found if (document := _named(parts, condition)))
    best = matches.most_common(1)[0][0] if matches else ""
    return next((d for d in parts.kb.documents if d.id == best), None)


def _searched(parts: Parts, topic: str) -> Document | None:
    words = content_words(topic)
    names = {d.id: content_words(f"{d.title} {' '.join(d.synonyms)}") for d in parts.kb.documents}
    named = {document_id for document_id, own in names.items() if words & own}
    whole = any(words <= own for own in names.values()) and bool(words)      # "quokka fever" shares but a word with the febrile child
    hits = parts.kb.search(topic, k=parts.settings.passages)
    if not whole and covers(topic, hits, parts.kb).score < parts.settings.min_coverage:
        return None
    best = next((hit.passage.document_id for hit in hits if not named or hit.passage.document_id in named), "")
    return next((d for d in parts.kb.documents if d.id == best), None)
