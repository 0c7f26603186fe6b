"""What the command line was given, turned into text and values; what cannot be used is refused in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from assistant.errors import InputError


def text_of(given: str) -> str:
    """Text as given; the content of the file where it names one; standard input for "-"."""
    if given == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    if len(given) < 1024 and "\n" not in given and (path := Path(given)).suffix and path.is_file():
        return _decoded(path.read_bytes(), path.name)
    return given


def note_of(path: Path | None) -> str:
    """Content of a text file; empty without one."""
    if path is None:
        return ""
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of a text file")
    return _decoded(path.read_bytes(), path.name)


def _decoded(raw: bytes, name: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text; save it as plain text") from error
    if "\0" in text:
        raise InputError(f"{name} is a binary file; give plain text")
    return text


def pairs_of(items: list[str]) -> dict[str, Any]:
    """`name=value` words as inputs: yes/no become booleans, numbers numbers, unknown None; "150 umol/L" stays text."""
    pairs = [item.partition("=") for item in items]
    if bad := [name for name, equals, _ in pairs if not equals]:
        raise InputError(f"'{bad[0]}' is no name=value pair; write for example age_years=70")
    return {name.strip(): _value(value.strip()) for name, _, value in pairs}


def _value(text: str) -> Any:
    words = {"yes": True, "true": True, "no": False, "false": False, "unknown": None}
    if text.lower() in words:
        return words[text.lower()]
    try:
        return float(text)
    except ValueError:
        return text
