"""Patient education out of guideline statements: chosen for the reader, put into plain words, measured; no dose for a single person.

Every statement keeps its citation. What a rewording would change is shown as it stands or left out, with the reason in `dropped`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from assistant import gate
from assistant.education import handout_words, readability, topics
from assistant.education.handout_words import KEYS, fixed_sentence
from assistant.education.meaning import changed, is_warning
from assistant.education.plain_language import Plain, reworded, speaks_to_clinician
from assistant.education.reader import Reader, concerns, nearness, reader
from assistant.education.translate import translated
from assistant.errors import BackendError, InputError
from assistant.llm.base import Prompt as Turn
from assistant.parts import Parts
from assistant.records import Answer, Dropped, Handout, HandoutSection, PatientFacts, Sentence
from assistant.requests_policy import classify
from assistant.wording import cite
from knowledge_base.documents import Document, Passage
from prompts import load

MOST = {"what": 2, "do": 6, "medicines": 4, "urgent": 6}       # statements of a section
LEAST = {"what": 1, "do": 1, "medicines": 0, "urgent": 6}      # below this none is left out for its grade: a warning never is
TOO_HARD = 3.0      # grades above the target at which a statement that was not written for patients is left out
PROTECTS = 2.0      # grades by which a "do not" may be harder before it is left out
MODEL_LINES = 4     # of the hardest statements, the model may word so many: it writes 10 tokens a second
MAX_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A statement chosen for a section, in plain words."""

    section: str
    passage: Passage
    plain: Plain
    by_model: bool = False


def run(parts: Parts, topic: str | Answer, *, reader: Mapping[str, Any] | PatientFacts | str, grade: float) -> Handout:
    """A handout on a condition, an answer or a note; each sentence rests on a statement, or is a fixed phrase.

    Args:
        parts: knowledge base and model.
        topic: a condition in plain words, an Answer, or a patient's note.
        reader: whom it is for: keys of `assistant.education.reader.Reader`, the facts of a note, or a note.
        grade: Flesch-Kincaid grade to reach; the hardest optional statements are left out when the rules cannot.

    Raises:
        InputError: the topic is empty, asks for a dose of the reader's own, no guideline covers it, or a reader key is unknown.
    """
    if isinstance(topic, str) and not topics.is_note(topic) and (policy := classify(topic, patient_mode=True)).kind != "ok":
        raise InputError(policy.reply)
    document = topics.document(parts, topic)
    who = _reader(reader, topic)
    dropped: list[Dropped] = []
    chosen = list(_lines(document, who, grade, dropped)) or list(_as_written(document, who))
    lines = _fitted(_model_worded(parts, chosen, grade), grade, dropped)
    sections = [_section(key, document, who, lines) for key in KEYS]
    sections = _in_language(parts, sections, who)
    text = "\n".join(sentence.text for line in sections for sentence in line.sentences)
    return Handout(
        topics.name(document), tuple(s for s in sections if s.sentences), round(readability.flesch_kincaid(text), 1),
        round(readability.smog(text), 1), grade, tuple(dropped), who.language, parts.versions("educate"),
    )  # fmt: skip


def _reader(given: Mapping[str, Any] | PatientFacts | str, topic: str | Answer) -> Reader:
    if not given and isinstance(topic, str) and topics.is_note(topic):
        return reader(topic)
    return reader(topic.facts if not given and isinstance(topic, Answer) else given)


def _lines(document: Document, who: Reader, grade: float, dropped: list[Dropped]) -> Iterator[Line]:
    """The statements for this reader, best first, each section up to its length."""
    titles, count = (document.title, *document.synonyms), dict.fromkeys(KEYS, 0)
    signs: set[str] = set()
    for section, passage in _ordered(document, who):
        if count[section] >= MOST[section] or not concerns(passage, who):
            continue
        if gate.read_claim(passage.text).doses:
            dropped.append(Dropped(passage.text, "dose", "a dose is for a prescriber to say, not for a handout", passage.id))
            continue
        if passage.section == "Red flags":
            if is_warning(passage.text) and (text := handout_words.signs(passage.text, titles, signs)):
                count[section] += 1
                yield Line(section, passage, Plain(text, readability.flesch_kincaid(text)))
            continue
        plain = reworded(passage.text, titles=titles, grade=grade)
        theirs = passage.section != "Patient advice" and (plain.grade > grade + TOO_HARD or handout_words.technical(plain.text, titles))
        if theirs or speaks_to_clinician(plain.text):
            dropped.append(Dropped(plain.text, "plain", f"written for clinicians, grade {plain.grade:.1f}", passage.id))
            continue
        if plain.refused:
            dropped.append(Dropped(plain.text, "meaning", plain.refused, passage.id))
        count[section] += 1
        yield Line(section, passage, plain)


def _as_written(document: Document, who: Reader) -> Iterator[Line]:
    """Where no statement could be put into plain words: the advice for patients as it stands, rather than an empty page."""
    advice = [p for p in document.passages if p.section == "Patient advice" and concerns(p, who) and not gate.read_claim(p.text).doses]
    for passage in advice[: MOST["what"]]:
        yield Line("urgent" if is_warning(passage.text) else "do", passage, Plain(passage.text, readability.flesch_kincaid(passage.text)))


