"""A doctor-patient talk as a note: questions joined with their answers, the patient told in the third person, sorted by section.

Rules only. A sentence of the note rests on the turns that it was made of: nothing is added, and a denial stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from assistant import facts as patient_facts
from assistant.errors import InputError
from assistant.facts.drugs import mentions
from assistant.facts.patient import vocabulary
from assistant.facts.phrases import words
from assistant.notes.dialogue_words import (
    INITIALS,
    RELATIVES,
    Person,
    Sex,
    clinical,
    compiled,
    initialed,
    person,
    plain,
    sentence,
    spelled,
    table,
    third,
)
from assistant.records import Bullet, NoteSummary, PatientFacts, Span
from knowledge_base.lexicon import read_table

_QUESTION_WORD = re.compile(
    r"^(?:do|does|did|have|has|had|are|is|was|were|can|could|any|what|what's|when|where|why|which|who|how|would|will)\b", re.IGNORECASE,
)  # fmt: skip
_NEGATED = re.compile(r"\b(?:not|never|no|none|\w+n't)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|am|has|have|had|do|does|did|will|would|can|could|\w+ed|got|went|took|takes?|lives?|works?|feels?|hurts?|it's|that's)\b",
    re.IGNORECASE,
)
_LATER = re.compile(r"[,;.]\s+(?:and |so |but )?(?=(?:do|does|did|have|has|are|is|was|were|any|can)\b)", re.IGNORECASE)
_WH = re.compile(r"^(?:what|what's|when|where|why|which|who|how|how's)\b(?! about)", re.IGNORECASE)
_END = re.compile(r"(?<=[.?!])\s+")
_BREAK = re.compile(table()["breaks"]["pattern"], re.IGNORECASE)
_INITIAL = rf"^[ \t]*(?P<initial>{'|'.join(INITIALS)})\s*:"
NO_SPEAKER = "no line of the dialogue names its speaker: begin the turns with 'Doctor:' and 'Patient:' (or 'D:' and 'P:')"
LONG = 20  # words of a piece without a full stop: recognised speech, cut where a clause begins
BARE = 7  # words of an answer that needs its question to be understood
LONG_TALK = 20  # turns from which a talk is a whole visit and gets a line on why the patient came


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in one go."""

    role: str  # doctor, patient, family
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the note to be."""

    text: str
    section: str
    spans: tuple[Span, ...]


def summary(text: str, versions: Mapping[str, str]) -> NoteSummary:
    """The note of a talk; its bullets carry the spans of the turns.

    Raises:
        InputError: no line names its speaker.
    """
    if not turns(text):
        raise InputError(NO_SPEAKER)
    facts = patient_facts.extract(text)
    lines = list(note_lines(text, facts))
    order = list(table()["headings"])
    lines.sort(key=lambda line: order.index(line.section))
    bullets = tuple(Bullet(line.text, line.section, line.spans, "rule") for line in lines)
    return NoteSummary("dialogue_to_note", bullets, facts=facts, versions=versions)


def turns(text: str) -> list[Turn]:
    """The turns of a talk, in order; text before the first speaker is left out."""
    marks = list(_speakers(initials=False).finditer(text))
    if initialed(text, {_role(mark["who"]) for mark in marks}):
        marks = list(_speakers(initials=True).finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)] if marks else []
    return [
        Turn(_role(mark.group(mark.lastgroup or "who")), text[mark.end() : end].strip(), Span(mark.start(), end))
        for mark, end in zip(marks, ends, strict=True)
    ]


@cache
def _speakers(*, initials: bool) -> re.Pattern[str]:
    """Labels of turns; a single letter is one only at the beginning of a line of a talk that is written so."""
    names = sorted((name.replace(" ", "[ _]") for row in table()["speakers"].values() for name in row), key=len, reverse=True)
    words = rf"(?:^[ \t]*|(?<=[.?!] ))\[?(?P<who>(?i:{'|'.join([*names, *RELATIVES])})(?:[_ ]?\d)?)(?:\]|\s*:)"
    return re.compile(rf"{words}|{_INITIAL}" if initials else words, re.MULTILINE)


def _role(label: str) -> str:
    name = re.sub(r"[_ ]?\d$", "", label.lower()).replace("_", " ")
    if role := INITIALS.get(label) or RELATIVES.get(name):
        return role
    return str(next(role for role, names in table()["speakers"].items() if name in names))


def note_lines(text: str, facts: PatientFacts) -> Iterator[Line]:
    """Sentences of the note in the order of the talk, each once."""
    who, said = person(_sex(text, facts)), turns(text)
    seen: set[str] = set()
    first = _complaint(text, facts) if len(said) >= LONG_TALK else ()
    for line in chain(first, _told(said, who)):
        key = re.sub(r"\W+", " ", line.text.lower())
        if key not in seen and len(key.split()) > 0:
            seen.add(key)
            yield line


def _complaint(text: str, facts: PatientFacts) -> Iterator[Line]:
    """Why the patient came: the first complaint of a whole visit that is the patient's and not denied."""
    described = compiled("|".join(read_table("summary_styles")["not_problems"]["names"]))
    for finding in facts.findings:
        if (
            finding.experiencer == "patient"
            and finding.presence == "present"
            and finding.when == "now"
            and not described.search(finding.name)
        ):
            yield Line(sentence(re.sub(r"\s+", " ", text[finding.span.start : finding.span.end])), "complaint", (finding.span,))
            return


