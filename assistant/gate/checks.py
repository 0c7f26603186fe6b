"""The hard checks of the gate, each a pure function of what is said, what the source says, and the context; "" when it passes.

A check speaks only of what differs, and names the words. Similarity cannot outvote it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from assistant.gate import echo
from assistant.gate.claims import Claim, Mention, Quantity, condition_words
from assistant.gate.clauses import Clause, content_words
from assistant.gate.quantities import SOFT
from knowledge_base.lexicon import claim_lexicon, drug_classes

Check = Callable[[Claim, Claim, Claim], str]
RESTRICTING = frozenset({"pregnant", "breastfeeding", "neonate", "infant", "child"})
NARROW = RESTRICTING | {"older"}
SAME_NUMBER = 1e-6
MARGIN = 0.1
ALIKE = 0.5  # share of a clause's words that must be said before the clause counts as said


def numbers(said: Claim, source: Claim, context: Claim) -> str:
    """Each number stands in the source (in its unit or one that converts) or in the context."""
    for quantity in said.quantities:
        if not any(_equal(quantity, other) for other in (*source.quantities, *context.quantities)):
            return f"'{quantity.text.strip()}' does not stand in the cited statement"
    for low, high, unit in said.ranges - source.ranges - context.ranges:
        if any(a == low or b == high for a, b, u in source.ranges if u == unit):
            return f"the range {low:g} to {high:g} is not the statement's"
    return _repeated(said, source)


def _repeated(said: Claim, source: Claim) -> str:
    """A number said more often than the source says it, while another of that unit is left out: one stands in the other's place."""
    for quantity in said.quantities:
        alike = [[o for o in claim.quantities if _equal(quantity, o) and quantity.unit == o.unit] for claim in (said, source)]
        count, stands = len(alike[0]), len(alike[1])
        left = [o for o in source.quantities if o.unit == quantity.unit and not any(_equal(q, o) for q in said.quantities)]
        if quantity.unit and count > stands > 0 and left:
            return f"'{quantity.text.strip()}' is said {count} times, '{left[0].text.strip()}' of the statement never"
    return ""


def units(said: Claim, source: Claim, context: Claim) -> str:
    """A number that stands in the source under another unit only."""
    for quantity in said.quantities:
        others = [other for other in (*source.quantities, *context.quantities) if math.isclose(quantity.printed, other.printed)]
        if others and not any(_equal(quantity, other) for other in (*source.quantities, *context.quantities)) and quantity.unit:
            named = sorted({other.unit or "no unit" for other in others if _kind(other.unit) != _kind(quantity.unit)})
            if named:
                return f"'{quantity.text.strip()}': the statement has {', '.join(named)}"
    for length in said.durations - source.durations - context.durations:
        if source.durations and not any(quantity.text.endswith(length) for quantity in source.quantities):
            return f"'{length}': the statement has {', '.join(sorted(source.durations))}"
    return ""


def _kind(unit: str) -> str:
    # both are measures of the same thing, so a wrong factor between them is a wrong number
    return {"month": "time", "minute": "time"}.get(unit, unit)


def comparators(said: Claim, source: Claim, context: Claim) -> str:
    """A number is bounded on the same side, with or without its boundary."""
    for quantity in said.quantities:
        same = [other for other in source.quantities if _equal(quantity, other) or (not other.unit and quantity.printed == other.printed)]
        if same and not any(quantity.comparator == other.comparator for other in same):
            if not quantity.comparator and any(_equal(quantity, other) for other in context.quantities):
                continue  # the patient's own value
            return f"'{quantity.comparator or 'exactly'} {quantity.text.strip()}': the statement says '{same[0].comparator or 'exactly'}'"
    return ""


def _equal(one: Quantity, other: Quantity) -> bool:
    if one.unit == other.unit:
        return math.isclose(one.value, other.value, rel_tol=SAME_NUMBER)
    if not one.unit or (one.unit in SOFT and not other.unit) or one.unit.startswith("#") or (other.unit.startswith("#") and not one.unit):
        return math.isclose(one.printed, other.printed, rel_tol=SAME_NUMBER)
    return False


def drugs(said: Claim, source: Claim, context: Claim) -> str:
    """No drug or class that the statement does not name; a dose, route and frequency belong to the drug that has it there."""
    if extra := {name for name in said.drugs - source.drugs if not content_words(name) <= source.words}:
        return f"the cited statement does not name {', '.join(sorted(extra))}"
    known = source.classes | context.classes
    if wider := {name for name in said.classes - known if any(name in drug_classes(drug) for drug in source.drugs)}:
        return f"the statement speaks of {', '.join(sorted(source.drugs))}, not of every {', '.join(sorted(wider))}"
    return ""


