"""Reading grade of a text: Flesch-Kincaid and SMOG.

Sources: Kincaid JP et al. 1975 (Navy Research Branch Report 8-75); McLaughlin GH. J Reading 1969;12:639-646.
Syllables are counted by textstat's dictionary (MIT).
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any


def sentences(text: str) -> list[str]:
    """Sentences of a plain text: ended by . ! or ? before a space, or by a line's end; decimals do not end one."""
    return [part for part in re.split(r"(?<=[.!?])\s+|\n+", text.strip()) if re.search(r"[A-Za-z]", part)]


def words(text: str) -> list[str]:
    """Words that are read aloud as words."""
    return re.findall(r"[A-Za-z][A-Za-z'-]*", text)


@cache
def syllables(word: str) -> int:
    """Syllables of one word, at least 1."""
    return max(1, int(_textstat().syllable_count(word)))


@cache
def _textstat() -> Any:
    import textstat

    return textstat


def flesch_kincaid(text: str) -> float:
    """US school grade: 0.39 words per sentence + 11.8 syllables per word - 15.59.

    >>> round(flesch_kincaid("The cat sat on the mat."), 2)
    -1.45
    """
    spoken = words(text)
    count = max(1, len(sentences(text)))
    if not spoken:
        return 0.0
    return 0.39 * len(spoken) / count + 11.8 * sum(map(syllables, spoken)) / len(spoken) - 15.59


def smog(text: str) -> float:
    """US school grade: 1.043 sqrt(polysyllables * 30 / sentences) + 3.1291."""
    count = max(1, len(sentences(text)))
    hard = sum(1 for word in words(text) if syllables(word) >= 3)
    return 1.043 * math.sqrt(hard * 30 / count) + 3.1291
