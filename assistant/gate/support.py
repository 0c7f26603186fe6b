"""A sentence is kept only if its source supports it.

`check` compares the claim of a sentence with the claims of the statements it cites. A hard check (checks.py) that fails drops the
sentence whatever the similarity says: a wrong number is wrong in the best wording.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from assistant.gate import claims
from assistant.gate.checks import CHECKS
from assistant.gate.claims import Claim

WEIGHTS = Path(__file__).parent / "gate.toml"
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
    if sentence in statements:
        return Verdict(1.0)  # a whole statement, word for word
    source, around = _source(tuple(statements), tuple(titles)), _around(context, tuple(titles))
    for name, test in CHECKS.items():
        if reason := test(said, source, around):
            return Verdict(0.0, name, reason)
    support = supported(covered(sentence, statements, context=context, titles=titles), similarity)
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


def covered(sentence: str, statements: Sequence[str], *, context: str = "", titles: Sequence[str] = ()) -> float:
    """Share of the sentence's content words, those of the context apart, that its statements and their titles hold; in [0, 1]."""
    said, source, around = read_claim(sentence), _source(tuple(statements), tuple(titles)), _around(context, tuple(titles))
    words = said.words - around.words
    if len(said.words) < MIN_WORDS or not said.words & source.words:
        return 0.0
    return len(words & source.words) / len(words) if words else 1.0


def supported(share: float, similarity: float | None = None) -> float:
    """Support from the share of words and, where an encoder is at hand, the cosine; in [0, 1]. With no word of the source there is none."""
    if not share:
        return 0.0
    if similarity is None:
        weights = _weights()["words"]
        return 1 / (1 + math.exp(-(weights["bias"] + weights["covered"] * share)))
    weights = _weights()["blend"]
    return 1 / (1 + math.exp(-(weights["bias"] + weights["covered"] * share + weights["similarity"] * similarity)))


@cache
def _weights() -> Mapping[str, Mapping[str, float]]:
    table = tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {kind: {name: float(value) for name, value in table[kind].items()} for kind in ("words", "blend")}


def _unsupported(said: Claim, source: Claim, context: Claim) -> str:
    extra = sorted(said.words - source.words - context.words)
    return f"words without a source: {', '.join(extra[:6])}" if extra else "too little of the statement is said"
