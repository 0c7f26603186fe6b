"""Is a capitalised word somebody's name? By the words that our tables, our guidelines and a dictionary hold."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge_base.conditions import conditions
from knowledge_base.lexicon import FOLDER, drug_class_names, drug_names, read_table
from knowledge_base.terms import stems

# a name wherever it stands; perhaps, where a name may stand; an eponym or a rare name, only after a title, a label or a name; a word, never
Rank = Literal["name", "perhaps", "rarely", "word"]
_ORDER: tuple[Rank, ...] = ("name", "perhaps", "rarely", "word")
_SHAPE = re.compile(r"(?:Mc|Mac|O['’]|D['’]|De|Di|Du|La|Le|Fitz|Van|Al|El)?[^\W\d_a-z][^\W\d_A-Z]+")


@cache
def rank(word: str) -> Rank:
    """How far a word with a capital may be a name; one of small letters is judged as if it had one."""
    bare = re.sub(r"^[dl]['’](?=[A-Z])|['’]s?$", "", word).replace("’", "'")
    if bare.isupper():
        bare = bare.title() if len(bare) > 3 else ""
    elif bare.islower():
        bare = bare.title()
    parts = bare.split("-")
    if not all(_SHAPE.fullmatch(part) for part in parts) or len(bare) < 3:
        return "word"  # LFTs, CK-MB, QuantiFERON, Two-dimensional
    if len(parts) > 1 and any(part.lower() in eponyms() for part in parts):
        return "rarely"  # Salter-Harris
    ranks = [_part(part.lower()) for part in parts]
    return min(ranks, key=_ORDER.index)


def _part(word: str) -> Rank:
    if word in eponyms() or re.sub(r"(?:ian|oid|ism)$", "", word) in eponyms():
        return "rarely"
    if word in _row("given"):
        return "name"
    if word in _row("often"):
        return "rarely" if word in known() else "perhaps"
    if word in _row("rarely"):
        return "rarely"
    return "word" if is_word(word) else "name"


@cache
def is_word(word: str) -> bool:
    """Whether any table or the dictionary holds a word or its stem, or it ends as a word of the trade or cannot be spoken."""
    if word in known() or word in _row("words") or re.search(f"..{_names()['endings']}$", word):
        return True
    if not re.search(r"[^\W\d_bcdfghjklmnpqrstvwxz]", word):
        return True
    if not word.isascii():
        return False
    rest = re.sub(rf"^{_names()['prefixes']}", "", word)
    return any(set(stems(part)) <= _stems() for part in {word, rest} if len(part) > 3 and part not in _row("given"))


def _names() -> dict[str, str]:
    return dict(read_table("identifiers")["names"])


@cache
def _row(name: str) -> frozenset[str]:
    return frozenset(read_table("deidentify_words")[name].split())


@cache
def eponyms() -> frozenset[str]:
    """Names that stand for a disease, a sign or a score."""
    return frozenset(_names()["eponyms"].split())


@cache
def common() -> frozenset[str]:
    """Words of any text that are nobody's name, titles and weekdays among them."""
    return frozenset(_names()["words"].split())


@cache
def _stems() -> frozenset[str]:
    return frozenset(stems(" ".join(known() | _row("words"))))


@cache
def known() -> frozenset[str]:
    """Words of the guidelines where they stand uncapitalised, of findings, conditions, drugs and headings."""
    words = set(common()) | set(_names()["clinical"].split())
    for path in sorted(Path(FOLDER, "guidelines").glob("*.md")):
        words |= set(re.findall(r"(?<![\w])[a-z][a-z'’]+", path.read_text(encoding="utf-8")))
    tables = [*drug_names(), *drug_class_names(), *read_table("findings")["findings"]]
    tables += [
        name
        for condition in conditions()
        for name in (condition.name, *condition.synonyms, *(finding for finding, _ in condition.findings))
    ]
    tables += [heading for headings in read_table("sections")["headings"].values() for heading in headings]
    return frozenset(words | {word for name in tables for word in re.findall(r"[^\W\d_]+", name.lower())})
