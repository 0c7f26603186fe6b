"""Numbers as a sentence states them: value, unit, comparator, the range they belong to. The word lists are data (claims.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from knowledge_base.lexicon import claim_lexicon

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "half": 0.5, "half an": 0.5, "half a": 0.5, "half the": 0.5, "one third": 1 / 3, "two thirds": 2 / 3,
    "a quarter of a": 0.25, "one and a half": 1.5, "a": 1, "an": 1,
}  # fmt: skip
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
_FRACTIONS = {"1/2": 0.5, "1/4": 0.25, "3/4": 0.75, "1/3": 1 / 3}
_NUMBER = re.compile(
    r"(?<![\w.^])(?<![a-z]-)(?:(?P<fraction>(?:1/[234]|3/4))(?=\s+(?:a |of |tablet|dose))"
    r"|(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?))(?![\d]*\.\d)"
    rf"|\b(?P<word>{'|'.join(sorted((w for w in _WORDS if w not in ('a', 'an')), key=len, reverse=True))})\b(?=[\s-]+\w)"
    r"|\b(?P<article>an?)\b(?=\s+(?:hour|week|month|year)\b)"
)
_ORDINAL = re.compile(rf"\b(?P<rank>{'|'.join(_ORDINALS)})\s+(?P<label>{'|'.join(claim_lexicon()['labels']['before'])})\b(?!-)")
_JOINER = re.compile(r"\s*(?P<by>-|/|,|to\b|or\b|and\b|, and\b|to (?:below|less than|under|at most)\b|to a maximum of)\s*$")
_LASTING = re.compile(r"\b(?:in|over|within|for|of|than|after|every)\s$")
_PER_BODY = re.compile(r"\s*(?:/|per)\s*1\.73 ?m(?:2|²|\^2)")
_YEARS = range(1950, 2100)
SOFT = frozenset({"point", "times", "dose", "episode", "session", "beat", "month"})  # a statement may leave these units out
RANGE = ("-", "to")
TIMES = ("minute", "month")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a sentence states it.

    `value` and `unit` are in a base unit where one is known (g -> mg, days -> minutes); `printed` is the number as it stands;
    a unit such as "#day" is a label: "day 1". `comparator` is below, at_most, above, at_least or "".
    """

    value: float
    unit: str
    comparator: str
    text: str
    printed: float = 0.0
    start: int = 0
    end: int = 0


Range = tuple[float, float, str]


def normalised(text: str) -> str:
    """Lower case, one spelling of each sign and blank; the body surface of an eGFR is no number of its own. Keeps the order alone."""
    text = re.sub(r"\s+", " ", text.lower())
    text = text.replace("µ", "u").replace("μ", "u").replace("–", "-").replace("≥", ">=").replace("≤", "<=").replace("−", "-")
    return _PER_BODY.sub("", text)


def read(text: str) -> tuple[tuple[Quantity, ...], frozenset[Range]]:
    """The quantities of a normalised text in order, and the ranges among them as (low, high, unit) in base units."""
    found = [quantity for match in _NUMBER.finditer(text) if (quantity := _quantity(text, match))]
    found += [_labelled(match) for match in _ORDINAL.finditer(text)]
    found.sort(key=lambda quantity: quantity.start)
    joined = [_joiner(text, one, two) for one, two in pairwise(found)]
    found = _bracketed(text, _share(found, joined))
    ranges = frozenset((a.value, b.value, b.unit) for a, b, by in zip(found, found[1:], joined, strict=False) if by.split(" ")[0] in RANGE)
    return tuple(quantity for quantity in found if _counts(quantity)), ranges


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    unit, stop = _unit(text, match.end())
    label = "" if unit else _label(text, match.start())
    name, factor = _base(unit)
    comparator = _comparator(text, match.start(), stop, name)
    printed = _printed(match)
    if match["word"] and not (unit or label or comparator or _JOINER.match(text[match.end() : match.end() + 4].rstrip() or "x")):
        return None  # "one of" is no quantity, "two weeks" is
    if match["article"] and not _LASTING.search(text[max(0, match.start() - 8) : match.start()]):
        return None
    return Quantity(printed * factor, label or name, comparator, text[match.start() : stop], printed, match.start(), stop)


def _printed(match: re.Match[str]) -> float:
    if match["digits"]:
        return float(match["digits"].replace(",", ""))
    return _FRACTIONS[match["fraction"]] if match["fraction"] else float(_WORDS[match["word"] or match["article"]])


def _labelled(match: re.Match[str]) -> Quantity:
    value = float(_ORDINALS[match["rank"]])
    return Quantity(value, f"#{match['label']}", "", match[0], value, match.start(), match.end())


def _label(text: str, start: int) -> str:
    match = _labels().search(text[max(0, start - 14) : start])
    return f"#{match[1]}" if match else ""


def _counts(quantity: Quantity) -> bool:
    # a year of publication is no claim about a patient
    return bool(quantity.unit or quantity.comparator) or quantity.printed not in _YEARS


