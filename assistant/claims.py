"""What a sentence claims, in parts that can be compared: numbers with unit and comparator, drugs, polarity, direction, ...

The lexicon is data (`knowledge_base/claims.toml`, `medications.toml`). Nothing here judges; `gate` compares two claims.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import Stemmer

from knowledge_base.lexicon import claim_lexicon, drug_names

_NUMBER = re.compile(r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\w.])\d+(?:\.\d+)?(?![\d]*\.\d)")
_WORD_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "half": 0.5,
}  # fmt: skip
_CONVERSIONS: Mapping[str, tuple[str, float]] = {
    "g": ("mg", 1000.0), "mcg": ("mg", 0.001), "ng": ("mg", 1e-6), "L": ("mL", 1000.0), "mcg/kg": ("mg/kg", 0.001),
    "hour": ("minute", 60.0), "day": ("minute", 1440.0), "week": ("minute", 10080.0), "second": ("minute", 1 / 60),
    "month": ("month", 1.0), "year": ("month", 12.0), "cm": ("mm", 10.0), "m": ("mm", 1000.0), "g/L": ("g/dL", 0.1),
}  # fmt: skip
STOP_WORDS = frozenset(
    (
        "a an the of to in on at for with by from as is are was were be been being and or if when then than that this these those it its "
        "they their them his her he she you your we our who which what how do does did has have had will would also both each any all "
        "patient patients people person persons adult adults use used using give given giving take taken treatment treat should may can "
        "must not no include includes including within after before during between per into such other more less least most"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a sentence states it; `value` and `unit` are in a base unit where one is known (g -> mg, days -> minutes)."""

    value: float
    unit: str
    comparator: str  # below, at_most, above, at_least or ""
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The comparable parts of a sentence."""

    quantities: tuple[Quantity, ...]
    drugs: frozenset[str]
    against: int  # how many words speak against
    up: frozenset[str]
    down: frozenset[str]
    modality: frozenset[str]
    population: frozenset[str]
    routes: frozenset[str]
    frequencies: frozenset[str]
    words: frozenset[str]  # stems of content words


def read(text: str) -> Claim:
    """Read the claim of one sentence; deterministic, no model."""
    lower = text.lower()
    frequencies, rest = _take(lower, "frequency")
    return Claim(
        quantities=tuple(_quantities(rest)),
        drugs=frozenset(_drugs(lower)),
        against=sum(1 for _ in _pattern("polarity")["against"].finditer(lower)),
        up=_hits(lower, "direction", "up"),
        down=_hits(lower, "direction", "down"),
        modality=_labels(lower, "modality"),
        population=_labels(lower, "population"),
        routes=_labels(lower, "route"),
        frequencies=frequencies,
        words=content_words(lower),
    )


def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning: no stop word, no number."""
    words = (word for word in re.findall(r"[a-zà-ÿ][a-zà-ÿ0-9'-]+", text.lower()) if word not in STOP_WORDS)
    return frozenset(_stemmer().stemWords([word.replace("ae", "e").replace("oe", "e") for word in words]))


def _quantities(text: str) -> list[Quantity]:
    found = [_quantity(text, match.start(), match.end(), float(match[0].replace(",", ""))) for match in _NUMBER.finditer(text)]
    for match in re.finditer(rf"\b({'|'.join(_WORD_NUMBERS)})\b(?=\s+\w)", text):
        quantity = _quantity(text, match.start(), match.end(), float(_WORD_NUMBERS[match[1]]))
        if quantity.unit:  # "one of" is no quantity, "two weeks" is
            found.append(quantity)
    return _share_units(sorted(found, key=lambda quantity: text.find(quantity.text)))


def _share_units(found: list[Quantity]) -> list[Quantity]:
    """Give the unit of a range's end to its start: in "5-7 days" the 5 is in days too."""
    out: list[Quantity] = []
    for i, quantity in enumerate(found):
        following = found[i + 1] if i + 1 < len(found) else None
        if not quantity.unit and following and following.unit and quantity.text.rstrip().endswith(("-", "to", "–", "or", "and", "/", ",")):
            name, factor = _CONVERSIONS.get(_raw_unit(following.text), (following.unit, 1.0))
            quantity = Quantity(quantity.value * factor, name, quantity.comparator or following.comparator, quantity.text)
        out.append(quantity)
    return out


