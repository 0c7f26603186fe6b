"""Comparisons in words ("when eGFR is below 30") as terms that can be computed, and the rules that a statement holds in words only.

A rule is read only where nothing is open: one effect, one drug, one comparison. What is less plain stays to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from assistant import quantities
from assistant.claims import read as read_claim
from assistant.quantities import Quantity
from knowledge_base.documents import Passage
from knowledge_base.rules import Effect, Rule, Term
from knowledge_base.tables import convert, measurements

OPERATORS: Mapping[str, str] = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">="}
GAP = 40            # characters that may stand between the name of a measurement and its limit
MIN_NAME = 3        # shorter names ("k", "na", "hr") are words of other meanings in prose
_BETWEEN = re.compile(
    r"\s*\)?(?:\s*\([^()]*\))?(?:\s+(?:\w+ly|is|are|was|of|at|falls?|remains?|stays?|a|an|the|level|value|result|score|count|drops?|rises?|to|goes|"
    r"has|fallen|less|more|than|below|above|under|over|at|least|most|lower|higher|greater|not|no|up|from|within|or))*\s*(?:[<>]=?)?\s*"
)
_AGE = re.compile(r"\b(?:aged|ages?|older|younger|under|over|below|above|less|more|at|least|than|or|\s|years?)+$|^\s*(?:or (?:older|younger|over|above|below|under))|^\s*(?:of age|old)")
_EFFECTS: tuple[tuple[Effect, re.Pattern[str]], ...] = (
    ("contraindicated", re.compile(
        r"\b(?:is|are) (?:absolutely |strictly )?contraindicated|\bmust (?:not|never) be (?:used|given|taken|started)|\bshould (?:not|never) be (?:used|given|taken|started)"
        r"|\b(?:do not|don't|never) (?:use|give|start|prescribe|offer|take)\b|^\W*(?:in [^,]{1,60}, )?(?:avoid|stop|withhold)\b|\b(?:should|must) be (?:avoided|stopped|withheld)"
        r"|\b(?:is|are) (?:avoided|not recommended)\b")),
    ("reduce-dose", re.compile(r"\b(?:reduce|halve|lower) (?:the )?(?:dose of |dosage of )?|\bdose (?:is|should be|must be) (?:reduced|halved|lowered)|\b(?:is|are) reduced to\b")),
    ("caution", re.compile(r"\b(?:use|used|given) with (?:great )?caution\b|\bcaution is needed\b")),
)  # fmt: skip
_OPEN = re.compile(r"\b(?:unless|except|until|or when|or if|then|otherwise|instead|rather|but|because|either|;)\b|;")


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
    if quantity.unit == "month" and "year" in quantity.text and _AGE.search(f"{text[max(0, quantity.start - 24) : quantity.start]}"):
        around = text[max(0, quantity.start - 40) : quantity.end + 20]
        if re.search(r"\b(?:aged?|older|younger|adults?|children|people|patients?|women|men)\b", around):
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
    effects = [effect for effect, pattern in _EFFECTS if pattern.search(plain)]
    located = list(_located(plain))
    claim = read_claim(text)
    subjects = claim.drugs | claim.classes
    compared = [quantity for quantity in claim.quantities if quantity.comparator]
    if len(effects) != 1 or len(located) != 1 or len(subjects) != 1 or len(compared) != 1 or _OPEN.search(plain) or len(claim.conditions) > 1:
        return None
    return Rule((located[0][0],), effects[0], next(iter(subjects)))


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
