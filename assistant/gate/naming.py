"""The conditions and drugs that a text names, by the titles and synonyms of documents, the condition table and the medication table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.gate.claims import Table, canonical, known, table
from knowledge_base.conditions import conditions
from knowledge_base.documents import Document
from knowledge_base.lexicon import drug_class_names, drug_names

_WHOM = re.compile(r"\s+(?:in|for) (?:adults?|children|infants|women|men|older people|pregnancy)\b.*$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Names:
    """Terms of all documents and conditions -> ids; a condition with a document is named by that document's id."""

    terms: Table
    ids: Mapping[str, frozenset[str]]

    def conditions_in(self, text: str) -> frozenset[str]:
        """Ids of the documents and conditions that a text (in canonical words) names."""
        return frozenset(name for _, _, term in known(text, self.terms) for name in self.ids[term])


def names_of(documents: Sequence[Document]) -> Names:
    """The names of some documents; equal documents share one table."""
    return _names(tuple((document.id, document.title, document.synonyms) for document in documents))


@cache
def _names(rows: tuple[tuple[str, str, tuple[str, ...]], ...]) -> Names:
    ids: dict[str, set[str]] = {}
    for name, title, synonyms in rows:
        for term in (_WHOM.sub("", title), *synonyms):
            ids.setdefault(canonical(term), set()).add(name)
    there = {name for name, _, _ in rows}
    for condition in conditions():
        for term in (condition.name, *condition.synonyms):
            ids.setdefault(canonical(re.sub(r"\s*\(.*?\)", "", term)), set()).add(
                condition.guideline if condition.guideline in there else condition.id
            )
    return Names(table({term: term for term in ids}), {term: frozenset(names) for term, names in ids.items()})


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