def _unit(text: str, start: int) -> tuple[str, int]:
    """The unit that begins at `start` (blanks and a hyphen before it are passed over), and where it ends."""
    match = _units().match(text, start)
    return (match["unit"], match.end()) if match else ("", start)


@cache
def _base(spelled: str) -> tuple[str, float]:
    """Name and factor of a unit in base units: "micrograms/kg" is ("mg/kg", 0.001)."""
    if not spelled:
        return "", 1.0
    first, *parts = (part.strip() for part in re.split(r"/|\bper\b", spelled))
    name, factor = _single(first)
    for part in (part for part in parts if not part.endswith(("dose", "doses"))):
        below, by = _single(part)
        name, factor = f"{name}/{below}", factor / by
    return name, factor


def _single(spelled: str) -> tuple[str, float]:
    for name, pattern in _unit_patterns().items():
        if pattern.fullmatch(spelled):
            base, factor = claim_lexicon()["conversions"].get(name, (name, 1.0))
            return base, factor
    return spelled, 1.0


def _comparator(text: str, start: int, stop: int, unit: str) -> str:
    before, after = _comparators()
    if match := after.match(text, stop):
        return match.lastgroup or ""
    match = before.search(text[max(0, start - 48) : start])
    if not match:
        return ""
    word = match[0].split()[0]
    if (word == "in" and unit not in TIMES) or (word == "over" and unit == "minute"):
        return ""  # "in 2 divided doses" limits nothing; "over 15 minutes" is how long, "over 65 years" is a limit
    return match.lastgroup or ""


def _joiner(text: str, one: Quantity, two: Quantity) -> str:
    match = _JOINER.match(text[one.end : two.start])
    return match["by"] if match else ""


def _share(found: Sequence[Quantity], joined: Sequence[str]) -> list[Quantity]:
    """What the members of "5-7 days", "140/90 mmHg or above" and "weeks 0, 2 and 6" have in common."""
    out = list(found)
    for i in range(len(joined) - 1, -1, -1):  # from right to left: the unit stands at the end
        if joined[i] and not out[i].unit and out[i + 1].unit and not out[i + 1].unit.startswith("#"):
            _, factor = out[i + 1].unit, out[i + 1].value / out[i + 1].printed if out[i + 1].printed else 1.0
            out[i] = replace(out[i], value=out[i].printed * factor, unit=out[i + 1].unit)
        if joined[i] in RANGE and out[i].comparator == "at_least":
            out[i] = replace(out[i], comparator="")  # "from 2 to 4" is a range
        if joined[i] == "/" and not out[i].comparator:
            out[i] = replace(out[i], comparator=out[i + 1].comparator)
        if joined[i].startswith("to ") and out[i].comparator == "at_least":
            out[i] = replace(out[i], comparator="")
    for i, by in enumerate(joined):
        if by and out[i].unit.startswith("#") and not out[i + 1].unit:
            out[i + 1] = replace(out[i + 1], unit=out[i].unit)
        if by in ("/", *RANGE) and not out[i + 1].comparator:
            out[i + 1] = replace(out[i + 1], comparator=out[i].comparator)
    return out


def _bracketed(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """In "below 95 mg/dL (5.3 mmol/L)" the second number is the first in another unit, so it has its comparator."""
    out = list(found)
    for i in range(1, len(out)):
        if not out[i].comparator and out[i - 1].comparator and re.fullmatch(r"\s*\(\s*", text[out[i - 1].end : out[i].start]):
            out[i] = replace(out[i], comparator=out[i - 1].comparator)
    return out


@cache
def _unit_patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile("|".join(spellings)) for name, spellings in claim_lexicon()["units"].items()}


@cache
def _units() -> re.Pattern[str]:
    single = "|".join(sorted((word for words in claim_lexicon()["units"].values() for word in words), key=len, reverse=True))
    return re.compile(rf"[\s-]*(?P<unit>(?:{single})(?:\s?(?:/|per\s)\s?(?:{single})(?![\w]))*)(?![\w])")


@cache
def _labels() -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(claim_lexicon()['labels']['before'])})s?\s$")


@cache
def _comparators() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One pattern for what stands before a number (leftmost is longest: all end at the number), one for what stands after."""
    table = claim_lexicon()["comparators"]
    filler = "|".join(claim_lexicon()["filler"]["between"])
    before = "|".join(rf"(?P<{name}>{'|'.join(sorted(row['before'], key=len, reverse=True))})" for name, row in table.items())
    after = "|".join(rf"(?P<{name}>{'|'.join(sorted(row['after'], key=len, reverse=True))})" for name, row in table.items() if row["after"])
    return (
        re.compile(rf"(?<![\w])(?:{before})\s*(?:(?:{filler})\s+)*$"),
        re.compile(rf"\s*\)?(?:\s*\([^()]*\))?\s*(?:years?(?: of age)?\s*|of age\s*)?(?:{after})(?![\w])"),
    )
