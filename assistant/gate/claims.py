"""What a sentence claims, in parts that can be compared: numbers with unit and comparator, drugs, polarity, direction, ...

The lexicon is data (`knowledge_base/claims.toml`, `medications.toml`, `conditions/`). Nothing here judges; `gate` compares two claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.gate import quantities
from assistant.gate.clauses import Clause, clauses, content_words, stems_in_order
from assistant.gate.quantities import Quantity, Range
from knowledge_base.conditions import conditions
from knowledge_base.lexicon import claim_lexicon, drug_class_names, drug_names, read_table

__all__ = ["Claim", "Clause", "Mention", "Quantity", "content_words", "read"]
NEAR = 3            # content words on each side that tell what a word of direction speaks of
SHORT = 4           # an abbreviation up to this length counts only in capitals: "all" is no leukaemia
DOSES = ("mg", "units", "mmol", "mg/kg", "units/kg", "mL", "tablet", "puff")
_TOKEN = re.compile(r"[A-Za-zÀ-ÿ0-9]+(?:['-][A-Za-zÀ-ÿ0-9]+)*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A word of one side of a pair of opposites, and the content words near it: the nearest weighs 1, the next 1/2, then 1/3."""

    pair: str
    side: int
    word: str
    near: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Claim:
    """The comparable parts of a sentence.

    `doses`, `drug_routes` and `drug_frequencies` tie a dose, route or frequency to the drug that stands before it.
    """

    quantities: tuple[Quantity, ...]
    ranges: frozenset[Range]
    drugs: frozenset[str]
    classes: frozenset[str]
    conditions: frozenset[str]
    clauses: tuple[Clause, ...]
    opposites: tuple[Mention, ...]
    population: frozenset[str]
    routes: frozenset[str]
    frequencies: frozenset[str]
    doses: frozenset[tuple[str, str, float]]
    drug_routes: frozenset[tuple[str, str]]
    drug_frequencies: frozenset[tuple[str, str]]
    durations: frozenset[str]
    words: frozenset[str]  # stems of content words
    topic: frozenset[str] = frozenset()  # stems of the titles: they tell no clause from another

    @property
    def against(self) -> int:
        """How many clauses negate."""
        return sum(clause.against for clause in self.clauses)


def read(text: str) -> Claim:
    """Read the claim of one sentence or statement; deterministic, no model."""
    plain = quantities.normalised(canonical(text))
    frequencies, rest = _frequencies(plain)
    found, ranges = quantities.read(rest)
    drugs = list(_drugs(plain))
    routes = [(label, match.start()) for label, pattern in _pattern("route").items() for match in pattern.finditer(plain)]
    return Claim(
        found, ranges,
        frozenset(name for name, _ in drugs), frozenset(_named(plain, _classes())), frozenset(_named(canonical(text), _conditions())),
        clauses(plain), tuple(_opposites(plain)),
        frozenset(label for label, pattern in _pattern("population").items() if pattern.search(plain)),
        frozenset(label for label, _ in routes), frozenset(label for label, _ in frequencies),
        frozenset((drug, q.unit, q.value) for q in found if q.unit in DOSES and (drug := _owner(plain, drugs, q.start))),
        frozenset((drug, label) for label, start in routes if (drug := _owner(plain, drugs, start))),
        frozenset((drug, label) for label, start in frequencies if (drug := _owner(plain, drugs, start))),
        frozenset(_durations().findall(plain)), content_words(plain),
    )  # fmt: skip


def canonical(text: str) -> str:
    """The text with each known short form, lay word or other spelling in the form that the digests use (abbreviations.toml)."""
    out, at = [], 0
    for start, end, first in known(text, _equals()):
        out += [text[at:start], first]
        at = end
    return "".join([*out, text[at:]])


def _frequencies(text: str) -> tuple[list[tuple[str, int]], str]:
    """Frequencies with their place, and the text without them, so that "every 12 hours" is a frequency and no quantity."""
    pattern, labels = _frequency()
    found: list[tuple[str, int]] = []

    def blank(match: re.Match[str]) -> str:
        limit = _limit().search(text[max(0, match.start() - 14) : match.start()])
        found.append((f"{limit[1]} {labels[match.lastindex or 0]}" if limit else labels[match.lastindex or 0], match.start()))
        return " " * len(match[0])

    return found, pattern.sub(blank, text)


def _drugs(text: str) -> Iterator[tuple[str, int]]:
    for start, _, name in known(text, _drug_table()):
        yield name, start


def _owner(text: str, drugs: Sequence[tuple[str, int]], place: int) -> str:
    """The drug that a dose or route belongs to: the last one named before it in its sentence part, else the first after it."""
    begin = max(text.rfind(";", 0, place), text.rfind(". ", 0, place), text.rfind(":", 0, place)) + 1
    before = [name for name, start in drugs if begin <= start < place]
    if before:
        return before[-1]
    return next((name for name, start in drugs if place <= start < place + 40 and ";" not in text[place:start]), "")


