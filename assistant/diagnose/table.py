"""The condition table made ready for scoring: the findings that each phrase speaks of, and how specific a finding is."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from assistant import facts as patient_facts
from assistant.diagnose.case import rows
from assistant.facts.drugs import mentions
from assistant.gate.claims import content_words
from knowledge_base.conditions import Condition, conditions
from knowledge_base.lexicon import read_table


@dataclass(frozen=True, slots=True)
class Phrase:
    """A finding of the table in the terms of the vocabulary.

    `groups`: one set of names for each idea of the phrase, any name of it will do; `denied`: ideas that the phrase says are absent.
    `needed`: stems that the case must hold besides, since no name says them: a rash is no "forehead rash", an SSRI no "tramadol use".
    """

    text: str
    groups: tuple[frozenset[str], ...]
    denied: tuple[frozenset[str], ...]
    words: frozenset[str]
    needed: frozenset[str] = frozenset()

    def present(self, found: Iterable[str], absent: Iterable[str], said: Collection[str] = ()) -> frozenset[str]:
        """The names that make the phrase true of a case, empty when it is not known to be true; `said` are the stems of its words."""
        names, out = frozenset(found), frozenset(absent)
        if self.denied:
            hits = [group & out for group in self.denied] + [group & names for group in self.groups]
            return frozenset().union(*hits) if all(hits) else frozenset()
        exact = names & {self.text}
        hits = [group & names for group in self.groups]
        if self.groups and all(hits) and self.needed <= set(said):
            exact |= frozenset().union(*hits)
        return exact | frozenset(name for name in names if self.words and self.words <= words_of(name))

    def absent(self, absent: Iterable[str]) -> frozenset[str]:
        """The denials that make the phrase untrue: of the finding itself or of one more general."""
        if self.denied:
            return frozenset()
        mine = frozenset().union(*self.groups, {self.text})
        return frozenset(name for name in absent if name in mine or (words_of(name) and words_of(name) <= self.words))


@dataclass(frozen=True)
class Table:
    """Phrases by text, conditions in the order of their ids, and the specificity of names over the table."""

    conditions: tuple[Condition, ...]
    phrases: Mapping[str, Phrase]
    results: frozenset[str] = frozenset()       # phrases that only a test shows
    _specific: dict[str, float] = field(default_factory=dict)

    def specificity(self, name: str) -> float:
        """1 for a finding of one condition, near 0 for one that most conditions share; log((n + 1) / (df + 1)) scaled by its maximum."""
        if name not in self._specific:
            spoken = {text for text, phrase in self.phrases.items() if phrase.present((name,), ())}
            df = sum(any(weight > 0 and text in spoken for text, weight in c.signs) for c in self.conditions)
            self._specific[name] = math.log((len(self.conditions) + 1) / (df + 1)) / math.log(len(self.conditions) + 1)
        return self._specific[name]


@cache
def table() -> Table:
    """The whole condition table; built once in a second or two."""
    found = conditions()
    phrases = {text: _phrase(text) for text in {text for c in found for text, _ in c.signs}}
    return Table(found, phrases, frozenset(text for c in found for text, _ in c.results))


@cache
def vocabulary_names() -> frozenset[str]:
    """Canonical names of the finding vocabulary."""
    return frozenset(read_table("findings")["findings"])


@cache
def words_of(name: str) -> frozenset[str]:
    """Content words of a finding's name."""
    return content_words(name)


def _phrase(text: str) -> Phrase:
    if text in vocabulary_names():
        return Phrase(text, (frozenset({text}),), (), content_words(text))
    found = patient_facts.findings(text)
    implied = {name for finding in found for name in patient_facts.implies().get(finding.name, ())}
    spans = sorted({(f.span.start, f.span.end) for f in found})
    groups: list[frozenset[str]] = []
    denied: list[frozenset[str]] = []
    for start, end in spans:
        here = [f for f in found if (f.span.start, f.span.end) == (start, end)]
        names = frozenset(f.name for f in here if f.name not in implied) or frozenset(f.name for f in here)
        (denied if any(f.presence == "absent" for f in here) else groups).append(names)
    return Phrase(text, tuple(groups), tuple(denied), frozenset() if denied else content_words(text), _needed(text, spans))


def _needed(text: str, spans: Iterable[tuple[int, int]]) -> frozenset[str]:
    """The stems of a phrase that no finding in it covers, and its drugs; a limit ("for less than 3 days") is met by no word at all."""
    if any(character.isdigit() for character in text):
        return frozenset({text})
    covered = frozenset().union(*(content_words(text[start:end]) for start, end in spans))
    drugs = content_words(" ".join(name for name, _ in mentions(text)))
    return (content_words(text) - covered - unspoken()) | drugs


@cache
def unspoken() -> frozenset[str]:
    """Stems that a phrase may have more than the case says: "history of", "on chest X-ray"."""
    return content_words(str(rows()["unspoken"]))


@cache
def names_of(condition: Condition) -> frozenset[str]:
    """The names under which the vocabulary knows a condition itself."""
    own = condition.name.lower()
    known = {name for spelling in (condition.name, *condition.synonyms) for name in patient_facts.whole(spelling)}
    return frozenset({own, *known})


def described(condition: Condition) -> str:
    """Name, other names and findings of a condition as one text for the embedder."""
    for_it: Sequence[str] = [text for text, weight in sorted(condition.signs, key=lambda row: -row[1]) if weight > 0]
    return f"{condition.name}. {', '.join(condition.synonyms[:3])}. {', '.join(for_it)}"
