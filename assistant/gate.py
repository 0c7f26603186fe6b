"""A sentence is kept only if its source supports it.

`check` compares the claim of a sentence with the claims of the statements it cites. A hard check (gate_checks.py) that fails drops the
sentence whatever the similarity says: a wrong number is wrong in the best wording.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from assistant import claims
from assistant.claims import Claim
from assistant.gate_checks import CHECKS

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
    sentence: str,
    statements: Sequence[str],
    *,
    context: str = "",
    titles: Sequence[str] = (),
    min_support: float = 0.5,
    similarity: float | None = None,
) -> Verdict:
    """Judge a sentence by the statements that it cites.

    Args:
        sentence: one sentence, its citation marks removed.
        statements: the cited statements.
        context: the question and the chart facts: words that a sentence may repeat without support.
        titles: the conditions that the statements are on; their words may be repeated, but they limit nobody.
        min_support: below it the sentence is unsupported.
        similarity: cosine of sentence and statements where an encoder is at hand.
    """
    said = read_claim(sentence)
    if not statements:
        return Verdict(0.0, "citation", "no statement is cited")
    source, around = _source(tuple(statements), tuple(titles)), _around(context, tuple(titles))
    for name, test in CHECKS.items():
        if reason := test(said, source, around):
            return Verdict(0.0, name, reason)
    support = supported(said, source, around, similarity)
    if support < min_support:
        return Verdict(support, "support", f"support {support:.2f} is below {min_support:.2f}: {_unsupported(said, source, around)}")
    return Verdict(support)


@lru_cache(maxsize=1024)
def _source(statements: tuple[str, ...], titles: tuple[str, ...]) -> Claim:
    """The claim of the statements, with the drugs and conditions that their titles name."""
    source, topic = read_claim(" ".join(statements)), read_claim(". ".join(titles))
    return replace(
        source, drugs=source.drugs | topic.drugs, classes=source.classes | topic.classes, conditions=source.conditions | topic.conditions,
        words=source.words | topic.words, topic=topic.words,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _around(context: str, titles: tuple[str, ...]) -> Claim:
    """The context, and whom the titles speak of: a title limits nobody."""
    around, topic = read_claim(context), read_claim(". ".join(titles))
    return replace(around, population=around.population | topic.population, quantities=(*around.quantities, *topic.quantities))


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


def _unsupported(said: Claim, source: Claim, context: Claim) -> str:
    extra = sorted(said.words - source.words - context.words)
    return f"words without a source: {', '.join(extra[:6])}" if extra else "too little of the statement is said"
