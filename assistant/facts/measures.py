"""Numbers of the chart: where a name and a number stand together, what only looks like that, and trends (values.py, sizes.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from assistant.facts import demographics, sizes, values
from assistant.facts.values import measured, settled
from assistant.records import Bound, Measurement, Span
from knowledge_base.lexicon import read_table
from knowledge_base.tables import NUMBER, convert, measurements, to_number

# one character for one, so that spans stay
_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉−‐‑·\u00a0\u2009\u202f’", "0123456789--- \u0020\u0020\u0020'")
_LINK = (
    r"(?:\)|\s*\([^()]{0,14}[A-Za-z][^()]{0,20}\))?(?:\s*(?:LINKS)\b)*\s*(?:[:=–]|[,(-](?=\s*[~\d]))?\s*"
    r"(?:of|was|is|at)?\s*[~≈]?\s*BOUND\s*"
)
_BOUND = r"(?P<above>[>≥]=?|(?:greater|more|higher) than|above|over)?(?P<below>[<≤]=?|(?:less|lower) than|below|under)?"
# between a name and a number whose unit fits the name alone, other words may stand: "slightly lower than usual, at 108 beats per minute"
_GAP = (
    r"\)?[^\d;:\n.()]{0,50}?(?:\b(?:at|of|was|is|were|to|with|being|a|stable|showing|from|as)\s+"
    r"(?:an? (?:\w+ )?|about |around )?|[,(]\s*)"
)
_STOP = re.compile(r"[;\n]|\.(?!\d)")
_AFTER = re.compile(r"\s*(?:-|–|to)\s*\d")
_ARROW = re.compile(
    rf"(?:(?:\s+(?:on )?(?:RA|room air|air))?\s*(?:-+>|=>|→|➔)\s*(?:{NUMBER})(?!\d*/\d)(?:%(?=\s*[-=→➔]))?)+", re.IGNORECASE
)
# "K 5.9 yesterday, now 4.6"; in "K 5.9, now 3 days on" the number counts something else
_NOW = re.compile(
    rf"(?: (?:yesterday|earlier|initially|on admission|on arrival)[a-z ]{{0,12}})?"
    rf"[,;]? (?:and )?now (?:{NUMBER})(?=[ ]*(?:[,;)\n]|\.(?!\d)|$))"
)
_BAR = re.compile(rf"(?:\s*\|\s*(?:{NUMBER})(?=\s*(?:\||\n|$)))+")
PAIRED = ("sbp_mmhg", "dbp_mmhg")
_TROPONIN = re.compile(r"\b(?:trop(?:onin)?|hs-?trop|anti-?xa|vit(?:amin)?)\W*$", re.IGNORECASE)
_AGE_AFTER = re.compile(r"\s?(?:[MF]\b|y(?:/?o|\.o\.|rs?|ears?)(?!\w))")
_BLANK = re.compile(r"[ \t]+")
_STOOLS = re.compile(r"BMs?", re.IGNORECASE)     # a glucose, or the day's motions
_CHANGED = re.compile(r"\b(?:up|down)\b(?!\s+to)|\bby\b", re.IGNORECASE)
MOST_POINTS = 40        # points of a list


def find(text: str) -> list[Measurement]:
    """Every measurement of the text, in text order; context (family, history) is not read here."""
    text = text.translate(_PLAIN)
    found = [*sizes.pressures(text), *sizes.heights(text), *_respective(text)]
    taken = [m.span for m in found]
    for item in (*_named(text), *_patterns(text), *_weeks(text), *sizes.bare_sizes(text), *_described(text)):
        if not any(item.span.start < span.end and span.start < item.span.end for span in taken):
            found.append(item)
            taken.append(item.span)
    return sorted(_trends(text, found), key=lambda item: (item.span.start, item.name))


def _named(text: str) -> Iterator[Measurement]:
    for match in _name_pattern().finditer(text):
        name, spelling = _names()[_spaced(match["name"])], match["name"]
        ranged = _AFTER.match(text, match.end("n")) and "-" in text[match.end("n") : match.end("n") + 3]
        if ranged or _too_short(spelling, text[match.end("name") :]) or _no_value(text, match, name):
            continue
        if text[match.end("n") : match.end("n") + 1] == "/" and name not in ("gcs_points", "phq9_points"):
            unit_text = text[match.end("n") : match.end("n") + 12]
            if not re.match(r"/\s*(?:min|mm|u?l|µl|hpf|h)", unit_text, re.IGNORECASE):
                continue
        unit, end = _unit_at(text, match.end("n"), name)
        if unit or not _other_unit(text, match.end("n")):
            bound: Bound = ">" if match["above"] else "<" if match["below"] else ""
            yield replace(settled(text, measured(name, to_number(match["n"]), unit, Span(match.start("name"), end))), bound=bound)


def _described(text: str) -> Iterator[Measurement]:
    """A name, some words, and a number whose unit is one of that name's; no other name stands between them."""
    for match in _gap_pattern().finditer(text):
        name = _names()[_spaced(match["name"])]
        unit, end = _unit_at(text, match.end("n"), name)
        between = text[match.end("name") : match.start("n")]
        if sizes.CHANGE.search(between) or _no_value(text, match, name):
            continue
        if unit and not _too_short(match["name"], between) and not _any_name().search(between):
            yield measured(name, to_number(match["n"]), unit, Span(match.start("name"), end))