def doses(said: Claim, source: Claim, context: Claim) -> str:
    """In a statement on several drugs, each keeps its own dose."""
    for drug, unit, value in said.doses:
        own = {v for d, u, v in source.doses if (d, u) == (drug, unit)}
        others = sorted({d for d, u, v in source.doses if u == unit and math.isclose(value, v, rel_tol=SAME_NUMBER)})
        if own and others and not any(math.isclose(value, v, rel_tol=SAME_NUMBER) for v in own):
            return f"this dose of {drug} is that of {', '.join(others)} in the statement"
    return ""


def routes(said: Claim, source: Claim, context: Claim) -> str:
    """A route is the statement's, and that of the same drug."""
    return _tied("route", said.routes - source.routes, said.drug_routes, source.drug_routes) or _opposed(said, source, context, "route")


def frequencies(said: Claim, source: Claim, context: Claim) -> str:
    """A frequency is the statement's, and that of the same drug."""
    known = source.frequencies | ({"single"} if any(q.printed == 1 and q.unit in ("dose", "times") for q in source.quantities) else set())
    return _tied("frequency", said.frequencies - known, said.drug_frequencies, source.drug_frequencies)


def _tied(name: str, extra: Iterable[str], said: Iterable[tuple[str, str]], source: frozenset[tuple[str, str]]) -> str:
    if extra := sorted(extra):
        return f"{name} '{', '.join(extra)}' does not stand in the cited statement"
    for drug, label in sorted(pair for pair in said if pair[1] not in ("single", "prn")):
        own = {other for d, other in source if d == drug}
        if own and label not in own and any(d != drug and other == label for d, other in source):
            return f"{name} '{label}': the statement has {', '.join(sorted(own))} for {drug}"
    return ""


def conditions(said: Claim, source: Claim, context: Claim) -> str:
    """No disease that neither the statement (with its title) nor the question speaks of."""
    extra = said.conditions - source.conditions - context.conditions
    if strange := {name for name in extra if not any(words and words <= source.words for words in condition_words()[name])}:
        return f"the statement is not on {', '.join(sorted(strange))}"
    return ""


def negation(said: Claim, source: Claim, context: Claim) -> str:
    """What is said against, the source says against; what is said for, it says for. Clause by clause."""
    unsure = frozenset().union(*(clause.unsure for clause in source.clauses))
    affirmed = _stems(source, lambda c: not (c.against or c.leading)) | unsure
    for clause in said.clauses:
        # a condition that is said apart may stand inside a prohibition of the source: "after a stent, do not ..."
        denied = _stems(source, lambda c: c.against and (c.side or clause.against or not clause.side))  # noqa: B023  used within this turn
        own = clause.stems - clause.unsure - source.topic - (context.words if clause.against else frozenset())
        same, other = (denied, affirmed) if clause.against else (affirmed, denied)
        agree, differ = own & (same - other), own & (other - same)
        unclear = own and not agree and not differ and not clause.side
        if len(differ) > len(agree) or (unclear and _nearest(own, source, clause.against)):
            shown = ", ".join(sorted(differ or own)[:4])
            return f"the sentence {'negates' if clause.against else 'affirms'} what the statement does not: {shown}"
    return ""


def _stems(claim: Claim, chosen: Callable[[Clause], bool]) -> frozenset[str]:
    return frozenset().union(*(clause.stems for clause in claim.clauses if chosen(clause)))


def _nearest(own: frozenset[str], source: Claim, against: bool) -> bool:
    """Whether the source clause that is most like a clause has the other polarity, and clearly so."""
    sure = [(other.stems - other.unsure - source.topic, other.against) for other in source.clauses]
    alike = dict.fromkeys((True, False), 0.0)
    for stems, value in sure:
        alike[value] = max(alike[value], len(own & stems) / (len(own | stems) or 1))
    held = max((len(own & stems) / len(own) for stems, value in sure if value is not against), default=0.0)
    return held >= ALIKE and alike[not against] > alike[against] + MARGIN


