"""A sentence cut into clauses, each with its polarity, so that a negation counts only for what it stands beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

import Stemmer

from knowledge_base.lexicon import claim_lexicon

STOP_WORDS = frozenset(claim_lexicon()["stop"]["words"].split())
_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ0-9]*(?:['-][a-zà-ÿ0-9]+)*")
_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_AUXILIARIES = ("is", "are", "was", "were", "be", "been", "has", "have", "do", "does", "did", "should", "must", "can", "may", "will", "but")
_APART = "".join(rf"(?<!\b{word})" for word in _AUXILIARIES) + r"\s+(?=not \w+(?:ed|ing)\b)"  # "pain | not controlled by drugs"


@dataclass(frozen=True, slots=True)
class Clause:
    """Stems of a clause, whether it negates, and how strong it is.

    `side` says that it tells when or in whom, not what to do; `leading`, that it opens the sentence: "In pregnant women, ...";
    `unsure` are stems of it that the negation may or may not reach: "no fever on two days, cough or rash".
    """

    stems: frozenset[str]
    against: bool
    side: bool
    must: bool
    may: bool
    can: bool
    leading: bool
    text: str
    unsure: frozenset[str] = frozenset()


def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning: no stop word, no number; hyphenated words count by their parts too."""
    return frozenset(stem for word in _WORD.findall(text.lower()) for stem in _stems(word))


def stems_in_order(text: str) -> list[tuple[str, int]]:
    """(stem or number, offset) of the content words of a lower-case text, in order."""
    out: list[tuple[str, int]] = []
    for match in re.finditer(rf"{_WORD.pattern}|(?<![\w.])\d+(?:\.\d+)?", text):
        found = (match[0],) if match[0][0].isdigit() else _stems(match[0])
        out.extend((stem, match.start()) for stem in found)
    return out


