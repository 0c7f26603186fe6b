"""Whether a rewording still says what its statement says: no number, dose, drug, negation, limit or warning changed or lost.

The gate asks whether a sentence is supported; a rewording is held to more: it may not leave out what protects the reader either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from assistant import gate
from assistant.gate import checks
from assistant.gate.claims import Claim, content_words
from assistant.gate.clauses import stems_in_order
from knowledge_base.lexicon import read_table

MIN_SUPPORT = 0.6       # share of the rewording's words that the statement must hold, lay words mapped back
MIN_KEPT = 0.5          # share of the statement's words that the rewording must hold
REACH = 4               # content words that a negation is sure to reach
_FORWARD = re.compile(r"\b(?:never|not|no|without|don't|cannot)\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(?:no (?:more|longer) than|at most|up to|limit\w*|within|maximum)\b", re.IGNORECASE)
NOTHING = gate.read_claim("")
SPOKEN = "you your yourself someone something help get have this because if call for signs"     # words of address: they claim nothing


def changed(plain: str, statement: str, titles: Sequence[str] = ()) -> str:
    """Why a rewording may not stand for its statement; empty when it may.

    Args:
        plain: the rewording, one or more sentences; lists may stand on lines of their own.
        statement: the guideline statement.
        titles: title and synonyms of the page; their words need not be said again.
    """
    back, stated = same_form(mapped_back(one_line(plain), statement)), same_form(statement)
    said, source = gate.read_claim(back), gate.read_claim(stated)
    verdict = gate.check(back, [stated], titles=tuple(titles), context=SPOKEN, min_support=MIN_SUPPORT)
    short = verdict.check == "support" and said.words and said.words <= source.words   # too short for the gate to weigh
    if verdict.check and not short:
        return f"{verdict.check}: {verdict.reason}"
    return lost(said, source, titles) or _urgency(plain, statement) or _acts(back, stated) or _denied(back, stated)


def supported(sentence: str, statement: str, titles: Sequence[str] = ()) -> bool:
    """Whether one sentence of a rewording rests on its statement, lay words mapped back."""
    back, stated = same_form(mapped_back(one_line(sentence), statement)), same_form(statement)
    verdict = gate.check(back, [stated], titles=tuple(titles), context=SPOKEN, min_support=MIN_SUPPORT)
    words = gate.read_claim(back).words - gate.read_claim(SPOKEN).words
    return verdict.ok or (verdict.check == "support" and words <= gate.read_claim(stated).words)


def same_form(text: str) -> str:
    """One form of what is said in several: "at once" is no frequency, "do not take more than" is a limit and no ban."""
    text = re.sub(r"\bat once\b", "immediately", text)
    ban = r"\b(?:do|does|should|must) not (take|use|drink|give|eat|have|exceed) (more|longer) than\b"
    return re.sub(ban, r"\1 no \2 than", text, flags=re.IGNORECASE)


def _acts(said: str, stated: str) -> str:
    """No act, limit or time that the statement does not speak of: to stop is not to raise, days are not weeks."""
    if _LIMIT.search(stated) and not _LIMIT.search(said):
        return "a limit is lost"
    for name, words in read_table("plain_rules")["change"].items():
        pattern = rf"\b(?:{words})\b"
        if re.search(pattern, said, re.IGNORECASE) and not re.search(pattern, stated, re.IGNORECASE):
            return f"it says '{name}', the statement does not"
    return ""


def _denied(said: str, stated: str) -> str:
    """What is denied is what the statement denies: "on the back, never on the front" is not "on the front, never on the back".

    Judged only where every negation of the statement stands before what it denies ("never", "not"), so that its reach is known.
    """
    if len(_FORWARD.findall(stated)) != gate.read_claim(stated).against:
        return ""
    reach, words = frozenset().union(*(content_words(part) for part in _reaches(stated))), content_words(stated)
    for part in _reaches(said):
        near = frozenset(stem for stem, _ in stems_in_order(part.lower())[:REACH] if not stem[0].isdigit())
        if near and near <= words and not near & reach:
            return f"it denies what the statement does not: {', '.join(sorted(near))}"
    return ""


def _reaches(text: str) -> list[str]:
    return [re.split(r"[.;]", text[match.end() :])[0] for match in _FORWARD.finditer(text)]


def lost(said: Claim, source: Claim, titles: Sequence[str] = ()) -> str:
    """What protects the reader in the statement and is missing in the rewording."""
    topic = gate.read_claim(". ".join(titles))
    numbered = replace(said, quantities=(*said.quantities, *topic.quantities))     # "type 2" need not be said again
    if reason := checks.numbers(source, numbered, NOTHING) or checks.comparators(source, numbered, NOTHING):
        return f"a number is lost: {reason}"
    if missing := source.drugs - said.drugs - topic.drugs:
        return f"a drug is lost: {', '.join(sorted(missing))}"
    if source.against != said.against:
        return f"{said.against} negations, the statement has {source.against}"
    if missing := source.frequencies - said.frequencies:
        return f"how often is lost: {', '.join(sorted(missing))}"
    words = source.words - words_of(titles)
    if len(words & said.words) < MIN_KEPT * len(words):
        return f"too much is left out: {', '.join(sorted(words - said.words)[:6])}"
    return ""


def _urgency(plain: str, statement: str) -> str:
    """A warning stays as urgent as it is, and nothing becomes one."""
    for kind, pattern in _urgent().items():
        if bool(pattern.search(plain)) != bool(pattern.search(statement)):
            return f"urgency '{kind}' is {'lost' if pattern.search(statement) else 'added'}"
    return ""


def urgency(text: str) -> str:
    """How fast a statement says to get help: "now", "today", or "" when it says nothing of it."""
    return next((kind for kind, pattern in _urgent().items() if pattern.search(text)), "")


def is_warning(text: str) -> bool:
    """Whether a statement tells when to get help fast."""
    return bool(urgency(text))


def mapped_back(plain: str, statement: str) -> str:
    """The rewording with each lay word put back into the clinical word that the statement uses for it."""
    for lay, clinical in _lay_to_clinical(statement):
        plain = re.sub(rf"(?<![\w-]){re.escape(lay)}(?![\w-])", clinical, plain, flags=re.IGNORECASE)
    return plain


@lru_cache(maxsize=4096)
def _lay_to_clinical(statement: str) -> tuple[tuple[str, str], ...]:
    lower = statement.lower()
    pairs = [(lay, term) for term, lay in _terms().items() if term in lower and re.search(rf"(?<![\w-]){re.escape(term)}(?![\w-])", lower)]
    inside = [(lay, term) for lay, term in pairs if not any(term != other and term in other for _, other in pairs)]
    return tuple(sorted(inside, key=lambda pair: -len(pair[0])))


def one_line(text: str) -> str:
    """A text whose lists are set out, as the sentence that it was."""
    text = re.sub(r":\n• ", " ", text)
    text = re.sub(r"\n• ([^\n]*)(?=\n(?!•)|$)", r" or \1.", text)
    return re.sub(r"\s+", " ", re.sub(r"\n• ", ", ", text)).replace("..", ".").strip()


def words_of(titles: Sequence[str]) -> frozenset[str]:
    """Content words of the page's titles."""
    return content_words(" ".join(titles))


@cache
def _terms() -> Mapping[str, str]:
    return dict(read_table("lay_terms")["terms"])


@cache
def _urgent() -> Mapping[str, re.Pattern[str]]:
    return {kind: re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) for kind, words in read_table("plain_rules")["urgent"].items()}
