"""The ages that a statement is for, where it names one limit: "in adults younger than 75 years", "from 3 months to below 3 years".

Read where a statement says whom it is for, in its first words: further on an age is a criterion among others. A statement with several
limits tells of several groups, and the reader chooses; nothing is read from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import inf

HEAD = 80           # letters in which a statement says whom it is for
_YEARS = {"day": 1 / 365.25, "week": 7 / 365.25, "month": 1 / 12, "year": 1.0}
_WHO = r"(?:adults?|people|persons?|patients?|wom[ae]n|m[ae]n|child(?:ren)?|infants?|bab(?:y|ies)|newborns?|girls?|boys?)"
_UNIT = r"(?P<unit>day|week|month|year)s?\b"
_BELOW, _ABOVE = r"(?:younger than|under|below)", r"(?:older than|over|above|from|at least)"
_RANGE = re.compile(
    rf"\b(?:{_WHO} (?:aged )?(?:from )?|aged |between |from )(?P<low>\d+)\s*(?:(?P<first>day|week|month|year)s?)?\s*(?:to|-|and)\s*"
    rf"(?P<open>below |under |less than )?(?P<high>\d+)\s*{_UNIT}"
)
_LOW = re.compile(rf"\b(?:{_WHO} (?:aged )?{_ABOVE}|older than|aged (?:over|above|at least))\s+(?P<n>\d+)\s*{_UNIT}(?!\s*(?:to|-)\b)")
_FROM = re.compile(rf"\baged\s+(?P<n>\d+)\s*{_UNIT}\s+(?:and|or)\s+(?:over|older|above|more)\b")
_HIGH = re.compile(rf"\b(?:{_WHO} (?:aged )?{_BELOW}|younger than|aged {_BELOW})\s+(?P<n>\d+)\s*{_UNIT}")
_UP_TO = re.compile(rf"\baged\s+(?:up to\s+)?(?P<n>\d+)\s*{_UNIT}\s+(?:and|or)\s+(?:under|younger|below|less)\b")
_SINGLE = ((_LOW, "above"), (_FROM, "above"), (_HIGH, "below"), (_UP_TO, "up to"))
_OR = re.compile(r"(?: of age)?,? or\b")      # "aged 65 years or over, or with heart disease": others are meant too
_YOUNG = re.compile(r"\b(?:child\w*|infants?|bab(?:y|ies)|newborns?|girls?|boys?|under \d+ (?:months|years)|below \d+ years)\b")


@dataclass(frozen=True, slots=True)
class Limit:
    """Ages in years from `low` to below `high`, and the words that say so."""

    low: float
    high: float
    words: str
    start: int

    def holds(self, age_years: float) -> bool:
        """Whether an age lies inside."""
        return self.low <= age_years < self.high


def outside(text: str, age_years: float | None) -> str:
    """The words of a statement's one age limit when this age lies outside of it; else an empty string.

    >>> outside("In adults younger than 75 years, give 30 mg.", 79)
    'adults younger than 75 years'
    """
    if age_years is None:
        return ""
    found = limits(text)
    alone = len(found) == 1 and found[0].start < HEAD and not _OR.match(text, found[0].start + len(found[0].words))
    return found[0].words if alone and not found[0].holds(age_years) else ""


@lru_cache(maxsize=16384)
def limits(text: str) -> tuple[Limit, ...]:
    """Every age limit that a text names, in order."""
    plain = text.lower()
    ranges = [_range(m) for m in _RANGE.finditer(plain) if not m[0].startswith(("from", "between")) or _YOUNG.search(plain)]
    singles = [_single(m, side) for pattern, side in _SINGLE for m in pattern.finditer(plain)]
    apart = [one for one in singles if not any(r.start <= one.start < r.start + len(r.words) for r in ranges)]
    return tuple(sorted((*ranges, *apart), key=lambda limit: limit.start))


def _range(match: re.Match[str]) -> Limit:
    low, high = _years(match["low"], match["first"] or match["unit"]), _years(match["high"], match["unit"])
    past = 0.0 if match["open"] else _YEARS[match["unit"]]     # "2 to 16 years" lasts to the 17th birthday
    return Limit(low, high + past, match[0], match.start())


def _single(match: re.Match[str], side: str) -> Limit:
    age = _years(match["n"], match["unit"])
    if side == "above":  # "older than 65" and "65 or over" differ by a year that guidelines seldom mean
        return Limit(age, inf, match[0], match.start())
    return Limit(0.0, age if side == "below" else age + _YEARS[match["unit"]], match[0], match.start())


def _years(number: str, unit: str) -> float:
    return float(number) * _YEARS[unit]
