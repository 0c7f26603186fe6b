"""Names of hospitals, firms and schools: words with capitals before or after the word that says what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.privacy.words import common, rank
from assistant.records import Span
from knowledge_base.lexicon import read_table

_CAPITAL = r"(?:(?:St\.|[^\W\d_a-z][^\W\d_]*(?:['’&-][^\W\d_]+)*|\d(?=[ ])))"


def organisations(text: str) -> Iterator[Span]:
    """Spans in text order within each form."""
    for form, pattern in _patterns():
        for match in pattern.finditer(text):
            start = match.start() + _idle(match["own"])
            own = match["own"][_idle(match["own"]) :]
            if _owned(own, form):
                yield Span(start if form != "after" else match.start(), match.end())


def _idle(words: str) -> int:
    """Length of the words at the start that open a sentence: The, At, In."""
    found = re.match(r"(?:(?:The|A|An|At|In|From|To|Of|By|For|On|With|Our|His|Her|Admitted|Seen|Transferred|Referred)\s+)*", words)
    return len(found[0]) if found else 0


def _owned(words: str, form: str) -> bool:
    """Whether the words name one of its kind, not any: Royal Free Hospital, not Day Hospital."""
    found = re.findall(r"[^\W\d_]+", words)
    if form in ("firm", "after"):
        return bool(found)
    if form == "house":
        return any(word.lower() not in _generic() for word in found if len(word) > 1)
    return any(rank(word) in ("name", "perhaps") or word in ("St", "Mayo") for word in found)


@cache
def _generic() -> frozenset[str]:
    own = {"st", "best", "north", "south", "east", "west", "great"}
    return frozenset(read_table("identifiers")["organisations"]["generic"].split()) | (common() - own)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = read_table("identifiers")["organisations"]
    own = rf"(?P<own>(?:{_CAPITAL}(?:,?[ ](?:of|the|and|&|de|la)){{0,2}}[ ]){{1,6}})"
    return (
        ("house", re.compile(rf"(?<!\w){own}{rows['houses']}(?!\w)(?:[ ]of[ ](?:the[ ])?{_CAPITAL})?")),
        ("firm", re.compile(rf"(?<!\w)(?P<own>(?:{_CAPITAL},?[ ]){{1,5}}){rows['firms']}(?!\w)\.?")),
        ("school", re.compile(rf"(?<!\w){own}{rows['schools']}(?!\w)")),
        ("after", re.compile(rf"(?<!\w){rows['of']}[ ]of[ ](?:the[ ])?(?P<own>{_CAPITAL}(?:[ ]{_CAPITAL}){{0,3}})")),
    )
