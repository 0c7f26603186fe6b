"""Comparisons in words ("when eGFR is below 30") as terms that can be computed, and the rules that a statement holds in words only.

A rule is read only where nothing is open: one effect, one drug, one comparison. What is less plain stays to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from assistant.gate import quantities
from assistant.gate.checks import RESTRICTING
from assistant.gate.claims import read as read_claim
from assistant.gate.quantities import Quantity
from knowledge_base.documents import Passage
from knowledge_base.lexicon import read_table
from knowledge_base.rules import Effect, Rule, Term
from knowledge_base.tables import convert, measurements

OPERATORS: Mapping[str, str] = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">="}
WARNINGS: tuple[Effect, ...] = ("contraindicated", "reduce-dose", "caution")
GAP = 40            # characters that may stand between the name of a measurement and its limit
MIN_NAME = 3        # shorter names ("k", "na", "hr") are words of other meanings in prose
_BETWEEN = re.compile(
    r"\s*\)?(?:\s*\([^()]*\))?(?:\s+(?:\w+ly|is|are|was|of|at|falls?|remains?|stays?|a|an|the|level|value|result|score|count|drops?|rises?|to|goes|"
    r"has|fallen|less|more|than|below|above|under|over|at|least|most|lower|higher|greater|not|no|up|from|within|or))*\s*(?:[<>]=?)?\s*"
)
_AGED = re.compile(r"\b(?:aged?|older|younger|adults?|children|people|patients?|women|men)\b")


@cache
def _effects() -> Mapping[str, re.Pattern[str]]:
    rows: Mapping[str, list[str]] = read_table("stance")["effects"]
    return {name: re.compile("|".join(word if word[0] == "^" else rf"\b(?:{word})\b" for word in words)) for name, words in rows.items()}


def terms(text: str) -> tuple[Term, ...]:
    """The comparisons of a text between a measurement of the chart and a number, in the table's unit, in order."""
    return tuple(term for term, _, _ in _located(quantities.normalised(text)))


def _located(text: str) -> Iterator[tuple[Term, int, int]]:
    found, _ = quantities.read(text)
    for quantity in found:
        if quantity.comparator not in OPERATORS:
            continue
        name, start = _measure(text, quantity)
        value = _in_unit(name, quantity) if name else None
        if value is not None:
            yield Term(name, OPERATORS[quantity.comparator], value), start, quantity.end


def _measure(text: str, quantity: Quantity) -> tuple[str, int]:
    """The measurement named last before a quantity with nothing but linking words between; else an age in years."""
    begin = max(0, quantity.start - GAP - 30)
    for match in reversed(list(_names().finditer(text, begin, quantity.start))):
        if _BETWEEN.fullmatch(text[match.end() : quantity.start]):
            return _by_name()[match[0]], match.start()
    if quantity.unit == "month" and "year" in quantity.text and _AGED.search(text, max(0, quantity.start - 40), quantity.end + 20):
        return "age_years", quantity.start
    return "", 0


def _in_unit(name: str, quantity: Quantity) -> float | None:
    row = measurements()[name]
    spelled = quantity.text[re.match(r"[\d.,]*", quantity.text).end() :].strip(" -")  # type: ignore[union-attr]  # the pattern matches ""
    if not spelled or spelled == "ml/min":  # the body surface of an eGFR was left out
        return quantity.printed if row.low <= quantity.printed <= row.high else None
    converted = convert(name, quantity.printed, spelled)
    return converted[0] if converted else None


@lru_cache(maxsize=8192)
def worded_rules(text: str) -> tuple[Rule, ...]:
    """The rule that a statement states in words, where it is plain; no rule is better than a wrong one.

    >>> [str(rule.terms[0]) for rule in worded_rules("Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2.")]
    ['egfr_ml_min_1_73m2 < 30']
    """
    rules = (_rule(part.strip()) for part in re.split(r"(?<=[.])\s+(?!\d)", text))
    return tuple(rule for rule in rules if rule)


def _rule(text: str) -> Rule | None:
    plain = quantities.normalised(text)
    effects: list[Effect] = [effect for effect in WARNINGS if _effects()[effect].search(plain)]
    located = list(_located(plain))
    claim = read_claim(text)
    subjects = claim.drugs | claim.classes
    compared = [quantity for quantity in claim.quantities if quantity.comparator]
    said = [clause for clause in claim.clauses if not clause.side and any(_effects()[effect].search(clause.text) for effect in WARNINGS)]
    plainly = len(effects) == len(located) == len(subjects) == len(compared) == len(said) == 1 and len(claim.conditions) <= 1
    if not plainly or ";" in plain or _effects()["open"].search(plain) or claim.population & RESTRICTING:
        return None
    if located[0][0].name == "age_years" or not any(_names_subject(name, said[0].text) for name in subjects):
        return None  # an age tells whom a statement is about more often than whom it warns
    return Rule((located[0][0],), effects[0], next(iter(subjects)))


def _names_subject(name: str, text: str) -> bool:
    claim = read_claim(text)
    return name in claim.drugs | claim.classes


def rules_of(passage: Passage) -> tuple[Rule, ...]:
    """The machine rules of a statement; those of its words where it has none."""
    return passage.rules or worded_rules(passage.text)


@cache
def _by_name() -> Mapping[str, str]:
    return {
        spelling.lower(): row.name
        for row in measurements().values()
        for spelling in (*row.names, row.label)
        if len(spelling) >= MIN_NAME
    }


@cache
def _names() -> re.Pattern[str]:
    names = sorted(_by_name(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
