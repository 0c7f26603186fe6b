"""Tests that a number must pass before it is masked as what its shape says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date


def nhs(text: str) -> bool:
    """Ten digits whose last is the check digit of an NHS number (modulus 11, NHS Data Dictionary).

    >>> nhs("943 476 5919"), nhs("943 476 5918")
    (True, False)
    """
    digits = [int(sign) for sign in re.sub(r"\D", "", text)]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return len(digits) == 10 and check != 10 and check % 11 == digits[9]


def vin(text: str) -> bool:
    """Seventeen signs whose ninth is the check digit of a vehicle (49 CFR 565.15)."""
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", [*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10), *range(10)], strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    return text[8] == "0123456789X"[sum(values[sign] * weight for sign, weight in zip(text, weights, strict=True)) % 11]


def iban(text: str) -> bool:
    """A bank account whose remainder is 1 (ISO 13616, modulus 97)."""
    signs = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


def real_date(text: str) -> bool:
    """Day and month can be those of a date, in one order at least: 56/23/35 and 30.5/28 are lab values."""
    parts = [int(part) for part in re.split(r"[-/.]", re.split(r"[ T]", text)[0])]
    year, first, second = (parts[0], *parts[1:]) if parts[0] > 1000 else (parts[2], *parts[:2])
    orders = ((second, first), (first, second)) if parts[0] <= 1000 else ((second, first),)
    return any(_possible(year if year > 1000 else 2000 + year, month, day) for day, month in orders)


def _possible(year: int, month: int, day: int) -> bool:
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False


def real_day(text: str) -> bool:
    """The day of a month in words is one of 31."""
    found = re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    return found is not None and 1 <= int(found[0]) <= 31


def phone(text: str) -> bool:
    """Enough digits after a label, and no decimal: "call" also stands before other numbers."""
    return len(re.sub(r"\D", "", text)) >= 3 and not re.match(r"\d+\.\d+(?:\s|$)", text)


CHECKS: Mapping[str, Callable[[str], bool]] = {"nhs": nhs, "vin": vin, "iban": iban, "date": real_date, "day": real_day, "phone": phone}
