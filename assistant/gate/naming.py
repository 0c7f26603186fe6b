"""The conditions and drugs that a text names, by the titles and synonyms of documents, the condition table and the medication table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.gate.claims import Table, canonical, known, table
from knowledge_base.conditions import conditions
from knowledge_base.documents import Document
from knowledge_base.lexicon import drug_class_names, drug_names

SPOKEN = 2          # statements that name a condition from which its guideline is one on it
_DIGRAPH = re.compile("[ao]e")
_ASIDE = re.compile(r"\s*\(.*?\)")
_WHOM = re.compile(r"\s+(?:in|for) (?:adults?|children|infants|women|men|older people|pregnancy)\b.*$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Names:
    """Terms of all documents and conditions -> ids; a condition that a document speaks of is named by that document's id."""

    terms: Table
    ids: Mapping[str, frozenset[str]]

    def conditions_in(self, text: str) -> frozenset[str]:
        """Ids of the documents and conditions that a text (in canonical words) names."""
        return frozenset(name for _, _, term in known(american(text), self.terms) for name in self.ids[term])


def names_of(documents: Sequence[Document]) -> Names:
    """The names of some documents; it reads their statements, so that a caller keeps what it gives."""
    ids: dict[str, set[str]] = {}
    for document in documents:
        for term in (_WHOM.sub("", document.title), *document.synonyms):
            ids.setdefault(_term(term), set()).add(document.id)
    told = {document.id: [american(f"{p.title}. {p.text}").lower() for p in document.passages] for document in documents}
    for condition in conditions():
        terms = {_term(_ASIDE.sub("", name)) for name in (condition.name, *condition.synonyms)}
        titled = any(condition.guideline in ids.get(term, ()) for term in terms)
        name = condition.guideline if titled or _spoken_of(terms, told.get(condition.guideline, ())) else condition.id
        for term in terms:
            ids.setdefault(term, set()).add(name)
    return Names(table({term: term for term in ids}), {term: frozenset(names) for term, names in ids.items()})


def american(text: str) -> str:
    """British digraphs as Americans write them, so that haemochromatosis and hemochromatosis are one name."""
    return _DIGRAPH.sub("e", text)


def _term(name: str) -> str:
    return american(canonical(name))


def _spoken_of(terms: Iterable[str], statements: Sequence[str]) -> bool:
    """Whether a guideline has more to say of a condition than its name in passing: that on vertigo names the schwannoma once."""
    pattern = re.compile(rf"\b(?:{'|'.join(re.escape(term.lower()) for term in terms)})")
    return sum(1 for statement in statements if pattern.search(statement)) >= SPOKEN


def drugs_in(text: str) -> frozenset[str]:
    """Generic names and classes of the drugs that a text names."""
    lower = text.lower()
    return frozenset(name for rows in (_drugs(), _classes()) for _, _, name in known(lower, rows))


@cache
def _drugs() -> Table:
    return table(drug_names())


@cache
def _classes() -> Table:
    return table(drug_class_names())
