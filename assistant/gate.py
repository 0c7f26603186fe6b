"""A sentence is kept only if its source supports it.

`check` compares the claim of a sentence with the claims of the statements it cites. A hard check that fails drops the sentence
whatever the similarity says: a wrong number is wrong in the best wording.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant import claims
from assistant.claims import Claim, Quantity

RESTRICTING = frozenset({"pregnant", "breastfeeding", "neonate", "infant", "child"})
SAME_NUMBER = 1e-6
MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a sentence: `check` and `reason` name what failed, on which words; both empty when it passed."""

    support: float
    check: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether the sentence may be shown."""
        return not self.check


read_claim = lru_cache(maxsize=4096)(claims.read)


def check(
    sentence: str, statements: Sequence[str], *, context: str = "", min_support: float = 0.5, similarity: float | None = None
) -> Verdict:
    """Judge a sentence by the statements that it cites.

    Args:
        sentence: one sentence, its citation marks removed.
        statements: the cited statements, each with its condition's title in front.
        context: the question and the chart facts: words that a sentence may repeat without support.
        min_support: below it the sentence is unsupported.
        similarity: cosine of sentence and statements where an encoder is at hand.
    """
    said = read_claim(sentence)
    if not statements:
        return Verdict(0.0, "citation", "no statement is cited")
    source = read_claim(" ".join(statements))
    for name, test in CHECKS.items():
        if reason := test(said, source, read_claim(context)):
            return Verdict(0.0, name, reason)
    support = supported(said, source, read_claim(context), similarity)
    if support < min_support:
        return Verdict(support, "support", f"support {support:.2f} is below {min_support:.2f}: {_unsupported(said, source, context)}")
    return Verdict(support)


def supported(said: Claim, source: Claim, context: Claim, similarity: float | None = None) -> float:
    """Share of the sentence's content words that its statements hold, blended with the cosine where one is given; in [0, 1]."""
    words = said.words - context.words
    own = len(said.words & source.words)
    if len(said.words) < MIN_WORDS or not own:
        return 0.0
    covered = len(words & source.words) / len(words) if words else 1.0
    if similarity is None:
        return covered
    return 1 / (1 + math.exp(-(6.0 * covered + 5.0 * similarity - 6.5)))


def _unsupported(said: Claim, source: Claim, context: str) -> str:
    extra = sorted(said.words - source.words - read_claim(context).words)
    return f"words without a source: {', '.join(extra[:6])}" if extra else "too little of the statement is said"


def _numbers(said: Claim, source: Claim, context: Claim) -> str:
    for quantity in said.quantities:
        same = [other for other in source.quantities if _equal(quantity, other)]
        if not same and not any(_equal(quantity, other) for other in context.quantities):
            return f"'{quantity.text.strip()}' does not stand in the cited statement"
    return ""


def _units(said: Claim, source: Claim, context: Claim) -> str:
    for quantity in said.quantities:
        same = [other for other in (*source.quantities, *context.quantities) if _equal(quantity, other)]
        if same and quantity.unit and not any(quantity.unit == other.unit for other in same):
            return f"'{quantity.text.strip()}': the statement has {', '.join(sorted({o.unit or 'no unit' for o in same}))}"
    return ""


def _comparators(said: Claim, source: Claim, context: Claim) -> str:
    for quantity in said.quantities:
        same = [other for other in source.quantities if _equal(quantity, other)]
        if same and not any(quantity.comparator == other.comparator for other in same):
            return f"'{quantity.comparator or 'exactly'} {quantity.text.strip()}': the statement says '{same[0].comparator or 'exactly'}'"
    return ""


def _equal(one: Quantity, other: Quantity) -> bool:
    return math.isclose(one.value, other.value, rel_tol=SAME_NUMBER)


def _drugs(said: Claim, source: Claim, context: Claim) -> str:
    extra = said.drugs - source.drugs
    return f"the cited statement does not name {', '.join(sorted(extra))}" if extra else ""


def _labels(name: str, read: Callable[[Claim], frozenset[str]]) -> Callable[[Claim, Claim, Claim], str]:
    def test(said: Claim, source: Claim, context: Claim) -> str:
        extra = read(said) - read(source)
        return f"{name} '{', '.join(sorted(extra))}' does not stand in the cited statement" if extra else ""

    return test


def _negation(said: Claim, source: Claim, context: Claim) -> str:
    if bool(said.against) != bool(source.against) and len(said.words) * 2 > len(source.words):
        return "the sentence negates what the statement affirms" if said.against else "the sentence lacks the statement's negation"
    if said.against and not source.against:
        return "the sentence negates what the statement affirms"
    return ""


def _direction(said: Claim, source: Claim, context: Claim) -> str:
    if said.up - source.up and source.down and not source.up:
        return f"'{', '.join(sorted(said.up))}' against the statement's '{', '.join(sorted(source.down))}'"
    if said.down - source.down and source.up and not source.down:
        return f"'{', '.join(sorted(said.down))}' against the statement's '{', '.join(sorted(source.up))}'"
    return ""


def _modality(said: Claim, source: Claim, context: Claim) -> str:
    if "must" in said.modality and source.modality == {"may"}:
        return "the sentence says must where the statement says may"
    if said.modality == {"may"} and "may" not in source.modality and "must" in source.modality:
        return "the sentence says may where the statement says must"
    return ""


def _population(said: Claim, source: Claim, context: Claim) -> str:
    if extra := (said.population - source.population - context.population):
        return f"population '{', '.join(sorted(extra))}' is not the statement's"
    if lost := ((source.population & RESTRICTING) - said.population - context.population):
        return f"the statement holds for '{', '.join(sorted(lost))}' only"
    return ""


CHECKS: dict[str, Callable[[Claim, Claim, Claim], str]] = {
    "number": _numbers,
    "unit": _units,
    "comparator": _comparators,
    "drug": _drugs,
    "route": _labels("route", lambda claim: claim.routes),
    "frequency": _labels("frequency", lambda claim: claim.frequencies),
    "negation": _negation,
    "direction": _direction,
    "modality": _modality,
    "population": _population,
}
