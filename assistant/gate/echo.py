"""What a small model takes from the question and puts into a statement: its dose, its verb. And what it leaves out: for whom a dose is.

The question may be repeated in a sentence (the patient's eGFR), but what is to be done is the statement's alone: asked "halve, stop or
carry on?" of a statement that says stop, a model writes "halve".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from assistant.gate import ages, quantities
from assistant.gate.claims import Claim
from assistant.gate.clauses import Clause
from assistant.gate.quantities import Quantity
from knowledge_base.lexicon import claim_lexicon

_PLACE = re.compile(r"\b(?:us|uk|europe(?:an)?|england|canada|australia)\b")
DOSE_UNITS = ("mg", "units", "mg/kg", "units/kg", "mg/m2", "ml/kg", "mmol")


def doses(said: Claim, source: Claim, context: Claim) -> str:
    """A dose stands in the statement; that the patient takes it makes it nobody's recommendation."""
    for quantity in said.quantities:
        if quantity.unit in DOSE_UNITS and not _stands(quantity, source.quantities):
            return f"the dose '{quantity.text.strip()}' is the question's, not the statement's"
    return ""


def actions(said: Claim, source: Claim, context: Claim) -> str:
    """What is to be done is the statement's verb, not one of the question's."""
    here, there, asked = _actions(said), _actions(source), _actions(context)
    if echoed := sorted(name for name in set(here) - set(there) if name in asked):
        return f"'{here[echoed[0]]}' is the question's word; the statement says {', '.join(sorted(there.values())) or 'nothing of it'}"
    return ""


def limits(said: Claim, source: Claim, context: Claim) -> str:
    """A dose keeps the limit that opens its statement: "in adults younger than 75 years", "with eGFR below 30"."""
    if not any(quantity.unit in DOSE_UNITS and _stands(quantity, source.quantities) for quantity in said.quantities):
        return ""
    opening = [limit for clause in source.clauses if clause.leading for limit in _limits(clause)]
    if opening and not any(_stands(limit, said.quantities) for limit in opening):
        return f"the statement's dose is for '{opening[0].comparator.replace('_', ' ')} {opening[0].text.strip()}' only"
    return ""


def places(said: Claim, source: Claim, context: Claim) -> str:
    """A dose keeps the one country that its statement is for: 250 units in the US are not what the UK gives."""
    named = {match[0] for clause in source.clauses for match in _PLACE.finditer(clause.text)}
    dosed = any(quantity.unit in DOSE_UNITS for quantity in said.quantities)
    kept = any(_PLACE.search(clause.text) for clause in said.clauses)
    return f"the statement's dose is for {next(iter(named))} only" if dosed and len(named) == 1 and not kept else ""


def _limits(clause: Clause) -> list[Quantity]:
    compared = [quantity for quantity in quantities.read(clause.text)[0] if quantity.comparator]
    return compared or [q for limit in ages.limits(clause.text) for q in quantities.read(limit.words)[0]]


def _stands(quantity: Quantity, others: tuple[Quantity, ...]) -> bool:
    return any(quantity.unit == other.unit and math.isclose(quantity.value, other.value) for other in others)


def _actions(claim: Claim) -> dict[str, str]:
    """Kinds of action that a text names, each with its first word."""
    text = " ; ".join(clause.text for clause in claim.clauses)
    return {name: match[0] for name, pattern in _patterns().items() if (match := pattern.search(text))}


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(rf"\b(?:{'|'.join(words)})\b") for name, words in claim_lexicon()["actions"].items()}
