"""Reading grade of a text: Flesch-Kincaid and SMOG, with our own count of syllables (knowledge_base/syllables.toml).

Sources: Kincaid JP et al. 1975 (Navy Research Branch Report 8-75); McLaughlin GH. J Reading 1969;12:639-646.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from knowledge_base.lexicon import read_table

_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['-][A-Za-zÀ-ÿ]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\n+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|approx|Dr|St)\.$")
_SPOKEN_ES = re.compile(r"(?:[scxz]|sh|ch|g)es$")
_VOWELS = re.compile(r"[aeiouy]+")
HARD = 3    # syllables of a word that SMOG counts


def sentences(text: str) -> list[str]:
    """Sentences of a plain text: ended by . ! or ? before a space, or by a line's end; decimals and "e.g." do not end one."""
    found: list[str] = []
    for part in _SENTENCE.split(text.strip()):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += f" {part}"
        elif re.search(r"[A-Za-z]", part):
            found.append(part)
    return found


def words(text: str) -> list[str]:
    """Words that are read aloud as words; "low-fat" is one, "5 mg" holds one."""
    return _WORD.findall(text)


@cache
def syllables(word: str) -> int:
    """Syllables of one word, at least 1; each letter of a capital abbreviation is spoken, the parts of a hyphenated word add up.

    >>> [syllables(word) for word in ("heart", "diabetes", "ECG", "low-fat")]
    [1, 4, 3, 2]
    """
    if "-" in word:
        return sum(syllables(part) for part in word.split("-") if part)
    if word.isupper() and 2 <= len(word) <= 4:
        return len(word) + 2 * word.count("W")
    lower = re.sub(r"'(?:s|re|ll|ve|d|m|t)?$", "", word.lower())
    return _exceptions().get(lower) or _counted(lower)


def _counted(word: str) -> int:
    count = len(_VOWELS.findall(word))
    if _silent_end(word):
        count -= 1
    joins, parts = _rules()
    count -= sum(1 for pattern in joins if pattern.search(word))
    count += sum(1 for pattern in parts if pattern.search(word))
    return max(1, count)


def _silent_end(word: str) -> bool:
    """Whether the last written vowel is not spoken: "take", "takes", "used"; but "table", "doses", "needed"."""
    if word.endswith("e"):
        return not re.search(r"[^aeiouy]le$|[aeiouy]e$", word)
    if word.endswith("es"):
        return not _SPOKEN_ES.search(word) and not re.search(r"[^aeiouy]les$|[aeiouy]es$", word)
    return word.endswith("ed") and not re.search(r"[td]ed$|[aeiouy]ed$", word)


@cache
def _exceptions() -> Mapping[str, int]:
    return dict(read_table("syllables")["exceptions"])


@cache
def _rules() -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    rules = read_table("syllables")["rules"]
    return [re.compile(p) for p in rules["joins"]], [re.compile(p) for p in rules["parts"]]


def flesch_kincaid(text: str) -> float:
    """US school grade: 0.39 words per sentence + 11.8 syllables per word - 15.59; 0 for a text without words.

    >>> round(flesch_kincaid("The cat sat on the mat."), 2)
    -1.45
    """
    spoken = words(text)
    count = max(1, len(sentences(text)))
    if not spoken:
        return 0.0
    return 0.39 * len(spoken) / count + 11.8 * sum(map(syllables, spoken)) / len(spoken) - 15.59


def smog(text: str) -> float:
    """US school grade: 1.043 sqrt(words of 3 or more syllables * 30 / sentences) + 3.1291."""
    count = max(1, len(sentences(text)))
    hard = sum(1 for word in words(text) if syllables(word) >= HARD)
    return 1.043 * math.sqrt(hard * 30 / count) + 3.1291