def _ordered(document: Document, who: Reader) -> list[tuple[str, Passage]]:
    """Statements with their section: the reader's own first, then those written for patients, then by place in the digest."""
    placed = [(section, passage) for passage in document.passages if (section := _section_of(passage))]
    taken = {section for section, passage in placed if passage.section == "Patient advice"}
    # a clinician's definition or warning is needed only where the advice for patients has none
    kept = [(s, p) for s, p in placed if p.section == "Patient advice" or s == "medicines" or s not in taken]
    kept = kept or [("what", passage) for passage in document.passages]    # a document of the user's own has other headings
    own = {"Patient advice": 0}
    return sorted(kept, key=lambda row: (-nearness(row[1], who), own.get(row[1].section, 1), row[1].jurisdiction != "international"))


def _section_of(passage: Passage) -> str:
    claim = gate.read_claim(passage.text)
    match passage.section:
        case "Patient advice" if is_warning(passage.text):
            return "urgent"
        case "Patient advice" if handout_words.describes(passage):
            return "what"
        case "Patient advice" if claim.drugs or claim.classes or handout_words.on_medicine(passage.text):
            return "medicines"
        case "Patient advice":
            return "do"
        case "Definition" if not claim.quantities:
            return "what"
        case "Red flags":
            return "urgent"
        case "Treatment" | "Monitoring" if claim.drugs and not claim.quantities and not handout_words.orders(passage.text):
            return "medicines"
    return ""


def _fitted(lines: list[Line], grade: float, dropped: list[Dropped]) -> list[Line]:
    """The lines without the hardest optional ones, until what is left reads at the grade."""
    while lines and _grade(lines) > grade:
        optional = [line for line in lines if sum(other.section == line.section for other in lines) > LEAST[line.section]]
        hardest = max(optional, key=_hardness, default=None)
        if hardest is None or hardest.plain.grade <= grade:
            break
        dropped.append(Dropped(hardest.plain.text, "grade", f"reads at grade {hardest.plain.grade:.1f}", hardest.passage.id))
        lines = [line for line in lines if line is not hardest]
    return lines


def _hardness(line: Line) -> float:
    """A "do not" is worth some grades more than other advice."""
    return line.plain.grade - (PROTECTS if gate.read_claim(line.passage.text).against else 0.0)


def _grade(lines: Sequence[Line]) -> float:
    return readability.flesch_kincaid("\n".join(line.plain.text for line in lines))


def _model_worded(parts: Parts, lines: list[Line], grade: float) -> list[Line]:
    """The hardest lines in the model's words where those read more easily and change nothing; asked only while the page is too hard."""
    hard = sorted((line for line in lines if line.plain.grade > grade), key=lambda line: -line.plain.grade)[:MODEL_LINES]
    if not hard or _grade(lines) <= grade or not parts.llm.writes:
        return lines
    return [_by_model(parts, line) if line in hard else line for line in lines]


def _by_model(parts: Parts, line: Line) -> Line:
    prompt = load("educate")
    try:
        turn = Turn(prompt.system, prompt.render(statement=line.plain.text))
        words = parts.llm.generate(turn, max_tokens=MAX_TOKENS, seed=parts.settings.seed).strip().split("\n\n")[0]
    except (BackendError, InputError):
        return line
    easier = bool(words) and readability.flesch_kincaid(words) < line.plain.grade
    if not easier or changed(words, line.passage.text, (line.passage.title,)):
        return line
    return replace(line, plain=Plain(words, readability.flesch_kincaid(words)), by_model=True)


def _section(key: str, document: Document, who: Reader, lines: Sequence[Line]) -> HandoutSection:
    said = [_sentence(line) for line in lines if line.section == key]
    fixed = handout_words.fixed(key, document, who, sections={line.section for line in lines})
    return HandoutSection(handout_words.words(who.language)["headings"][key], (*fixed.before, *said, *fixed.after))


def _sentence(line: Line) -> Sentence:
    origin = "model" if line.by_model else "quote" if line.plain.text == line.passage.text else "rule"
    return Sentence(line.plain.text, "guideline", (cite(line.passage),), origin=origin)  # type: ignore[arg-type]


def _in_language(parts: Parts, sections: list[HandoutSection], who: Reader) -> list[HandoutSection]:
    """The statements in the reader's language, and what must be said of that; English ones stay as they are."""
    english = sum(s.provenance == "guideline" for section in sections for s in section.sentences)
    if who.language != "en":
        sections = [replace(one, sentences=tuple(_translated(parts, s, who.language) for s in one.sentences)) for one in sections]
    given = [s for section in sections for s in section.sentences if s.provenance == "guideline"]
    by_model = [s for s in given if s.origin == "model"]
    notes = ["machine"] * bool(by_model) + ["english"] * (who.language != "en" and len(by_model) < english) + ["education"]
    about = HandoutSection(handout_words.words(who.language)["headings"]["about"], tuple(fixed_sentence(note, who) for note in notes))
    return [*sections, about]


def _translated(parts: Parts, sentence: Sentence, language: str) -> Sentence:
    if sentence.provenance != "guideline" or not parts.llm.writes:
        return sentence
    text = ""
    with suppress(BackendError, InputError):        # the line stays English, and the page says so
        text = translated(parts.llm, sentence.text, language, seed=parts.settings.seed)
    if text:
        return replace(sentence, text=text, origin="model")
    return replace(sentence, origin="rule") if sentence.origin == "model" else sentence
