"""Emergencies by rule, before any model: `knowledge_base/redflags.toml`, one row an emergency.

A row fires when one of its `when` alternatives holds: every group of the alternative has a concept that the text affirms of its
patient now (context.py), or a number or state of the chart that meets its condition. An unknown number or state never meets one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from assistant.facts.context import Reader
from assistant.facts.phrases import Match, Matcher, words
from assistant.facts.sections import CLOSED, Section, split
from assistant.records import Measurement, PatientFacts, RedFlag, Span
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table
from knowledge_base.rules import COMPARE

MASKS = "masks"         # longer phrases that take a concept's meaning away ("stroke unit")
NEAR_WORDS = 40         # how far apart the parts of one pattern may stand
NEAR_SENTENCES = 2      # and in how many sentences from each other: a long note or list holds every word somewhere
NUMBER_WORDS = 120      # the same for a number of the chart, which stands with its kind and not with the story
KEYS = frozenset({"id", "title", "when", "unless", "measured", "action", "source"})
IMPOSSIBLE = "impossible"     # how the flag of a measurement begins that cannot be (facts/measures.py)
OPTIONAL = frozenset({"unless", "measured"})
STATES = ("sex", "pregnant")
_NUMBER = re.compile(r"([a-z]\w*) (<=|>=|<|>|=) (-?\d+(?:\.\d+)?)$")
_STATE = re.compile(rf"({'|'.join(STATES)}) is (\w+)$")

# an inline list of allergies, to the end of its line; "allergic to nuts, ate one" is none
_ALLERGY_LIST = re.compile(r"\b(?:drug |known )?allerg(?:y|ies)(?: list| status)?\s*[:=][^\n.]*", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)|\n")
_PARAGRAPH_END = re.compile(r"(?<=\S)[ \t]*\n[ \t]*\n")
_NOT_GIVEN = re.compile(r"\s*(?:was |were )?not (?:yet )?(?:started|given|taken|prescribed)\b", re.IGNORECASE)
# "not responding to trimethoprim" is said of an illness, "not responding to voice" of a patient
_RESPONSE = re.compile(r"\brespon\w*$", re.IGNORECASE)
_TO_WHAT = re.compile(r"\s+to\s+(?:(?:the|his|her|any|oral|iv|topical|high|low|dose)[ -]+)*", re.IGNORECASE)
Group = tuple[str, ...]
Tense = Literal["now", "lasting", "asked"]


@dataclass(frozen=True, slots=True)
class Place:
    """What meets a term: words that mean a concept, or a number of the chart; its first word, their sentence, its characters."""

    word: int
    sentence: int
    span: Span
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One emergency of the table: alternatives of groups of terms; `unless` lists terms that speak against it when they hold.

    `measured` holds conditions of which one must be met where the text gives such a number: a value overrules words.
    """

    id: str
    title: str
    action: str
    source: str
    when: tuple[tuple[Group, ...], ...]
    unless: Group = ()
    measured: Group = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The rows and the matcher of their concepts."""

    rows: tuple[Row, ...]
    matcher: Matcher        # MASKS is a name among those of the concepts
    lasting: frozenset[str] = frozenset()       # concepts that hold for good once they were true: an organ removed, a lasting disease
    asked: frozenset[str] = frozenset()         # concepts that count in a question as well: who asks for a lethal dose may mean himself

    def tense(self, name: str) -> Tense:
        """When a concept must hold for the patient."""
        return "lasting" if name in self.lasting else "asked" if name in self.asked else "now"


class _Text:
    """One text as it is searched: its words, how they are meant, and where nothing is said of the patient now."""

    def __init__(self, text: str, facts: PatientFacts) -> None:
        self.facts = facts
        self.words = words(text)
        self._reader = Reader(text, self.words)
        self._starts = [word.start for word in self.words]
        parts = tuple(split(text))
        lists = [Span(m.start(), m.end()) for m in _ALLERGY_LIST.finditer(text)]
        self._others = [*lists, *(_listed(text, part) for part in parts if part.name in CLOSED)]
        self._past = [_listed(text, part) for part in parts if part.name == "past"]
        self._drugs = {drug.span.start for drug in facts.medications}
        self._stopped = [drug.span for drug in facts.medications if drug.presence == "absent"]

    def place(self, span: Span, *, number: bool = False) -> Place:
        """The place of a span of the text."""
        word = max(bisect_right(self._starts, span.start) - 1, 0)
        return Place(word, self.words[word].sentence, span, number)

    def span(self, match: Match) -> Span:
        """The characters of a match."""
        return Span(self.words[match[0]].start, self.words[match[1] - 1].end)

    def holds(self, match: Match, tense: Tense) -> bool:
        """Whether the words mean the patient now; what lasts ("thyroid removed years ago") may be past, some may only be asked."""
        span, said = self.span(match), self._reader.at(match)
        if _inside(span, self._others) or self._borrows(match) or self._answers_drug(span):
            return False
        if tense != "now":
            times = ("now", "history") if tense == "lasting" else ("now", "hypothetical", "planned")
            return said.presence != "absent" and said.experiencer == "patient" and said.when in times
        if _inside(span, self._past) or _inside(span, self._stopped):
            return False
        return said.current and not _NOT_GIVEN.match(self._reader.text, span.end)

    def _answers_drug(self, span: Span) -> bool:
        """Whether the words end in a response to a drug, which is one of the illness and not of the mind."""
        text = self._reader.text
        to_what = _TO_WHAT.match(text, span.end) if _RESPONSE.search(text[span.start : span.end]) else None
        return to_what is not None and to_what.end() in self._drugs

    def _borrows(self, match: Match) -> bool:
        """Whether a phrase that ends in a number took it from another value: "plt 212, INR 1.1" is no platelet count of 1.1."""
        inner = self.words[match[0] + 1 : match[1]]
        if not inner or not inner[-1].plain[0].isdigit():
            return False
        passed = [n for n, word in enumerate(inner[:-1]) if word.plain[0].isdigit()]
        return bool(passed) and any(re.search(r"[,;(@]", word.before) for word in inner[passed[0] + 1 :])


def _listed(text: str, part: Section) -> Span:
    """What surely belongs to a heading: its sentence, or the paragraph under it.

    A section ends at the next heading only, and "Allergies: penicillin. Took oxycodone, hard to wake." has no other.
    """
    line_end = text.find("\n", part.body, part.end)
    inline = text[part.body : line_end if line_end >= 0 else part.end].strip()
    end = (_SENTENCE_END if inline else _PARAGRAPH_END).search(text, part.body, part.end)
    return Span(part.body, end.start() if end else part.end)


def _inside(span: Span, zones: Sequence[Span]) -> bool:
    return any(zone.start <= span.start and span.end <= zone.end for zone in zones)


def find(text: str, facts: PatientFacts) -> tuple[RedFlag, ...]:
    """Emergencies that the text describes of its patient, in table order.

    Args:
        text: question, note or both; spans in the result are of this text.
        facts: what `facts.extract` read out of the same text: ages, sex, pregnancy and numbers.
    """
    table, read = load(), _Text(text, facts)
    matches = table.matcher.find(read.words)
    masks = matches.get(MASKS, ())
    places = {name: _places(read, found, masks, table.tense(name)) for name, found in matches.items()}
    found = [(row, spans) for row in table.rows if (spans := _fires(row, places, read)) is not None]
    return tuple(RedFlag(row.id, row.title, row.action, row.source, spans) for row, spans in found)


def _places(read: _Text, matches: Sequence[Match], masks: Sequence[Match], tense: Tense) -> list[Place]:
    """Where a concept is affirmed of the patient now, outside the masks."""
    kept = [match for match in matches if not any(start <= match[0] and match[1] <= end for start, end in masks)]
    return [read.place(read.span(match)) for match in kept if read.holds(match, tense)]


def _fires(row: Row, places: Mapping[str, Sequence[Place]], read: _Text) -> tuple[Span, ...] | None:
    """The spans that made a row fire, or None."""
    if any(_evidence(term, places, read) is not None for term in row.unless) or _overruled(row.measured, read):
        return None
    for groups in row.when:
        chosen = [_group(group, places, read) for group in groups]
        if all(evidence is not None for evidence in chosen) and (spans := _together([e for e in chosen if e])) is not None:
            return spans
    return None


def _group(group: Group, places: Mapping[str, Sequence[Place]], read: _Text) -> list[Place] | None:
    """What in the text meets a group; empty when a fact without a place meets it, None when nothing does."""
    met = [evidence for term in group if (evidence := _evidence(term, places, read)) is not None]
    return [place for evidence in met for place in evidence] if met else None


def _evidence(term: str, places: Mapping[str, Sequence[Place]], read: _Text) -> list[Place] | None:
    if number := _NUMBER.match(term):
        return _number(number[1], number[2], float(number[3]), read)
    if state := _STATE.match(term):
        return _state(state[1], state[2], read.facts)
    return list(places[term]) if places.get(term) else None


def _number(name: str, op: str, limit: float, read: _Text) -> list[Place] | None:
    if name == "age_years":
        age = read.facts.age_years
        return [] if age is not None and COMPARE[op](age, limit) else None
    met = [m for m in _measured(name, read) if COMPARE[op](m.value, limit)]
    return [read.place(m.span, number=True) for m in met] or None


def _measured(name: str, read: _Text) -> list[Measurement]:
    """What the text measures of its patient now; "breast Ca 2008" is no calcium, for nobody lives with 2008."""
    mine = [m for m in read.facts.measurements if m.name == name and m.when == "now" and m.experiencer == "patient"]
    return [m for m in mine if not m.flag.startswith(IMPOSSIBLE)]


def _overruled(measured: Group, read: _Text) -> bool:
    """Whether the text gives a number of these and none meets its condition."""
    terms = [number for term in measured if (number := _NUMBER.match(term))]
    known = any(_measured(number[1], read) for number in terms)
    return known and all(_evidence(term, {}, read) is None for term in measured)


def _state(name: str, wanted: str, facts: PatientFacts) -> list[Place] | None:
    value = facts.sex if name == "sex" else {True: "yes", False: "no", None: None}[facts.pregnant]
    return [] if value == wanted else None


def _together(evidence: Sequence[Sequence[Place]]) -> tuple[Span, ...] | None:
    """One place of every group, near to each other; None when they stand too far apart."""
    if not evidence:
        return ()
    for anchor in evidence[0]:
        nearest = [min(group, key=lambda place: abs(place.word - anchor.word)) for group in evidence]
        if all(_near(place, anchor) for place in nearest):
            return tuple(sorted({place.span for place in nearest}, key=lambda span: (span.start, span.end)))
    return None


def _near(one: Place, other: Place) -> bool:
    words_between = abs(one.word - other.word)
    if one.number or other.number:
        return words_between <= NUMBER_WORDS
    return words_between <= NEAR_WORDS and abs(one.sentence - other.sentence) <= NEAR_SENTENCES


@cache
def load(name: str = "redflags") -> Table:
    """Rows of `knowledge_base/<name>.toml`.

    Raises:
        KnowledgeBaseError: an unknown key or concept, an id that stands twice, or a phrase that cannot be read.
    """
    raw = read_table(name)
    concepts = _concepts(raw, name)
    rows = tuple(_row(row, concepts, name) for row in raw["flag"])
    if twice := sorted({row.id for row in rows if sum(other.id == row.id for other in rows) > 1}):
        raise KnowledgeBaseError(f"{name}.toml: ids that stand twice: {', '.join(twice)}")
    try:
        matcher = Matcher({**concepts, MASKS: raw.get("masks", {}).get("phrases", ())}, raw["words"])
    except ValueError as error:
        raise KnowledgeBaseError(f"{name}.toml: {error}") from error
    lasting, asked = (_named(raw, list_, concepts, name) for list_ in ("lasting", "asked"))
    return Table(rows, matcher, lasting, asked)


def _concepts(raw: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """The phrases of every concept in all languages."""
    chinese: Mapping[str, Sequence[str]] = raw.get("zh", {})
    if unknown := set(chinese) - set(raw["concepts"]):
        raise KnowledgeBaseError(f"{name}.toml: [zh] has concepts that [concepts] lacks: {', '.join(sorted(unknown))}")
    return {concept: (*phrases, *chinese.get(concept, ())) for concept, phrases in raw["concepts"].items()}


def _named(raw: Mapping[str, Any], list_: str, concepts: Mapping[str, Sequence[str]], name: str) -> frozenset[str]:
    """The concepts that a list of the table names."""
    found = frozenset(raw.get(list_, {}).get("concepts", ()))
    if unknown := found - set(concepts):
        raise KnowledgeBaseError(f"{name}.toml: [{list_}] has concepts that [concepts] lacks: {', '.join(sorted(unknown))}")
    return found


def _row(row: Mapping[str, Any], concepts: Mapping[str, Sequence[str]], name: str) -> Row:
    if extra := set(row) - KEYS:
        raise KnowledgeBaseError(f"{name}.toml: '{row.get('id')}' has unknown keys {sorted(extra)}; allowed: {sorted(KEYS)}")
    if lacking := KEYS - OPTIONAL - set(row):
        raise KnowledgeBaseError(f"{name}.toml: '{row.get('id')}' lacks {sorted(lacking)}")
    when = tuple(tuple(tuple(term.strip() for term in group.split("|")) for group in groups) for groups in row["when"])
    unless = tuple(row.get("unless", ()))
    measured = tuple(term.strip() for group in row.get("measured", ()) for term in group.split("|"))
    for term in (*unless, *measured, *(term for groups in when for group in groups for term in group)):
        if term not in concepts and not _known_number(term) and not _STATE.match(term):
            allowed = "a concept, 'measurement < number' or 'sex is female'"
            raise KnowledgeBaseError(f"{name}.toml: '{row['id']}': '{term}' is none of: {allowed}")
    return Row(row["id"], row["title"], row["action"], row["source"], when, unless, measured)


def _known_number(term: str) -> bool:
    """Whether a term compares a number that facts can read; a name in another unit would never be met and never be missed."""
    number = _NUMBER.match(term)
    return number is not None and (number[1] == "age_years" or number[1] in read_table("measurements"))