def modality(said: Claim, source: Claim, context: Claim) -> str:
    """A sentence is neither stronger nor weaker than the clause that it repeats."""
    for label, fault in (("extreme", "must"), ("slack", "may")):
        hit = _first(said, label)
        if hit and not _has(source, label) and not (label == "extreme" and any(c.must or c.against for c in _speaking(said, source))):
            return f"'{hit}' says {fault} where the statement does not"
    strong, weak = _stems(source, lambda c: not (c.may or c.can)), _stems(source, lambda c: (c.may or c.can) and not c.must)
    for clause in said.clauses:
        only_strong, only_weak = clause.stems & (strong - weak), clause.stems & (weak - strong)
        if clause.must and not (clause.may or clause.can) and len(only_weak) > len(only_strong) and not _plain(clause, source):
            return f"the sentence says must where the statement says may: {', '.join(sorted(only_weak)[:4])}"
        if clause.may and not (clause.must or clause.side) and len(only_strong) > len(only_weak):
            return f"the sentence says may where the statement does not: {', '.join(sorted(only_strong)[:4])}"
    return ""


def _plain(clause: Clause, source: Claim) -> bool:
    """Whether a clause of the source without any modal word holds most of what is said: it is as strong as a demand."""
    return any(len(clause.stems & c.stems) * 2 >= len(clause.stems) for c in source.clauses if not (c.may or c.can))


def _speaking(said: Claim, source: Claim) -> list[Clause]:
    words = frozenset().union(*(clause.stems for clause in said.clauses if _hit(clause.text, "extreme")))
    best = max((len(words & clause.stems) for clause in source.clauses), default=0)
    return [clause for clause in source.clauses if best and len(words & clause.stems) == best]


def _first(claim: Claim, label: str) -> str:
    return next((hit for clause in claim.clauses if (hit := _hit(clause.text, label))), "")


def _has(claim: Claim, label: str) -> bool:
    return bool(_first(claim, label))


def _hit(text: str, label: str) -> str:
    found = _words(label).search(text)
    return found[0] if found else ""


def direction(said: Claim, source: Claim, context: Claim) -> str:
    """Increase is not decrease, start is not stop, before is not after: of the same thing."""
    return _opposed(said, source, context, "direction")


def population(said: Claim, source: Claim, context: Claim) -> str:
    """The same people: none that the statement does not speak of, and none of its limits left out."""
    if extra := (said.population - source.population - context.population) & NARROW:
        return f"population '{', '.join(sorted(extra))}' is not the statement's"
    if reason := _opposed(said, source, context, "population"):
        return reason
    for clause in source.clauses:
        limits = _limits(clause) - said.population - context.population
        own = clause.stems - _population_stems()
        if limits and not clause.against and (clause.leading or len(own & said.words) > ALIKE * len(own)):
            return f"the statement holds for '{', '.join(sorted(limits))}' only"
    return ""


def _limits(clause: Clause) -> frozenset[str]:
    found = frozenset(label for label in (*RESTRICTING, "adult") if _population(label).search(clause.text))
    return frozenset() if "adult" in found else found & RESTRICTING


def _opposed(said: Claim, source: Claim, context: Claim, check: str) -> str:
    pairs = {name for name, row in claim_lexicon()["opposites"].items() if row["check"] == check} or {check}
    for mention in (m for m in said.opposites if m.pair in pairs and not _balanced(m.pair, said, source)):
        same = [other for other in (*source.opposites, *context.opposites) if (other.pair, other.side) == (mention.pair, mention.side)]
        other = [other for other in source.opposites if other.pair == mention.pair and other.side != mention.side]
        strict = claim_lexicon()["opposites"].get(mention.pair, {}).get("strict", False)
        if (strict and other and not same) or _closest(mention, other) > _closest(mention, same):
            return f"'{mention.word}' against the statement's '{other[0].word}'"
    return ""


def _balanced(pair: str, said: Claim, source: Claim) -> bool:
    """Several sides are said, none more often than the source says it: nothing was flipped."""
    here, there = (Counter(m.side for m in claim.opposites if m.pair == pair) for claim in (said, source))
    return len(here) > 1 and all(count <= there[side] for side, count in here.items())


def _closest(mention: Mention, others: list[Mention]) -> float:
    return max((sum(weight * other.near.get(stem, 0.0) for stem, weight in mention.near.items()) for other in others), default=0.0)


@cache
def _words(label: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['modality'][label])})(?!\w)")


@cache
def _population(label: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['population'][label])})(?!\w)")


@cache
def _population_stems() -> frozenset[str]:
    words = "pregnant pregnancy women woman breastfeeding neonate newborn infant infants child children baby babies gestational"
    return content_words(words)


CHECKS: Mapping[str, Check] = {
    "unit": units, "number": numbers, "comparator": comparators, "drug": drugs, "dose": doses, "route": routes, "frequency": frequencies,
    "condition": conditions, "negation": negation, "direction": direction, "modality": modality, "population": population,
    "echoed dose": echo.doses, "echoed action": echo.actions, "limit": echo.limits, "place": echo.places,
}  # fmt: skip
