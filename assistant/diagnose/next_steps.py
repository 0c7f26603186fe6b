"""The next best step: which unknown finding would part the leading conditions most, and how the dangerous ones are ruled out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache

from assistant.diagnose.case import Case, rows
from assistant.diagnose.table import table
from assistant.gate.claims import content_words
from knowledge_base.conditions import Condition

LEADERS = 8             # conditions that a question should part
QUESTIONS, TESTS = 5, 4
# how often a finding is there, by its weight in the row of a condition; a finding that a row does not name is rare but possible
FREQUENCY = {3: 0.8, 2: 0.5, 1: 0.25, -1: 0.05, -2: 0.03, -3: 0.01}
UNNAMED = 0.08
VERBS = {"test": "Test for", "examine": "Examine for", "ask": "Ask about"}
Ranked = Sequence[tuple[Condition, float]]


def steps(ranked: Ranked, urgent: Sequence[Condition], case: Case) -> tuple[str, ...]:
    """Questions, examinations and tests with their reason, best first, then what rules out the dangerous conditions."""
    leaders = ranked[:LEADERS]
    lines = [_line(gain, finding, leaders) for gain, finding in informative(leaders, case)[:QUESTIONS]]
    return tuple(dict.fromkeys((*lines, *_tests([*urgent[:3], *(condition for condition, _ in ranked[:2])]))))


def informative(leaders: Ranked, case: Case) -> list[tuple[float, str]]:
    """(expected information gain in bits, finding) of every finding that the case leaves open, best first."""
    total = sum(share for _, share in leaders) or 1.0
    odds = [share / total for _, share in leaders]
    open_findings = {text for condition, _ in leaders for text, _ in condition.signs if _is_open(text, case)}
    gains = ((_gain(odds, [frequency(condition, text) for condition, _ in leaders]), text) for text in open_findings)
    return sorted(gains, key=lambda item: (-round(item[0], 6), item[1]))


def frequency(condition: Condition, finding: str) -> float:
    """How often a finding is there in a condition, as far as its row says."""
    own = table().phrases
    names = {finding} | {name for group in own[finding].groups for name in group}
    points = [weight for text, weight in condition.signs if text == finding or own[text].present(names, ())]
    return FREQUENCY[max(points, key=abs)] if points else UNNAMED


def _is_open(text: str, case: Case) -> bool:
    phrase = table().phrases[text]
    return not phrase.denied and not phrase.present(case.present, case.absent, case.said) and not phrase.absent(case.absent)


def _gain(odds: Sequence[float], chance: Sequence[float]) -> float:
    """Entropy of the leaders less its expectation once the finding is known to be there or not."""
    there = sum(p * c for p, c in zip(odds, chance, strict=True))
    if not 0 < there < 1:
        return 0.0
    yes = [p * c / there for p, c in zip(odds, chance, strict=True)]
    no = [p * (1 - c) / (1 - there) for p, c in zip(odds, chance, strict=True)]
    return _entropy(odds) - there * _entropy(yes) - (1 - there) * _entropy(no)


def _entropy(shares: Iterable[float]) -> float:
    return -sum(share * math.log2(share) for share in shares if share > 0)


def _line(gain: float, finding: str, leaders: Ranked) -> str:
    """The step and its reason: what it would speak for, against what, and by how many bits it parts them."""
    chances = [(frequency(condition, finding), share, condition.name) for condition, share in leaders]
    likely = [name for chance, _, name in chances if chance >= FREQUENCY[2]][:2]
    unlikely = [name for chance, _, name in sorted(chances, key=lambda item: -item[1]) if chance <= UNNAMED][:2]
    against = f" rather than {' or '.join(unlikely)}" if unlikely else ""
    reason = f"speaks for {' and '.join(likely)}{against}" if likely else f"parts {leaders[0][0].name} from the others"
    return f"{VERBS[kind(finding)]} {finding}: {reason} (expected gain {gain:.2f} bits)"


def _tests(chosen: Sequence[Condition]) -> list[str]:
    found = []
    for condition in dict.fromkeys(chosen):
        rule = f"; ruled out by {condition.rules_out}" if condition.must_not_miss and condition.rules_out else ""
        found += [f"{condition.name}: {condition.tests[0]}{rule}"] if condition.tests else []
    return found[:TESTS]


@cache
def kind(finding: str) -> str:
    """Whether a finding is asked for, looked for, or the result of a test."""
    words = content_words(finding)
    if finding in table().results or words & content_words(rows()["test_words"]):
        return "test"
    return "examine" if words & content_words(rows()["sign_words"]) else "ask"
