"""The machine form of a statement that depends on the patient: `egfr_ml_min_1_73m2 < 30 -> contraindicated metformin`.

Three-valued throughout: a value that the chart does not hold makes a rule unknown, never false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from knowledge_base.errors import KnowledgeBaseError

Effect = Literal["indicated", "contraindicated", "reduce-dose", "caution"]
STATES = ("pregnant", "breastfeeding", "sex", "allergy", "taking", "condition")
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip

_NUMBER = re.compile(r"(?P<name>[a-z][a-z0-9_]*)\s*(?P<op><=|>=|<|>|=)\s*(?P<value>-?\d+(?:\.\d+)?)$")
_STATE = re.compile(rf"(?P<name>{'|'.join(STATES)})\s+is\s+(?P<value>[\w /+-]+)$")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: a number of the chart against a limit, or a state against a word."""

    name: str
    op: str
    value: float | str

    def __str__(self) -> str:
        shown = f"{self.value:g}" if isinstance(self.value, float) else self.value
        return f"{self.name} {self.op} {shown}"


@dataclass(frozen=True, slots=True)
class Rule:
    """All terms together have the effect on the subject (a drug or an action)."""

    terms: tuple[Term, ...]
    effect: Effect
    subject: str


def parse_rule(text: str, *, where: str) -> Rule:
    """Read `TERM and TERM -> EFFECT SUBJECT`; KnowledgeBaseError says what is wrong and where."""
    condition, arrow, outcome = text.partition("->")
    effect, _, subject = outcome.strip().partition(" ")
    if not arrow or effect not in get_args(Effect) or not subject.strip():
        allowed = ", ".join(get_args(Effect))
        raise KnowledgeBaseError(f"{where}: '{text}' is not 'CONDITION -> EFFECT SUBJECT' with an effect of {allowed}")
    terms = tuple(_term(part.strip(), where) for part in re.split(r"\s+and\s+", condition.strip()))
    return Rule(terms, effect, subject.strip())  # type: ignore[arg-type]  # checked against get_args above


def _term(text: str, where: str) -> Term:
    if number := _NUMBER.match(text):
        return Term(number["name"], number["op"], float(number["value"]))
    if state := _STATE.match(text):
        return Term(state["name"], "is", state["value"].strip().casefold())     # compared without regard to case
    raise KnowledgeBaseError(f"{where}: '{text}' is neither 'name < number' nor '{'|'.join(STATES)} is word'")


def holds(rule: Rule, numbers: Mapping[str, float], states: Mapping[str, Mapping[str, bool]]) -> bool | None:
    """Whether the rule applies to a patient: True, False, or None when the chart does not say.

    Args:
        numbers: measurement name -> value in that name's unit.
        states: state name -> word -> whether it holds; what is not listed is unknown.
    """
    results = [_holds(term, numbers, states) for term in rule.terms]
    if False in results:
        return False
    return None if None in results else True


def _holds(term: Term, numbers: Mapping[str, float], states: Mapping[str, Mapping[str, bool]]) -> bool | None:
    if isinstance(term.value, str):
        return states.get(term.name, {}).get(term.value)
    value = numbers.get(term.name)
    return None if value is None else COMPARE[term.op](value, term.value)
