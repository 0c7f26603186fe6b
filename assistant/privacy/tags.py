"""What stands in a copy for an identifier: its kind, the same for the same person or number; for a date, its distance from the first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.records import Span

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FAR = 89 * 365  # days: a longer distance would tell an age that is to be hidden


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that was masked, and its kind; `note` is what of it may be told."""

    kind: str
    span: Span
    note: str = ""


def tags(text: str, items: Sequence[Identifier]) -> list[str]:
    """A tag for each item, in their order: [NAME], [NAME 2], [DATE], [DATE+3], [COUNTRY in Western Africa]."""
    said = [text[item.span.start : item.span.end] for item in items]
    days = _days([value for item, value in zip(items, said, strict=True) if item.kind == "DATE"])
    numbers: dict[str, list[frozenset[str]]] = {}
    return [_tag(item, value, days, numbers) for item, value in zip(items, said, strict=True)]


def _tag(item: Identifier, value: str, days: Mapping[str, int], numbers: dict[str, list[frozenset[str]]]) -> str:
    if item.note:
        return f"[{item.kind} {item.note}]"
    if item.kind == "AGE":
        return "[AGE]"
    if value in days:
        return f"[DATE{days[value]:+d}]" if days[value] else "[DATE]"
    number = _number(item.kind, value, numbers.setdefault(item.kind, [frozenset({"date"})] if item.kind == "DATE" and days else []))
    return f"[{item.kind} {number}]" if number > 1 else f"[{item.kind}]"


def _number(kind: str, value: str, seen: list[frozenset[str]]) -> int:
    """The place of a value among those seen; a part of one name, and of no other, is that name."""
    words = frozenset(re.findall(r"\w+", value.lower()))
    same = [place for place, other in enumerate(seen) if words == other]
    if kind == "NAME" and not same:
        same = [place for place, other in enumerate(seen) if words <= other or other <= words]
    if len(same) == 1 or (same and words == seen[same[0]]):
        seen[same[0]] |= words
        return same[0] + 1
    seen.append(words)
    return len(seen)


def _days(values: Sequence[str]) -> dict[str, int]:
    """Days from the first whole date; none when its day and month cannot be told apart."""
    day_first = next((order for value in values if (order := _order(value)) is not None), None)
    read = {value: found for value in values if (found := _read(value, day_first))}
    first = next(iter(read.values()), None)
    return {value: (found - first).days for value, found in read.items() if first and abs((found - first).days) < _FAR}


def _order(value: str) -> bool | None:
    """Whether the day stands first; None when a value does not tell."""
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}", value)
    if not found or (int(found[1]) > 12) == (int(found[2]) > 12):
        return None
    return int(found[1]) > 12


def _read(value: str, day_first: bool | None) -> date | None:
    """A date with its year; 3/4/2024 only where another date of the text tells the order."""
    numbers = [int(number) for number in re.findall(r"\d+", re.split(r"[T ]\d+:", value)[0])]
    month = re.search(r"[A-Za-z]{3,}", re.sub(r"\d+(?:st|nd|rd|th)|of", "", value))
    if month and len(numbers) == 2 and month[0][:3].lower() in _MONTHS:
        return _made(numbers[1], _MONTHS.index(month[0][:3].lower()) + 1, numbers[0])
    if month or len(numbers) != 3:
        return None
    if numbers[0] > 1000:
        return _made(*numbers)
    if day_first is None and numbers[0] != numbers[1]:
        return None
    day, month_number = (numbers[0], numbers[1]) if day_first or numbers[0] == numbers[1] else (numbers[1], numbers[0])
    return _made(numbers[2], month_number, day)


def _made(year: int, month: int, day: int) -> date | None:
    if year < 100:
        return None  # 5/6/49: of which century?
    try:
        return date(year, month, day)
    except ValueError:
        return None