@lru_cache(maxsize=65536)
def _stems(word: str) -> tuple[str, ...]:
    same = claim_lexicon()["same"]
    parts = [word] if "-" not in word else [part for part in word.split("-") if len(part) > 1]
    kept = [same.get(part, part) for part in parts if part not in STOP_WORDS and not part[0].isdigit()]
    return tuple(_stemmer().stemWord(word.replace("ae", "e").replace("oe", "e")) for word in kept if word not in STOP_WORDS)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a normalised sentence or statement, in order."""
    found: list[Clause] = []
    text = _masked().sub(" ", text)
    aside = [inner for inner in _BRACKETS.findall(text) if re.search(r"[a-z]{3}", inner)]  # a list goes on behind its brackets
    for part in (*re.split(r"(?<!\bvs)(?<!\be\.g)[.]\s+(?!\d)", _BRACKETS.sub("", text)), *aside):
        pieces = list(_pieces(part))
        for number, piece in enumerate(pieces):
            acts = bool(_verb().search(piece) or _imperative().search(piece))
            opens = number == 0 and bool(_prefix().match(piece)) and not _verb().search(piece)
            leading = opens and part.partition(piece)[2].startswith(",")
            subject = not acts and bool(_who().match("".join(pieces[number + 1 : number + 2])))
            denied = number == 0 and bool(re.match(r"\W*no\b", piece))  # "No transfusion is needed" negates its verb too
            found += [_clause(piece, leading=False, side=False)] if denied else _scoped(piece, leading=leading, side=leading or subject)
    return tuple(clause for clause in found if clause.text.strip(" ,.;"))


def _scoped(text: str, *, leading: bool, side: bool) -> Iterator[Clause]:
    """A clause, or where a "no ..." or "without ..." stands in it, what it reaches for certain and what comes after."""
    reach = None
    if _cues(text) % 2:
        local = _local().match(text) or _apart().match(text)
        reach = (_reach() if local else _spill(side or bool(_side().match(text)))).search(text)
    if not reach:
        yield _clause(text, leading=leading, side=side)
        return
    head, rest = text[: reach.start()], text[reach.start() :]
    if _verb().match(rest.strip()) and not _spill(False).match(rest):
        yield _clause(head, leading=leading, side=True)
        yield _clause(rest, leading=False, side=False)
    else:
        yield replace(_clause(text, leading=leading, side=side), unsure=content_words(rest) - content_words(head))


def _clause(text: str, *, leading: bool, side: bool) -> Clause:
    cues = _cues(text)
    return Clause(
        content_words(_against().sub(" ", text)) - _measures(), cues % 2 == 1, side or bool(_side().match(text)),
        bool(_modality("must").search(text)) or bool(_imperative().search(text) and not _modality("may").match(text.strip())),
        bool(_modality("may").search(text)),
        bool(_modality("can").search(text)), leading, text.strip(),
    )  # fmt: skip


def _cues(text: str) -> int:
    """How many negations; two that "or" joins are one: "contraindicated or not enough"."""
    found = list(_against().finditer(text))
    return len(found) - sum(
        bool(re.fullmatch(r"\W*(?:or|nor|and)\W+(?:\w+\W+)?", text[one.end() : two.start()])) for one, two in pairwise(found)
    )


def _pieces(text: str) -> Iterator[str]:
    for number, part in enumerate(_opening().split(text)):
        for piece in _at_commas(part, opens=number == 0) if part else ():
            cut = _relative().match(piece)
            yield from (piece[: cut.end()], piece[cut.end() :]) if cut else (piece,)


def _at_commas(text: str, *, opens: bool) -> Iterator[str]:
    """A comma begins a clause where a verb follows, or where an opening phrase or a "without ..." ends; not within a list."""
    pending: list[str] = []
    pieces = text.split(",")
    acting = [bool(_verb().search(piece) or _imperative().search(piece)) for piece in pieces]
    for number, piece in enumerate(pieces):
        # "If A, B or C is present, do D": what opens a sentence ends where its last verb begins
        main = opens and acting[number] and not any(acting[number + 1 :]) and bool(pending) and bool(_side().match(pending[0]))
        if pending and (cut := len(pending) if main else _ends(pending, piece, opens)):
            yield ",".join(pending[:cut])
            pending, opens = pending[cut:], False
        pending.append(piece)
    yield ",".join(pending)


def _ends(pending: list[str], piece: str, opens: bool) -> int:
    """How many of the pending pieces are a clause that is over when `piece` comes; 0 while it goes on."""
    first, joined = pending[0], ",".join(pending)
    acts = _verb().search(piece) or _imperative().search(piece)
    whole = any(pattern.search(joined) for pattern in (_verb(), _imperative())) or any(
        pattern.match(joined) for pattern in (_prefix(), _local(), _who())
    )  # else it is a list that goes on
    if acts and whole:
        # the subject of the next verb may be a list: "..., and A, B and C are measured"
        return next((n for n in range(len(pending) - 1, 0, -1) if re.match(r"\s*(?:and|but)\b", pending[n])), len(pending))
    over = len(pending) == 1 and (_prefix().match(first) or _bare().fullmatch(first))
    local = _local().match(first) and ((opens and len(pending) == 1) or re.match(r"\s*(?:and|but|with|in|for|then)\b", piece))
    return len(pending) if over or local else 0


@cache
def _opening() -> re.Pattern[str]:
    openers, local, acts = (_words(kind) for kind in ("openers", "local", "imperatives"))
    return re.compile(
        rf"\s*[;:()]\s*|,?\s+(?:and\s+|or\s+)?(?=(?:{openers}|{local})\b|that (?:is|are|was|were|has|have|do|does|can|cannot)\b)"
        rf"|,?\s+(?:and\s+)?(?=not to (?:{acts})\b|(?<!not )to (?:{acts})\b)|,\s+(?=not\b)|{_APART}"
        rf"|,?\s+(?:and|or|but)\s+(?=(?:do not|does not|never|not|then|(?!lower\b)(?:{acts}))\b)"
        rf"|,?\s+(?:and|but)\s+(?=(?:should|must|may|can|cannot|is|are|was|were|has|have|needs?|requires?|suggests?|there (?:is|are))\b)"
    )


@cache
def _reach() -> re.Pattern[str]:
    """Where the certain reach of "no ..." ends."""
    ends = f"on|in|with|by|for|at|to|from|over|after|before|during|when|and|but|{_words('verbs')}"
    return re.compile(rf"(?<=\w),|(?<=\w)\s+(?=(?:{ends})\b(?<!need))(?<!\bwith )(?<!\bin the )(?<!\bneed )")


@cache
def _spill(side: bool) -> re.Pattern[str]:
    """A second verb under one negation: "cannot pass urine | or have new pain"; after a comma, too, where a clause is a condition."""
    return re.compile((r"(?<=\w),|" if side else "") + rf",?\s+(?:or|and)\s+(?=(?:{_words('verbs')})\b)")


@cache
def _apart() -> re.Pattern[str]:
    return re.compile(r"^\W*not \w+(?:ed|ing)\b")


@cache
def _relative() -> re.Pattern[str]:
    """A relative clause up to the verb of the sentence that it interrupts: "who have active bleeding | should be offered ..."."""
    verb = rf"(?:{_words('verbs')})"
    return re.compile(rf"^\s*(?:who|that|which|whose)\b.*?\b(?:{verb}|take|drink|use)\b.*?\s(?=(?:{verb})\b)")


@cache
def _side() -> re.Pattern[str]:
    openers = f"(?!then|but|otherwise)(?:{_words('openers')}|that)"
    return re.compile(rf"^\W*(?:{openers}|{_words('local')}|to (?:avoid|prevent)|not \w+(?:ed|ing))\b")


@cache
def _who() -> re.Pattern[str]:
    return re.compile(r"\s*(?:who|that|which|whose)\b")


@cache
def _bare() -> re.Pattern[str]:
    """An opener whose verb is left out: "unless contraindicated"."""
    return re.compile(r"\s*(?:unless|if|when|where)\s+\w+\s*")


@cache
def _measures() -> frozenset[str]:
    """Stems of unit names, counts and the like: both polarities of a statement are full of them."""
    plain = [word for words in claim_lexicon()["units"].values() for word in words if word.isalpha()]
    return content_words(f"{' '.join(plain)} {claim_lexicon()['stop']['measures']}")


def _words(kind: str) -> str:
    rows: Mapping[str, list[str]] = claim_lexicon()["clauses"]
    return "|".join(rows[kind])


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_words('verbs')})\b")


@cache
def _imperative() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:(?:and|or|but|then|also|first|otherwise|never|always|not|do|to|it)\s)*(?:{_words('imperatives')})\b")


@cache
def _prefix() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_words('prefixes')})\b")


@cache
def _local() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_words('local')})\b")


@cache
def _against() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(claim_lexicon()['polarity']['against'], key=len, reverse=True))})(?!\w)")


@cache
def _masked() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['polarity']['masked'])})(?!\w)")


@cache
def _modality(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['modality'][name])})(?!\w)")
