"""Numbers of the chart: vital signs, laboratory values and sizes, in the unit of the measurement table, with their place.

Where a unit is missing, the table's unit is taken if the value can be that of a living person, else another unit in which it can;
either way the flag says that the unit was assumed. A value that is impossible in every unit is kept and flagged, never mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from assistant.records import Bound, Measurement, Span
from knowledge_base.lexicon import read_table
from knowledge_base.tables import NUMBER, MeasurementKind, convert, measurements, spelled, to_number

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
_BAR = re.compile(rf"(?:\s*\|\s*(?:{NUMBER})(?=\s*(?:\||\n|$)))+")
PAIRED = ("sbp_mmhg", "dbp_mmhg")
_TROPONIN = re.compile(r"\b(?:trop(?:onin)?|hs-?trop|anti-?xa|vit(?:amin)?)\W*$", re.IGNORECASE)
_AGE_AFTER = re.compile(r"\s?(?:[MF]\b|y(?:/?o|rs?|ears?)\b)")
_CHANGED = re.compile(r"\b(?:up|down)\b(?!\s+to)|\bby\b", re.IGNORECASE)
MOST_POINTS = 40        # points of a list
_PRESSURE = re.compile(
    r"(?:\b(?P<name>BP|blood pressure|B/P|pressure)\b[^\d\n.;]{0,40}?)?(?<![\d/.])(?P<s>\d{2,3})\s*(?:/|over)\s*(?P<d>\d{2,3})(?![\d/])"
    r"(?P<unit>\s*mm\s*Hg)?", re.IGNORECASE,
)  # fmt: skip
_BOTH_PRESSURES = re.compile(
    r"\bsystolic and diastolic\b[^\d\n.;]{0,50}?(?P<s>\d{2,3})(?:\s*mm\s*Hg)?\s*(?:and|/)\s*(?P<d>\d{2,3})(?![\d/])"
    r"(?P<unit>\s*mm\s*Hg)?", re.IGNORECASE,
)  # fmt: skip
_FEET = re.compile(
    r"(?<![\d/])(?P<ft>[3-7])\s*(?:'|′|ft\.?|feet|foot)\s*(?:(?P<inch>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|''|in\.?|inches|inch)?)?(?![\d/])",
    re.IGNORECASE,
)
_METRE_AND = re.compile(r"\b1\s?(?:m|met(?:re|er)s?)\s?(?P<cm>\d{2})\b(?!\s?\d)", re.IGNORECASE)
CHANGE = re.compile(r"\b(?:loss|lost|losing|gain(?:ed|ing)?|reduction|decrease)\b", re.IGNORECASE)    # "weight loss of 10 kg" is no weight
SIZES = {
    **dict.fromkeys(("kg", "kilograms", "lb", "lbs", "pounds"), "weight_kg"), **dict.fromkeys(("cm", "m", "meters", "metres"), "height_cm"),
}  # fmt: skip
SIZE_UNITS = {"meters": "m", "metres": "m", "kilograms": "kg", "lbs": "lb", "pounds": "lb"}
_SIZE = re.compile(
    r"(?<![\w./-])(?P<n>\d{2,3}(?:\.\d+)?|\d\.\d{1,2}(?=[\s-]?k)|[12]\.\d{1,2}(?=[\s-]?m))[\s-]?(?P<unit>kg|kilograms|lbs?|pounds|cm|meters|metres|m)"
    r"(?![\w/²2])", re.IGNORECASE,
)  # fmt: skip
_TALL = re.compile(r"\b(?:height|tall|stature|ht)\b", re.IGNORECASE)
_SIZE_CONTEXT = re.compile(r"\b(?:weigh\w*|weight|wt|height|ht|tall|stature|bmi|\d+\s?kg|\d+\s?cm)\b", re.IGNORECASE)


def find(text: str) -> list[Measurement]:
    """Every measurement of the text, in text order; context (family, history) is not read here."""
    text = text.translate(_PLAIN)
    found = [*_pressures(text), *_heights(text), *_respective(text)]
    taken = [m.span for m in found]
    for item in (*_named(text), *_patterns(text), *_bare_sizes(text), *_described(text)):
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
        unit, end = unit_at(text, match.end("n"), name)
        if unit or not _other_unit(text, match.end("n")):
            bound: Bound = ">" if match["above"] else "<" if match["below"] else ""
            yield replace(measured(name, to_number(match["n"]), unit, Span(match.start("name"), end)), bound=bound)


def _described(text: str) -> Iterator[Measurement]:
    """A name, some words, and a number whose unit is one of that name's; no other name stands between them."""
    for match in _gap_pattern().finditer(text):
        name = _names()[_spaced(match["name"])]
        unit, end = unit_at(text, match.end("n"), name)
        between = text[match.end("name") : match.start("n")]
        if CHANGE.search(between) or _no_value(text, match, name):
            continue
        if unit and not _too_short(match["name"], between) and not _any_name().search(between):
            yield measured(name, to_number(match["n"]), unit, Span(match.start("name"), end))


