"""What the command line was given, turned into text and values; what cannot be used is refused in one line."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from assistant.errors import InputError

# one word with the ending of a text file; a folder before it may hold blanks
_FILE = re.compile(r"(?:[^\n]{0,900}[/\\])?[^\s/\\]{1,200}\.(?:txt|md|text|rst|csv|json|html?|pdf|docx?|rtf)", re.IGNORECASE)


def text_of(given: str) -> str:
    """Text as given; the content of the file where it names one; standard input for "-".

    Raises:
        InputError: what looks like the name of a text file is none: a path misspelt is no note.
    """
    if given == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    short = len(given) < 256 and "\n" not in given
    named = short and ((Path(given).suffix and Path(given).is_file()) or (os.sep in given and Path(given).exists()))
    return note_of(Path(given)) if named or _FILE.fullmatch(given) else given


def note_of(path: Path | None) -> str:
    """Content of a text file; empty without one."""
    if path is None:
        return ""
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of a text file")
    return _decoded(path.read_bytes(), path.name)


def saved(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
            beside.write(content)
        os.replace(beside.name, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); give a file in a folder that exists") from error


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
