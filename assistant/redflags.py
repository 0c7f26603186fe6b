"""Emergencies by rule, before any model: `knowledge_base/redflags.toml`, one row an emergency.

A row fires when one of its `when` alternatives holds: every group of the alternative has a concept that the text affirms of its
patient now (context.py), or a number or state of the chart that meets its condition. An unknown number or state never meets one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.facts.context import Context, Reader
from assistant.facts.phrases import Match, Matcher, words
from assistant.records import PatientFacts, RedFlag, Span
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table
from knowledge_base.rules import COMPARE

MASKS = "masks"         # longer phrases that take a concept's meaning away ("stroke unit")
NEAR_WORDS = 150        # how far apart the parts of one pattern may stand
KEYS = frozenset({"id", "title", "when", "unless", "action", "source"})
STATES = ("sex", "pregnant")
_NUMBER = re.compile(r"([a-z]\w*) (<=|>=|<|>|=) (-?\d+(?:\.\d+)?)$")
_STATE = re.compile(rf"({'|'.join(STATES)}) is (\w+)$")

Place = tuple[Match, Span]
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One emergency of the table: alternatives of groups of terms; `unless` lists terms that speak against it when they hold."""

    id: str
    title: str
    action: str
    source: str
    when: tuple[tuple[Group, ...], ...]
    unless: Group = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The rows and the matcher of their concepts."""

    rows: tuple[Row, ...]
    matcher: Matcher        # MASKS is a name among those of the concepts
    lasting: frozenset[str] = frozenset()       # concepts that hold for good once they were true: an organ removed, a lasting disease


def find(text: str, facts: PatientFacts) -> tuple[RedFlag, ...]:
    """Emergencies that the text describes of its patient, in table order.

    Args:
        text: question, note or both; spans in the result are of this text.
        facts: what `facts.extract` read out of the same text: ages, sex, pregnancy and numbers.
    """
    table = load()
    reader = Reader(text, words(text))
    matches = table.matcher.find(reader.words)
    masks = matches.get(MASKS, ())
    places = {name: _places(reader, found, masks, name in table.lasting) for name, found in matches.items()}
    found = [(row, spans) for row in table.rows if (spans := _fires(row, places, facts)) is not None]
    return tuple(RedFlag(row.id, row.title, row.action, row.source, spans) for row, spans in found)


def _places(reader: Reader, matches: Sequence[Match], masks: Sequence[Match], lasting: bool) -> list[Place]:
    """Where a concept is affirmed of the patient now, outside the masks; what lasts ("thyroid removed years ago") may be past."""
    kept = [match for match in matches if not any(start <= match[0] and match[1] <= end for start, end in masks)]
    meant = [match for match in kept if _holds(reader.at(match), lasting)]
    return [(match, Span(reader.words[match[0]].start, reader.words[match[1] - 1].end)) for match in meant]


def _holds(context: Context, lasting: bool) -> bool:
    return context.current or (lasting and context.when == "history" and context.presence != "absent" and context.experiencer == "patient")


def _fires(row: Row, places: Mapping[str, Sequence[Place]], facts: PatientFacts) -> tuple[Span, ...] | None:
    """The spans that made a row fire, or None."""
    if any(_evidence(term, places, facts) is not None for term in row.unless):
        return None
    for groups in row.when:
        chosen = [_group(group, places, facts) for group in groups]
        if all(evidence is not None for evidence in chosen) and (spans := _together([e for e in chosen if e])) is not None:
            return spans
    return None


def _group(group: Group, places: Mapping[str, Sequence[Place]], facts: PatientFacts) -> list[Place] | None:
    """What in the text meets a group; empty when a fact without a place meets it, None when nothing does."""
    met = [evidence for term in group if (evidence := _evidence(term, places, facts)) is not None]
    return [place for evidence in met for place in evidence] if met else None


def _evidence(term: str, places: Mapping[str, Sequence[Place]], facts: PatientFacts) -> list[Place] | None:
    if number := _NUMBER.match(term):
        return _number(number[1], number[2], float(number[3]), facts)
    if state := _STATE.match(term):
        return _state(state[1], state[2], facts)
    return list(places[term]) if places.get(term) else None


def _number(name: str, op: str, limit: float, facts: PatientFacts) -> list[Place] | None:
    if name == "age_years":
        return [] if facts.age_years is not None and COMPARE[op](facts.age_years, limit) else None
    mine = [m for m in facts.measurements if m.name == name and m.when == "now" and m.experiencer == "patient"]
    met = [m for m in mine if COMPARE[op](m.value, limit) and not m.flag.startswith("impossible")]
    return [((-1, -1), m.span) for m in met] or None


def _state(name: str, wanted: str, facts: PatientFacts) -> list[Place] | None:
    value = facts.sex if name == "sex" else {True: "yes", False: "no", None: None}[facts.pregnant]
    return [] if value == wanted else None


def _together(evidence: Sequence[Sequence[Place]]) -> tuple[Span, ...] | None:
    """One place of every group, near to each other; None when they stand too far apart."""
    if not evidence:
        return ()
    for anchor in evidence[0]:
        nearest = [min(group, key=lambda place: _distance(place, anchor)) for group in evidence]
        if all(_distance(place, anchor) <= NEAR_WORDS for place in nearest):
            return tuple(sorted({place[1] for place in nearest}, key=lambda span: (span.start, span.end)))
    return None


def _distance(one: Place, other: Place) -> int:
    """Words between two places; a number of the chart is near to everything."""
    return 0 if -1 in (one[0][0], other[0][0]) else abs(one[0][0] - other[0][0])


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
    lasting = frozenset(raw.get("lasting", {}).get("concepts", ()))
    if unknown := lasting - set(concepts):
        raise KnowledgeBaseError(f"{name}.toml: [lasting] has concepts that [concepts] lacks: {', '.join(sorted(unknown))}")
    return Table(rows, matcher, lasting)


def _concepts(raw: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    """The phrases of every concept in all languages."""
    chinese: Mapping[str, Sequence[str]] = raw.get("zh", {})
    if unknown := set(chinese) - set(raw["concepts"]):
        raise KnowledgeBaseError(f"{name}.toml: [zh] has concepts that [concepts] lacks: {', '.join(sorted(unknown))}")
    return {concept: (*phrases, *chinese.get(concept, ())) for concept, phrases in raw["concepts"].items()}


def _row(row: Mapping[str, Any], concepts: Mapping[str, Sequence[str]], name: str) -> Row:
    if extra := set(row) - KEYS:
        raise KnowledgeBaseError(f"{name}.toml: '{row.get('id')}' has unknown keys {sorted(extra)}; allowed: {sorted(KEYS)}")
    if lacking := KEYS - {"unless"} - set(row):
        raise KnowledgeBaseError(f"{name}.toml: '{row.get('id')}' lacks {sorted(lacking)}")
    when = tuple(tuple(tuple(term.strip() for term in group.split("|")) for group in groups) for groups in row["when"])
    unless = tuple(row.get("unless", ()))
    for term in (*unless, *(term for groups in when for group in groups for term in group)):
        if term not in concepts and not _known_number(term) and not _STATE.match(term):
            allowed = "a concept, 'measurement < number' or 'sex is female'"
            raise KnowledgeBaseError(f"{name}.toml: '{row['id']}': '{term}' is none of: {allowed}")
    return Row(row["id"], row["title"], row["action"], row["source"], when, unless)


def _known_number(term: str) -> bool:
    """Whether a term compares a number that facts can read; a name in another unit would never be met and never be missed."""
    number = _NUMBER.match(term)
    return number is not None and (number[1] == "age_years" or number[1] in read_table("measurements"))
