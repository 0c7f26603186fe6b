"""Handout lines in another language: worded by the model, held to the numbers, negations, drugs and warnings of the English line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant import gate
from assistant.education.meaning import is_warning
from assistant.education.reader import LANGUAGES
from assistant.gate.claims import content_words
from assistant.llm.base import LLM
from assistant.llm.base import Prompt as Turn
from knowledge_base.lexicon import drug_names, read_table
from prompts import load

MAX_TOKENS = 160
STEM = 5                # letters of a drug's name that its translation shares
KNOWN, WARNING_KNOWN = 0.6, 0.8     # share of a line's content words that the term table must hold
SHORTEST, LONGEST = 0.5, 2.5
HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def translated(llm: LLM, text: str, language: str, *, seed: int = 0) -> str:
    """The line in that language, or "" when the model's wording may not stand for it."""
    prompt = load("educate_translate")
    turn = Turn(prompt.system, prompt.render(language=LANGUAGES[language], statement=text))
    words = llm.generate(turn, max_tokens=MAX_TOKENS, seed=seed).strip().split("\n\n")[0].strip()
    return "" if refused(words, text, language) else words


def refused(words: str, text: str, language: str) -> str:
    """Why a translation may not stand for its English line; empty when it may."""
    if reason := _form(words, text, language):
        return reason
    if _numbers(words) != _numbers(text):
        return "a number differs"
    if reason := _terms(words, text, language):
        return reason
    denied = bool(gate.read_claim(text).against) or bool(re.search(r"\b(?:not|never|no|without|avoid)\b", text, re.IGNORECASE))
    if denied != bool(re.search("|".join(read_table(f"handout_{language}")["negation"]["words"]), words, re.IGNORECASE)):
        return "a negation differs"
    return _drugs(words, text)


def _terms(words: str, text: str, language: str) -> str:
    """Every known term of the line is said, and enough of the line is known terms: what cannot be checked is not shown.

    A small model writes fluent lines with a wrong word in them ("call for a slope" for "call for a rash"), so a warning must be known
    nearly word for word.
    """
    terms: Mapping[str, Any] = read_table(f"handout_{language}")["terms"]
    known: set[str] = set()
    for term, forms in terms.items():
        found = re.findall(rf"\b(?:{term})\b", text, re.IGNORECASE)
        if found and not re.search("|".join(forms), words, re.IGNORECASE):
            return f"'{term}' is not said"
        known |= content_words(" ".join(found))
    claims = content_words(text) - content_words(" ".join(gate.read_claim(text).drugs))
    needed = WARNING_KNOWN if is_warning(text) else KNOWN
    count = len(claims & known)
    return "" if count >= needed * len(claims) else f"too few of its words can be checked: {count} of {len(claims)}"


def _form(words: str, text: str, language: str) -> str:
    if not words or words == text:
        return "nothing was translated"
    han = len(HAN.findall(words))
    if language == "zh":
        return "" if han * 2 >= len(re.findall(r"[A-Za-z]", words)) and han * 1.5 >= len(text.split()) else "not in Chinese"
    if han:
        return "not in Spanish"
    return "" if SHORTEST * len(text) <= len(words) <= LONGEST * len(text) else "too short or too long"


def _numbers(text: str) -> list[float]:
    return sorted(float(number.replace(",", ".")) for number in _NUMBER.findall(text))


def _drugs(words: str, text: str) -> str:
    said = words.lower()
    for name in gate.read_claim(text).drugs:
        spellings = [other for other, generic in drug_names().items() if generic == name]
        if not any(spelling[:STEM] in said for spelling in (name, *spellings)):
            return f"the drug {name} is not said"
    return ""