def _raw_unit(text: str) -> str:
    match = re.search(r"[\d.]+[\s-]*(.*)$", text)
    return _unit_at(match[1] if match else "")[0]


def _quantity(text: str, start: int, end: int, value: float) -> Quantity:
    tail = text[end : end + 40]
    gap = re.match(r"[\s-]*", tail)
    unit, unit_end = _unit_at(tail[gap.end() if gap else 0 :])
    stop = end + (gap.end() if gap else 0) + unit_end if unit else end
    comparator = _comparator(text[max(0, start - 24) : start], text[stop : stop + 16])
    joiner = re.match(r"\s*(?:-|–|to\b|or\b|and\b|/|,)(?=\s*\d)", text[stop : stop + 8])
    shown = text[start : stop + (joiner.end() if joiner and not unit else 0)]
    name, factor = _CONVERSIONS.get(unit, (unit, 1.0))
    return Quantity(value * factor, name, comparator, shown)


def _unit_at(tail: str) -> tuple[str, int]:
    match = _units().match(tail)
    if not match:
        return "", 0
    spelled = match[0]
    for name, pattern in _pattern("units").items():
        if pattern.fullmatch(spelled):
            return name, match.end()
    return "", 0


def _comparator(before: str, after: str) -> str:
    for name, (_, behind) in _comparators().items():
        if behind.match(after):
            return name
    best, at = "", -1
    for name, (ahead, _) in _comparators().items():
        match = ahead.search(before)
        if match and match.start() > at:
            best, at = name, match.start()
    return best


def _drugs(text: str) -> set[str]:
    names = drug_names()
    words = re.findall(r"[a-z][a-z0-9-]+", text)
    pairs = (" ".join(pair) for pair in pairwise(words))
    return {names[word] for word in (*words, *pairs) if word in names}


def _take(text: str, kind: str) -> tuple[frozenset[str], str]:
    """Labels of one kind and the text without them, so that "every 12 hours" is a frequency and no quantity."""
    labels: set[str] = set()
    rows = sorted(((p, label) for label, patterns in claim_lexicon()[kind].items() for p in patterns), key=lambda row: -len(row[0]))
    for pattern, label in rows:
        text, count = _compiled(rf"\b(?:{pattern})(?!\w)").subn(" ", text)
        if count:
            labels.add(label)
    return frozenset(labels), text


def _labels(text: str, kind: str) -> frozenset[str]:
    return frozenset(label for label, pattern in _pattern(kind).items() if pattern.search(text))


def _hits(text: str, kind: str, label: str) -> frozenset[str]:
    return frozenset(match[0] for match in _pattern(kind)[label].finditer(text))


@cache
def _pattern(kind: str) -> dict[str, re.Pattern[str]]:
    rows: Mapping[str, list[str]] = claim_lexicon()[kind]
    border = r"(?<!\w)" if kind == "units" else r"\b"
    return {label: re.compile(rf"{border}(?:{'|'.join(sorted(words, key=len, reverse=True))})(?!\w)") for label, words in rows.items()}


@cache
def _units() -> re.Pattern[str]:
    spellings = sorted((word for words in claim_lexicon()["units"].values() for word in words), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(spellings)})(?![\w/])")


@cache
def _comparators() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    never = "(?!)"
    return {
        name: (
            re.compile(
                rf"(?<!\w)(?:{'|'.join(sorted(row['before'], key=len, reverse=True))})\s*(?:about |around |approximately |a |an )?$"
            ),
            re.compile(rf"\s*(?:years?(?: of age)?\s*)?(?:{'|'.join(row['after']) or never})(?!\w)"),
        )
        for name, row in claim_lexicon()["comparators"].items()
    }


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")