def _no_value(text: str, match: re.Match[str], name: str) -> bool:
    """Whether a name and a number that stand together are something else: a list's next point, a change, an age, a year, another word."""
    spelling, between, number = match["name"], text[match.end("name") : match.start("n")], match["n"]
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end("n") : match.end("n") + 8]
    if len(spelling) <= 2 and ("\n" in between or before.endswith("/") or _TROPONIN.search(before)):     # "A/P: 50% necrosis", "Trop T 45"
        return True
    aged = _AGE_AFTER.match(after) and not _unit_at(text, match.end("n"), name)[0]
    if aged or (name == "weight_kg" and _CHANGED.search(between)):      # "Pt 67F", "Wt up 6 kg"
        return True
    if re.fullmatch(r"(?:19|20)\d\d", number) and len(spelling) <= 2 and not re.match(r"\s*[A-Za-z%]+/", after):      # "breast Ca 2008"
        return True
    if name == "age_years" and demographics.EVENT_AGE.search(text[max(0, match.start() - 30) : match.start()]):     # "asthma since age 10"
        return True
    if _STOOLS.fullmatch(spelling) and re.fullmatch(r"\d", number) and not _unit_at(text, match.end("n"), name)[0]:      # "BM 3 today"
        return True
    return number.isdigit() and _counts_up(text, match, int(number))


def _counts_up(text: str, match: re.Match[str], number: int) -> bool:
    """Whether a number is the mark of a list's point: "1. Hyperkalaemia 2. Gout"; the point before or after it stands in the text too."""
    mark = re.match(r"[.)]\s+(?=[^\W\d])", text[match.end("n") : match.end("n") + 6])
    beside = [rf"(?<![\d.]){other}[.)]\s" for other in (number - 1, number + 1) if other]
    below = "\n" in text[match.end("name") : match.start("n")]
    return bool(mark) and number < MOST_POINTS and (below or any(re.search(pattern, text) for pattern in beside))


def _trends(text: str, found: list[Measurement]) -> Iterator[Measurement]:
    """A measurement with what follows it: "K 5.9 -> 4.8" is 4.8 now; so is the last column of a table whose days go up."""
    for item in found:
        chain = _ARROW.match(text, item.span.end) or _NOW.match(text, item.span.end)
        chain = chain or (_BAR.match(text, item.span.end) if _days_go_up(text, item.span.start) else None)
        numbers = list(re.finditer(NUMBER, chain[0])) if chain and item.name in measurements() and item.name not in PAIRED else []
        if not chain or not numbers:
            yield item
            continue
        unit, end = _unit_at(text, chain.end(), item.name)
        unit = item.raw_unit or unit
        yield replace(measured(item.name, item.raw_value, unit, item.span), when="history")
        for number in numbers:
            span = Span(chain.start() + number.start(), chain.start() + number.end())
            last = number is numbers[-1]
            value = measured(item.name, to_number(number[0]), unit, Span(span.start, max(end, span.end)) if last else span)
            yield value if last else replace(value, when="history")


def _days_go_up(text: str, place: int) -> bool:
    """Whether the columns above a place are days in order: "Labs 12/06 | 12/07 | 12/08"."""
    for line in reversed(text[:place].splitlines()[-12:]):
        days = [tuple(map(int, day)) for day in re.findall(r"\b(\d{1,2})/(\d{1,2})\b", line)] if "|" in line else []
        if len(days) > 1:
            return days == sorted(days)
    return False


