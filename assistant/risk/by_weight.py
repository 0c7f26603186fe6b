"""A dose per kilogram of a quoted statement, multiplied out for the weight in the chart: arithmetic, not a prescription."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.records import Citation, Measurement, PatientFacts, Sentence

SHOWN = 3       # statements multiplied out
PLAUSIBLE_KG = (0.4, 300.0)
_PER_KG = re.compile(
    r"(?<![\d.])(?P<low>\d+(?:\.\d+)?)(?:\s*(?:to|-|–)\s*(?P<high>\d+(?:\.\d+)?))?\s*(?P<unit>mg|micrograms?|mcg|g|mL|units?|mmol|joules?|J)"
    r"(?:\s*/\s*|\s+per\s+)kg(?P<time>(?:\s*/\s*|\s+(?:per|a|an)\s+)(?:day|hour|h|minute|min|dose)\b)?"
)
_OTHER_WEIGHT = re.compile(r"\b(?:ideal|adjusted|lean|predicted)\b[^.;]{0,20}\bweight\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(?:max(?:imum)?|at most|up to|no more than|not exceed\w*)\b", re.IGNORECASE)


def sentences(facts: PatientFacts, citations: Iterable[Citation]) -> Iterator[Sentence]:
    """One sentence for each of the first statements that dose by weight; none when the chart holds no weight of now.

    A statement that doses by another weight than the measured one (ideal, adjusted) is left alone.
    """
    weight = facts.latest("weight_kg")
    if weight is None or weight.when != "now" or not PLAUSIBLE_KG[0] <= weight.value <= PLAUSIBLE_KG[1]:
        return
    found = ((citation, worked(citation.quote, weight.value)) for citation in citations if not _OTHER_WEIGHT.search(citation.quote))
    for citation, lines in [(citation, lines) for citation, lines in found if lines][:SHOWN]:
        yield Sentence(_said(citation, lines, weight), "tool", (citation,), (weight.span,), tool="dose_by_weight", origin="rule")


def worked(text: str, weight_kg: float) -> list[str]:
    """Each amount per kilogram in a text with its product, in text order: ["0.6 mg/kg is 9.6 mg"]."""
    return list(dict.fromkeys(_product(match, weight_kg) for match in _PER_KG.finditer(text)))


def _product(match: re.Match[str], weight_kg: float) -> str:
    unit, time = match["unit"], match["time"] or ""
    span = "–".join(number for number in (match["low"], match["high"]) if number)
    amount = "–".join(_plain(float(number) * weight_kg) for number in (match["low"], match["high"]) if number)
    return f"{span} {unit}/kg{time} is {amount} {unit}{time}"


def _plain(value: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _said(citation: Citation, lines: list[str], weight: Measurement) -> str:
    limit = "; the statement sets a maximum, which holds" if _LIMIT.search(citation.quote) else ""
    return f"At {weight.value:g} kg, {'; '.join(lines)}{limit}."