def _sex(text: str, facts: PatientFacts) -> Sex:
    if re.search(r"\b(?:ma'am|miss|madam|young lady)\b", text, re.IGNORECASE):
        return "female"
    return "male" if re.search(r"\b(?:sir|mister|buddy|young man)\b", text, re.IGNORECASE) else facts.sex


def _told(said: Sequence[Turn], who: Person) -> Iterator[Line]:
    asked: str = ""
    asked_at: Span | None = None
    for turn in said:
        pieces = [piece for piece in _pieces(turn.text) if not compiled(table()["talk"]["empty"]).match(piece)]
        if turn.role == "doctor":
            asked, asked_at = "", None
            for piece in pieces:
                if _is_question(piece):
                    asked, asked_at = plain(piece), turn.span
                elif _tells(piece):
                    yield from _line(third(plain(piece), who, speaker="doctor"), "doctor", (turn.span,))
        else:
            answer = spelled(turn.text)
            spans = (asked_at, turn.span) if asked_at else (turn.span,)
            yield from _answered(asked, answer, pieces, turn.role, who, spans)
            asked, asked_at = "", None


def _pieces(text: str) -> list[str]:
    """Sentences of a turn; recognised speech without full stops is cut where a clause begins."""
    pieces: list[str] = []
    for piece in _END.split(spelled(text)):
        pieces += _BREAK.split(piece) if len(piece.split()) > LONG else [piece]
    return [piece.strip() for piece in pieces if piece and piece.strip()]


def _is_question(piece: str) -> bool:
    return piece.rstrip().endswith("?") or bool(_QUESTION_WORD.match(plain(piece)))


def _tells(piece: str) -> bool:
    """Whether a doctor's sentence speaks of the patient's health: a finding, a drug, a number, or a word of a section."""
    if compiled(table()["talk"]["chat"]).search(piece):
        return False
    if any(compiled(row["pattern"]).search(piece) for row in table()["section"] if row["name"] != "review"):
        return True
    return bool(vocabulary().find(words(piece))) or any(True for _ in mentions(piece))


