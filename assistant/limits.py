"""What a text may be that comes in by a door: not empty, not binary, not endless."""

from __future__ import annotations

from assistant.errors import InputError

MAX_QUESTION, MAX_NOTE = 20_000, 400_000


def checked(question: str, note: str = "") -> None:
    """Refuse what cannot be used, with one line that says what came and what is allowed."""
    if not question.strip():
        raise InputError("the question is empty; write what you want to know")
    if "\0" in question or "\0" in note:
        raise InputError("the text holds NUL bytes: this is a binary file; give plain text")
    if len(question) > MAX_QUESTION:
        raise InputError(f"the question has {len(question):,} characters; allowed: {MAX_QUESTION:,}. Give long text as a note")
    if len(note) > MAX_NOTE:
        raise InputError(f"the note has {len(note):,} characters; allowed: {MAX_NOTE:,}. Split it")