def _respective(text: str) -> Iterator[Measurement]:
    """ "Sodium, potassium and chloride were 140, 3.9 and 101 mmol/L, respectively": names and numbers in the same order."""
    start = 0
    for word in re.finditer(r"\brespectively\b", text):
        begin = max((stop.end() for stop in _STOP.finditer(text, start, word.start())), default=start)
        names = list(_any_name().finditer(text, begin, word.start()))
        first = re.compile(r"\d").search(text, names[-1].end() if names else word.start(), word.start())
        start = word.end()
        if len(names) < 2 or not first:
            continue
        numbers = list(re.compile(rf"(?<![\w.])(?:{NUMBER})").finditer(text, first.start(), word.start()))
        if len(numbers) == len(names):
            yield from _paired(text, [_names()[_spaced(name[0])] for name in names], names, numbers)


def _paired(text: str, kinds: list[str], names: list[re.Match[str]], numbers: list[re.Match[str]]) -> Iterator[Measurement]:
    units = [_unit_at(text, number.end(), kind) for kind, number in zip(kinds, numbers, strict=True)]
    shared = units[-1][0]
    for kind, name, number, (unit, end) in zip(kinds, names, numbers, units, strict=True):
        known = unit or (shared if convert(kind, 1.0, shared) else "")
        yield measured(kind, to_number(number[0]), known, Span(name.start(), max(end, number.end())))


def _unit_at(text: str, place: int, name: str) -> tuple[str, int]:
    """The unit that stands at a place, unless it is the next name with its number: "WBC 12 K 4.0"."""
    unit, end = values.unit_at(text, place, name)
    return ("", place) if unit and _next_name(text, place) else (unit, end)


def _next_name(text: str, place: int) -> bool:
    """Whether another measurement begins at a place: in "K 2.1 Mg 0.4" and "T 38.9 HR 168" the next name is no unit."""
    blank = _BLANK.match(text, place)
    following = _name_pattern().match(text, blank.end()) if blank else None
    return following is not None and not _too_short(following["name"], text[following.end("name") :])


def _too_short(spelling: str, rest: str) -> bool:
    """One- and two-letter names count only as written in a chart: "K 5.2", "Na: 133", not "p 5" or "cr 3" inside prose."""
    return len(spelling) <= 2 and spelling.islower() and not re.match(r"\s*[:=]", rest)


def _other_unit(text: str, place: int) -> bool:
    """Whether a unit of something else follows: a dose, a duration, a percentage."""
    return not _next_name(text, place) and bool(
        re.match(
            r"\s*(?:%|(?:kg|kilograms?|cm|lbs?|pounds|mm\s?hg|bpm|mg|mcg|g|days?|weeks?|months?|years?|hours?|hrs?|h|minutes?|times|doses?|tablets?|ml|units?)\b(?!/))",
            text[place : place + 12],
            re.IGNORECASE,
        )
    )


def _weeks(text: str) -> Iterator[Measurement]:
    """Weeks of forty: "34+5/40"."""
    for weeks, span in demographics.gestation(text):
        yield Measurement("gestation_weeks", weeks, span, weeks, "weeks")


def _patterns(text: str) -> Iterator[Measurement]:
    """Numbers that are written as phrases ("symptoms began 2 hours ago"): rows of facts.toml."""
    for row, pattern in _rows():
        for match in pattern.finditer(text):
            raw = to_number(match["n"])
            name = str(row["name"])
            yield Measurement(
                name,
                raw * float(row.get("factor", 1.0)),
                Span(match.start("n"), match.end("n")) if row.get("tight") else Span(match.start(), match.end()),
                raw,
                str(row.get("unit", "")),
                float(row.get("factor", 1.0)),
            )


@cache
def _rows() -> tuple[tuple[dict[str, str], re.Pattern[str]], ...]:
    return tuple((row, re.compile(row["pattern"], re.IGNORECASE)) for row in read_table("facts")["measurement"])


@cache
def _names() -> dict[str, str]:
    return {_spaced(spelling): row.name for row in measurements().values() for spelling in row.names}


def _spaced(text: str) -> str:
    return re.sub(r"[\s-]+", " ", text.lower())


@cache
def _spellings() -> str:
    spellings = sorted(_names(), key=len, reverse=True)
    return "|".join(re.escape(spelling).replace(r"\ ", r"[\s-]+") for spelling in spellings)


@cache
def _name_pattern() -> re.Pattern[str]:
    link = _LINK.replace("LINKS", "|".join(read_table("facts")["links"]["words"])).replace("BOUND", _BOUND)
    return re.compile(rf"(?<![\w-])(?P<name>{_spellings()})(?![\w-]){link}(?P<n>{NUMBER})(?![\d.]*\d)", re.IGNORECASE)


@cache
def _gap_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?P<name>{_spellings()})(?![\w-]){_GAP}(?P<n>{NUMBER})(?![\d.]*\d)", re.IGNORECASE)


@cache
def _any_name() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_spellings()})(?![\w-])", re.IGNORECASE)