def _answered(asked: str, answer: str, pieces: Sequence[str], role: str, who: Person, spans: tuple[Span, ...]) -> Iterator[Line]:
    """What question and answer say together; then what else the answer tells."""
    no, yes = compiled(table()["answers"]["no"]).match(answer), compiled(table()["answers"]["yes"]).match(answer)
    lead = no or yes
    if asked and lead and not _WH.match(asked):
        yield from _line(_joined(asked, who, denied=bool(no), answer=lead[0]), "answer", spans)
    elif asked and no:
        yield from _line(f"{third(asked, who, speaker='doctor').rstrip('?')}? {lead[0].strip(' ,.!') if lead else ''}", "answer", spans)
    if lead:
        rest = answer[lead.end() :].strip(" ,.")
        pieces = [piece for piece in _pieces(rest) if not compiled(table()["talk"]["empty"]).match(piece)] if rest else []
    for piece in pieces:
        if _is_question(piece) or compiled(table()["talk"]["chat"]).search(piece):
            continue
        told = third(plain(piece), who, speaker=role)
        if asked and piece is pieces[0] and not lead and len(told.split()) < BARE and not _VERB.search(told):
            told = _with_question(asked, told, who)
        yield from _line(told, role, spans)


def _with_question(asked: str, answer: str, who: Person) -> str:
    """A bare answer made clear: "How long have you been coughing?" "Two weeks." is "Has been coughing: 2 weeks"."""
    for row in table()["bare"]:
        if match := compiled(row["asked"]).match(asked.rstrip(" ?.")):
            rest = third(match["rest"], who, speaker="doctor") if "rest" in match.groupdict() and match["rest"] else ""
            return str(row["told"]).replace("P", who.subject).replace("$", rest).replace("@", answer).strip()
    return answer


def _joined(asked: str, who: Person, *, denied: bool, answer: str) -> str:
    """ "Any chest pain?" with "No" is "Denies chest pain". What cannot be joined surely stays question and answer."""
    asked = asked.rstrip(" ?.,")
    if _NEGATED.search(asked) and not asked.lower().startswith("no "):
        told = third(asked, who, speaker="doctor")
        sure = denied or re.search(r"\b(?:right|correct|exactly|true)\b", answer, re.IGNORECASE)
        return told if sure and not _QUESTION_WORD.match(asked) else f"{told}? {answer.strip(' ,.!')}"
    for row in table()["question"]:
        if match := compiled(rf"^(?:{row['opener']})\s+(?=\S)").match(asked):
            rest = third(asked[match.end() :], who, speaker="doctor")
            told = row["no" if denied else "yes"].replace("$", rest)
            return _with_subject(told, who, rest)
    if (later := _LATER.search(asked)) and not _QUESTION_WORD.match(asked):
        return _joined(asked[later.end() :], who, denied=denied, answer=answer)
    told = third(asked, who, speaker="doctor")
    if _QUESTION_WORD.match(asked):
        return f"{told}? {answer.strip(' ,.!')}"
    return f"Denies {told}" if denied and not _VERB.search(told) else f"{told}? {answer.strip(' ,.!')}" if denied else told


def _with_subject(told: str, who: Person, rest: str) -> str:
    if told == f"P {rest}":
        return third(f"I {rest}", who, speaker="patient")
    return re.sub(r"^P\b", who.subject, told)


def _line(text: str, speaker: str, spans: tuple[Span, ...]) -> Iterator[Line]:
    told = sentence(clinical(text))
    if len(re.findall(r"\w+", told)) > 1 or vocabulary().find(words(told)) or any(True for _ in mentions(told)):
        yield Line(told, _section(told, speaker), spans)


def _section(told: str, speaker: str) -> str:
    for row in table()["section"]:
        if row.get("who", speaker) == speaker and compiled(row["pattern"]).search(told):
            return str(row["name"])
    return "history"


def render(record: NoteSummary) -> str:
    """The note as plain text under its headings."""
    blocks: dict[str, list[str]] = {}
    for bullet in record.bullets:
        blocks.setdefault(bullet.section, []).append(bullet.text)
    return "\n\n".join(f"{table()['headings'][name]}\n\n{' '.join(lines)}" for name, lines in blocks.items())
