"""Query expansion from abbreviations.toml: a short form finds the long one, a lay word the clinical one, one spelling the other."""

from __future__ import annotations

import re
from functools import cache

from knowledge_base.lexicon import drug_names, read_table


def expand(question: str) -> str:
    """The question with the digests' own form of each known term behind it; unchanged when no term is known.

    >>> expand("tPA for stroke")
    'tPA for stroke (alteplase)'
    """
    added = []
    for match in _pattern().finditer(question):
        first = _first().get(_key(match[0])) or _first()[match[0].lower()]
        if first.lower() not in question.lower() and first not in added:
            added.append(first)
    added += [name for name in _other_names(question) if name not in added and name not in question.lower()]
    return f"{question} ({', '.join(added)})" if added else question


def _other_names(question: str) -> list[str]:
    """Generic names of the brands in a question, and the other generic names of its drugs: hydroxycarbamide is hydroxyurea."""
    words = re.findall(r"[a-z0-9]+", question.lower())
    spans = (" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1))
    generics = [drug_names()[name] for name in spans if len(name) > 3 and name in drug_names()]
    return [name for generic in dict.fromkeys(generics) for name in (generic, *_synonyms(generic))]


@cache
def _synonyms(generic: str) -> tuple[str, ...]:
    """Other generic names of one word; salts and forms ("metformin hydrochloride") add nothing."""
    names = read_table("medications").get(generic, {}).get("names", [])
    return tuple(name for name in names if " " not in name and len(name) > 4 and not name.isupper())[:2]


def _key(term: str) -> str:
    # an abbreviation in capitals is not the word it spells: "MS" is a disease, "ms" is a unit
    return term if term.isupper() and len(term) <= 4 else term.lower()


@cache
def _first() -> dict[str, str]:
    return {_key(term): row[0] for row in read_table("abbreviations")["sets"] for term in row}


@cache
def _pattern() -> re.Pattern[str]:
    terms = sorted(_first(), key=len, reverse=True)
    exact = [re.escape(term) for term in terms if term.isupper() and len(term) <= 4]
    loose = [re.escape(term) for term in terms if not (term.isupper() and len(term) <= 4)]
    # a stage may hang on a short form: CKD4, CKD3b
    return re.compile(rf"\b(?:(?i:{'|'.join(loose)})(?!\w)|(?:{'|'.join(exact)})(?:(?=\d[ab]?\b)|(?!\w)))")
