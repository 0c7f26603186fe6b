"""What the assistant does not do: harmful requests, one person's dose in patient mode, and orders hidden in a note.

Rules are data (`knowledge_base/requests.toml`): an act and its object in one sentence. No model, no word lists of single requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from assistant.facts.phrases import Matcher, Word, words
from assistant.records import Span
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table

Kind = Literal["ok", "harmful", "individual-dosing", "injection"]
ORDERS, ASKING = "orders", "asking"
TOLD = 3                # a text of so many sentences tells a story, of which only the sentences that ask are judged
OPENING = 3             # words of a sentence among which its request begins
RULE_KEYS = frozenset({"id", "kind", "when", "unless", "reason", "reply"})
OPTIONAL = frozenset({"unless", "reply"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a request is, by which rule, and the line that answers it; `reason` and `reply` are empty when it is ok."""

    kind: Kind
    reason: str = ""
    reply: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Alternatives of groups of concepts that one sentence must hold; `unless` lists concepts that clear the sentence.

    `reply` names the line that answers: one who asks for a way to die is not told off but told where help is.
    """

    id: str
    kind: Kind
    reason: str
    when: tuple[tuple[frozenset[str], ...], ...]
    unless: frozenset[str]
    reply: str

    def holds(self, concepts: frozenset[str]) -> bool:
        """Whether a sentence with these concepts meets the rule."""
        return not (self.unless & concepts) and any(all(group & concepts for group in groups) for groups in self.when)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules, the matcher of their concepts, the replies, and what gives away an order to a program."""

    rules: tuple[Rule, ...]
    matcher: Matcher
    replies: Mapping[str, str]
    orders: Matcher
    markers: tuple[re.Pattern[str], ...]


def classify(question: str, *, patient_mode: bool) -> Decision:
    """Judge a request before anything else is done with it.

    Args:
        question: the words of the asker, without the note.
        patient_mode: whether the reader is a patient, for whom no dose is set.
    """
    policy = load()
    for concepts in _sentences(question, policy.matcher):
        for rule in policy.rules:
            if (patient_mode or rule.kind == "harmful") and rule.holds(concepts):
                return Decision(rule.kind, rule.reason, policy.replies[rule.reply].format(reason=rule.reason), rule.id)
    if find_injections(question):
        return Decision("injection", "orders to the program", policy.replies["injection"], "injection")
    return Decision("ok")


def find_injections(text: str) -> list[Span]:
    """Sentences of a note or document that give orders to a program, in text order; the caller leaves them out or shows them."""
    policy = load()
    read = words(text)
    numbers = {read[start].sentence for start, _ in policy.orders.find(read).get(ORDERS, [])}
    spans = [_sentence_span(read, number) for number in numbers]
    spans += [_line_span(text, match.start(), match.end()) for marker in policy.markers for match in marker.finditer(text)]
    return _merged(spans)


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with those spans blanked, character for character, so that other spans stay valid."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _sentences(text: str, matcher: Matcher) -> list[frozenset[str]]:
    """The concepts of every sentence that may be a request, in order."""
    read = words(text)
    found: dict[int, set[str]] = {word.sentence: set() for word in read}
    matched = matcher.find(read)
    for name, matches in matched.items():
        for start, _ in matches:
            found[read[start].sentence].add(name)
    judged = set(found) if len(found) < TOLD else _asking(text, read, [start for start, _ in matched.get(ASKING, ())])
    return [frozenset(found[number]) for number in sorted(judged)]


def _asking(text: str, read: Sequence[Word], starts: Sequence[int]) -> set[int]:
    """Numbers of the sentences that end in a question mark or begin with a request."""
    first = {word.sentence: number for number, word in reversed(list(enumerate(read)))}
    after = [*(word.before for word in read[1:]), text[read[-1].end :]]
    return {word.sentence for word, gap in zip(read, after, strict=True) if "?" in gap or "？" in gap} | {
        read[start].sentence for start in starts if start - first[read[start].sentence] < OPENING
    }


def _sentence_span(read: Sequence[Word], number: int) -> Span:
    inside = [word for word in read if word.sentence == number]
    return Span(inside[0].start, inside[-1].end)


def _line_span(text: str, start: int, end: int) -> Span:
    """A marker and what follows it to the end of its line."""
    stop = text.find("\n", end)
    return Span(start, len(text) if stop < 0 else stop)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


@cache
def load(name: str = "requests") -> Policy:
    """The rules of `knowledge_base/<name>.toml`.

    Raises:
        KnowledgeBaseError: an unknown key or concept, or a phrase that cannot be read.
    """
    raw = read_table(name)
    rules = tuple(_rule(row, raw["concepts"], raw["replies"], name) for row in raw["rule"])
    try:
        matcher = Matcher(raw["concepts"], raw["words"])
        orders = Matcher({ORDERS: raw["injection"]["orders"]}, raw["words"])
        markers = tuple(re.compile(marker) for marker in raw["injection"]["markers"])
    except (ValueError, re.error) as error:
        raise KnowledgeBaseError(f"{name}.toml: {error}") from error
    return Policy(rules, matcher, raw["replies"], orders, markers)


def _rule(row: Mapping[str, Any], concepts: Mapping[str, Sequence[str]], replies: Mapping[str, str], name: str) -> Rule:
    if set(row) - RULE_KEYS or RULE_KEYS - OPTIONAL - set(row):
        raise KnowledgeBaseError(f"{name}.toml: rule '{row.get('id')}' has the keys {sorted(row)}; allowed: {sorted(RULE_KEYS)}")
    when = tuple(tuple(frozenset(term.strip() for term in group.split("|")) for group in groups) for groups in row["when"])
    unless = frozenset(row.get("unless", ()))
    if unknown := ({term for groups in when for group in groups for term in group} | unless) - set(concepts):
        raise KnowledgeBaseError(f"{name}.toml: rule '{row['id']}' names unknown concepts {sorted(unknown)}")
    reply = row.get("reply", row["kind"])
    if reply not in replies:
        raise KnowledgeBaseError(f"{name}.toml: rule '{row['id']}' answers with the unknown reply '{reply}'; known: {sorted(replies)}")
    return Rule(row["id"], row["kind"], row["reason"], when, unless, reply)