def _no_value(text: str, match: re.Match[str], name: str) -> bool:
    """Whether a name and a number that stand together are something else: a list's next point, a change, an age, a year, another word."""
    spelling, between, number = match["name"], text[match.end("name") : match.start("n")], match["n"]
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end("n") : match.end("n") + 8]
    if len(spelling) <= 2 and ("\n" in between or before.endswith("/") or _TROPONIN.search(before)):     # "A/P: 50% necrosis", "Trop T 45"
        return True
    aged = _AGE_AFTER.match(after) and not unit_at(text, match.end("n"), name)[0]
    if aged or (name == "weight_kg" and _CHANGED.search(between)):      # "Pt 67F", "Wt up 6 kg"
        return True
    if re.fullmatch(r"(?:19|20)\d\d", number) and len(spelling) <= 2 and not re.match(r"\s*[A-Za-z%]+/", after):      # "breast Ca 2008"
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
        chain = _ARROW.match(text, item.span.end) or (_BAR.match(text, item.span.end) if _days_go_up(text, item.span.start) else None)
        numbers = list(re.finditer(NUMBER, chain[0])) if chain and item.name in measurements() and item.name not in PAIRED else []
        if not chain or not numbers:
            yield item
            continue
        unit, end = unit_at(text, chain.end(), item.name)
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
    units = [unit_at(text, number.end(), kind) for kind, number in zip(kinds, numbers, strict=True)]
    shared = units[-1][0]
    for kind, name, number, (unit, end) in zip(kinds, names, numbers, units, strict=True):
        known = unit or (shared if convert(kind, 1.0, shared) else "")
        yield measured(kind, to_number(number[0]), known, Span(name.start(), max(end, number.end())))


def _too_short(spelling: str, rest: str) -> bool:
    """One- and two-letter names count only as written in a chart: "K 5.2", "Na: 133", not "p 5" or "cr 3" inside prose."""
    return len(spelling) <= 2 and spelling.islower() and not re.match(r"\s*[:=]", rest)


def _other_unit(text: str, place: int) -> bool:
    """Whether a unit of something else follows: a dose, a duration, a percentage."""
    return bool(
        re.match(
            r"\s*(?:kg|kilograms?|cm|lbs?|pounds|mm\s?hg|bpm|mg|mcg|g|days?|weeks?|months?|years?|hours?|hrs?|h|minutes?|times|doses?|tablets?|ml|units?)\b(?!/)",
            text[place : place + 12],
            re.IGNORECASE,
        )
    )


def measured(name: str, raw: float, unit: str, span: Span) -> Measurement:
    """A measurement with its value converted and its doubts flagged."""
    row = measurements()[name]
    if unit and (found := convert(name, raw, unit)):
        value, factor = found
        return Measurement(name, value, span, raw, unit, factor, flag=_doubt(row, value))
    if unit:
        return Measurement(name, raw, span, raw, unit, flag=f"impossible: unit {unit} is not known for {row.label}")
    return _without_unit(row, raw, span)


UNCLEAR = "unit unclear"


def _without_unit(row: MeasurementKind, raw: float, span: Span) -> Measurement:
    """A bare number in the unit in which it is possible; where two are usual the doubt is flagged, and no rule may use it."""
    if row.usual:
        units = [unit for unit in row.also if row.usual[0] <= (convert(row.name, raw, unit) or (raw, 1.0))[0] <= row.usual[1]]
        own = row.usual[0] <= raw <= row.usual[1]
        if units and own:
            return Measurement(row.name, raw, span, raw, "", flag=f"{UNCLEAR}: {row.unit} or {' or '.join(units)}")
        if units:
            value, factor = convert(row.name, raw, units[0]) or (raw, 1.0)
            return Measurement(row.name, value, span, raw, units[0], factor, flag=f"unit assumed: {units[0]}")
    if row.low <= raw <= row.high:
        differ = any(rule.factor != 1 for rule in row.also.values())        # 140 mmol/L of sodium are 140 mEq/L
        flag = f"unit assumed: {row.unit}" if differ and row.unit else ""
        return Measurement(row.name, raw, span, raw, "", flag=flag)
    for unit in row.also:
        value, factor = convert(row.name, raw, unit) or (raw, 1.0)
        if row.low <= value <= row.high:
            return Measurement(row.name, value, span, raw, unit, factor, flag=f"unit assumed: {unit}")
    return Measurement(row.name, raw, span, raw, "", flag=_doubt(row, raw))