def _opposites(text: str) -> Iterator[Mention]:
    text = _compared().sub(lambda match: " " * len(match[0]), text)
    order = stems_in_order(text)
    for pair, sides in (*_sides().items(), ("route", tuple(_pattern("route").values()))):
        for side, pattern in enumerate(sides):
            for match in pattern.finditer(text):
                before = [stem for stem, at in order if at < match.start()][: -NEAR - 1 : -1]
                after = [stem for stem, at in order if at >= match.end()][:NEAR]
                yield Mention(pair, side, match[0], {stem: 1 / n for near in (before, after) for n, stem in enumerate(near, 1)})


def _named(text: str, table: Table) -> set[str]:
    return {name for _, _, name in known(text, table)}


# First word -> the terms that begin with it, longest first, each as (words, name).
Table = Mapping[str, list[tuple[tuple[str, ...], str]]]


def known(text: str, table: Table) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of the terms of a table in a text, the longest at each place; they do not overlap."""
    tokens = [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]
    i = 0
    while i < len(tokens):
        for words, name in (*table.get(tokens[i][0].lower(), ()), *table.get(_parts(tokens[i][0]), ())):
            span = tokens[i : i + len(words)]
            if len(span) == len(words) and all(_same(token[0], word, len(words)) for token, word in zip(span, words, strict=True)):
                yield span[0][1], span[-1][2], name
                i += len(words) - 1
                break
        i += 1


def _parts(token: str) -> str:
    return token.split("-")[0].lower() if "-" in token else ""


def _same(token: str, word: str, words: int) -> bool:
    if word.isupper() and len(word) <= SHORT:
        return token == word
    lower = token.lower()
    return lower == word.lower() or (words == 1 and "-" in lower and lower.split("-")[0] == word.lower())  # "heparin-containing"


def table(rows: Mapping[str, str]) -> Table:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for term, name in rows.items():
        words = tuple(_TOKEN.findall(term))
        if words:
            table.setdefault(words[0].lower(), []).append((words, name))
    return {first: sorted(terms, key=lambda row: -len(row[0])) for first, terms in table.items()}


@cache
def _equals() -> Table:
    return table({term: row[0] for row in read_table("abbreviations")["sets"] for term in row})


@cache
def _drug_table() -> Table:
    return table(drug_names())


@cache
def _classes() -> Table:
    return table(drug_class_names())


@cache
def _conditions() -> Table:
    whom = list(_pattern("population").values())
    terms = {_plain(term): row.id for row in conditions() for term in (row.name, *row.synonyms)}
    return table({term: name for term, name in terms.items() if not any(pattern.fullmatch(term.lower()) for pattern in whom)})


@cache
def condition_words() -> Mapping[str, list[frozenset[str]]]:
    """Condition id -> the stems of each of its names."""
    return {row.id: [content_words(_plain(term)) for term in (row.name, *row.synonyms)] for row in conditions()}


def _plain(term: str) -> str:
    return term if term.isupper() and len(term) <= SHORT else re.sub(r"\s*\(.*?\)", "", term)


@cache
def _compared() -> re.Pattern[str]:
    than = r"(?:no |not )?(?:more|less|fewer|longer|later|earlier|higher|lower) than"
    return re.compile(rf"\b(?:{than}|(?:or|and) (?:more|less|fewer|higher|lower|longer))\b")


@cache
def _sides() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    return {
        name: tuple(re.compile(rf"\b(?:{'|'.join(words)})(?!\w)") for words in row["sides"])
        for name, row in claim_lexicon()["opposites"].items()
    }


@cache
def _pattern(kind: str) -> Mapping[str, re.Pattern[str]]:
    rows: Mapping[str, list[str]] = claim_lexicon()[kind]
    return {label: re.compile(rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})(?!\w)") for label, words in rows.items()}


@cache
def _frequency() -> tuple[re.Pattern[str], list[str]]:
    """All frequency patterns in one, the longest first; group i stands for the i-th label of the list."""
    rows = sorted(((word, label) for label, words in claim_lexicon()["frequency"].items() for word in words), key=lambda row: -len(row[0]))
    pattern = "|".join(f"({word})" for word, _ in rows)
    return re.compile(rf"(?:(?<!\w)(?=\w)|(?=/))(?:{pattern})(?!\w)"), ["", *(label for _, label in rows)]


@cache
def _limit() -> re.Pattern[str]:
    return re.compile(r"\b(at least|at most|up to|no more than)\s*$")


@cache
def _durations() -> re.Pattern[str]:
    units = "minutes|hours|days|weeks|months|years"
    ahead = rf"(?:over|for|within|several|few|last|some|of|(?:{units}) to)"
    return re.compile(rf"(?<=\b)(?:{ahead}\s+(?:a few |several )?)({units})\b")