def _doubt(row: MeasurementKind, value: float) -> str:
    return "" if row.low <= value <= row.high else f"impossible: {value:g} {row.unit} is outside {row.low:g}-{row.high:g}"


def unit_at(text: str, place: int, name: str) -> tuple[str, int]:
    """The unit of that measurement which stands at a place, and where it ends; ("", place) when there is none."""
    match = _unit_patterns()[name].match(text, place)
    return (match[1], match.end(1)) if match else ("", place)


def _pressures(text: str) -> Iterator[Measurement]:
    for match in (*_PRESSURE.finditer(text), *_BOTH_PRESSURES.finditer(text)):
        systolic, diastolic = float(match["s"]), float(match["d"])
        if re.search(r"[<≤]\s*$|\b(?:below|under|less than)\s*$", text[max(0, match.start("s") - 12) : match.start("s")]):
            continue        # a target is no pressure
        spoken = " over " in match.group() and diastolic >= 50        # "231 over 138" needs no name
        if not (match.groupdict().get("name", "systolic") or match["unit"] or spoken) or diastolic >= systolic or not 40 <= systolic <= 300:
            continue
        span = Span(match.start(), match.end())
        yield measured("sbp_mmhg", systolic, "mmHg", span)
        yield measured("dbp_mmhg", diastolic, "mmHg", span)


def _heights(text: str) -> Iterator[Measurement]:
    for match in _METRE_AND.finditer(text):
        yield Measurement("height_cm", 100.0 + float(match["cm"]), Span(match.start(), match.end()), 100.0 + float(match["cm"]), "cm")
    for match in _FEET.finditer(text):
        inches = 12 * float(match["ft"]) + float(match["inch"] or 0)
        if match["inch"] or _SIZE_CONTEXT.search(text[max(0, match.start() - 30) : match.end() + 10]):
            yield Measurement("height_cm", inches * 2.54, Span(match.start(), match.end()), inches, "in", 2.54)


_PERSON = re.compile(
    r"(?<![A-Za-z])(?:year|yo|y/o|man|woman|male|female|patient|child|boy|girl|infant|baby|toddler|newborn)\b"
    r"|\b\d{1,3} ?(?:[MF]\b|y(?:r|rs|ears?)?\b|mo(?:nths?)?\b|w(?:k|ks|eeks?)?\b)"
)


def _bare_sizes(text: str) -> Iterator[Measurement]:
    """ "70 kg" and "175 cm" without a name, where the text around speaks of the body."""
    for match in _SIZE.finditer(text):
        around = text[max(0, match.start() - 40) : match.start()] + text[match.end() : match.end() + 40]
        name, metres = SIZES[match["unit"].lower()], match["unit"].lower()[0] == "m"
        if CHANGE.search(around) or metres != ("." in match["n"] and float(match["n"]) < 3):
            continue
        if metres and not _TALL.search(around):
            continue
        if _SIZE_CONTEXT.search(around) or (
            name == "weight_kg" and _PERSON.search(around)
        ):
            unit = SIZE_UNITS.get(match["unit"].lower(), match["unit"].lower())
            yield measured(name, float(match["n"]), unit, Span(match.start(), match.end()))


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


@cache
def _unit_patterns() -> dict[str, re.Pattern[str]]:
    return {name: _unit_pattern(row) for name, row in measurements().items()}


def _unit_pattern(row: MeasurementKind) -> re.Pattern[str]:
    known = {spelled(unit) for unit in (row.unit, *row.also) if unit}
    spellings = {unit for unit in (row.unit, *row.also, *read_table("facts")["units"]["spellings"]) if unit and spelled(unit) in known}
    words = "|".join(re.escape(unit).replace(r"\ ", r"\s*") for unit in sorted(spellings, key=len, reverse=True))
    return re.compile(rf"\s*[-(]?\s*(?:°\s?|degrees?\s*|deg\s*)?({words})(?![a-z0-9/])" if words else r"(?!)()", re.IGNORECASE)
