"""Whether a model's sentence says of the patient what the cited lines of the note say: hard checks, none outvoted by likeness.

A sentence may join lines and change the words of grammar between them. It leaves out no other word and adds none, so that a number stays
with its drug and a side with its organ; each word keeps its denial, doubt, time and person, and no line takes those of the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, zip_longest

from assistant import facts, gate
from assistant.facts.context import Context, Reader
from assistant.facts.phrases import Word, words
from assistant.notes.lines import styles

Check = Callable[[str, Sequence[str]], str]
NOT = "not"
_DIGITS = re.compile(r"\S*\d\S*")
_STOP = re.compile(r"[;:()–—?]|\s-\s|\.\s")
_ENDS = ".,;:()[]\"'"


def check(sentence: str, lines: Sequence[str], *, sex: str | None = None) -> gate.Verdict:
    """Judge a sentence by the lines of a note that it cites; `check` and `reason` of the verdict name what failed.

    Args:
        sentence: one sentence, its citation marks removed.
        lines: the cited lines, in the order of the note.
        sex: of the patient, as the whole note tells it.
    """
    verdict = gate.check(sentence, [_ended(line) for line in lines], min_support=0.0)      # `whole` asks for more than support
    if not verdict.ok:
        return verdict
    if (said := facts.extract(sentence).sex) not in (None, sex):
        return gate.Verdict(0.0, "fact", f"the note does not say that the patient is {said}")
    failed = ((name, test(sentence, lines)) for name, test in CHECKS.items())
    return next((gate.Verdict(0.0, name, reason) for name, reason in failed if reason), verdict)


def bound(text: str) -> list[str]:
    """What a rewording is held to: the stems of a text in order, numbers too, each denial as `NOT`, without the words of grammar."""
    found: list[str] = []
    every = words(text)
    for word, after in zip_longest(every, every[1:]):
        behind = NOT in found
        if word.key in _listed("denials") or (behind and word.key in _listed("handing")):
            found.append(NOT)
        elif not _is_grammar(word, after, text) or (behind and word.key in _listed("verbs")):
            found.append(word.key)
    return found


def _is_grammar(word: Word, after: Word | None, text: str) -> bool:
    """Capitals are names: AS is aortic stenosis, and hepatitis A no hepatitis. "Was" tells an act, or a state that is over."""
    named = text[word.start : word.end].isupper() and (word.start > 0 or word.end > 1)
    passive = word.key in _listed("passive") and after is not None and after.key in _listed("acts")
    return (word.key in _listed("free") or passive) and not named


def told(sentence: str, lines: Sequence[str]) -> list[int]:
    """Numbers, from 0, of the lines that have all their words in a sentence: what else it cites it does not say."""
    said = set(bound(sentence))
    return [number for number, line in enumerate(lines) if said >= set(bound(line))]


def whole(sentence: str, lines: Sequence[str]) -> str:
    """Every word of the lines is said in their order, with each denial at its place, and no other word."""
    said, source = bound(sentence), bound(" ".join(lines))
    if extra := [key for key in said if key not in source]:
        return f"'{extra[0]}' does not stand in the cited lines"
    if lost := [key for key in source if key not in said]:
        return f"'{lost[0]}' of the cited lines is not said"
    differ = next((one or other for one, other in zip_longest(said, source) if one != other), "")
    return f"'{differ}' stands at another place of the cited lines" if differ else ""


def digits(sentence: str, lines: Sequence[str]) -> str:
    """Each number is written as in the lines, with its sign, slash or percent."""
    said, source = _numbers([sentence]), _numbers(lines)
    return f"'{extra[0]}' does not stand in the cited lines" if (extra := sorted(said - source)) else ""


def stops(sentence: str, lines: Sequence[str]) -> str:
    """A line that holds a stop within it is said as it stands: "No fever; cough" is not "No fever, cough"."""
    held = (line.rstrip(".") for line in lines if _STOP.search(line.rstrip(".")))
    return next((f"the stops of '{line}' are changed" for line in held if line.lower() not in sentence.lower()), "")


def apart(sentence: str, lines: Sequence[str]) -> str:
    """What a line denies, doubts, plans, dates or says of a relative does not reach the line that is joined to it."""
    for one, other in pairwise(lines):
        coloured = NOT in bound(one) or any(context != Context() for _, context in _meanings(one))
        relative = any(context.experiencer != "patient" for _, context in _meanings(one))
        own = bound(other)[:1] == [NOT] or any(word.key in _listed("verbs") for word in words(other))
        if relative or (coloured and not own):
            return f"'{one}' would reach '{other}'"
    return ""


def handed(sentence: str, lines: Sequence[str]) -> str:
    """ "or" hands a denial on between lines that open with one: "drinks no alcohol or jaundice" has lost its verb."""
    if _count([sentence], "handing") > _count(lines, "handing"):
        for one, other in pairwise(map(bound, lines)):
            if NOT in one[1:] and one[0] != NOT and other[:1] == [NOT]:
                return f"'{other[-1]}' would hang on '{one[0]}'"
    return ""


def tense(sentence: str, lines: Sequence[str]) -> str:
    """What the lines tell of no time, or of another, is not said to be so now; "had" and "was" are among the words that stay."""
    return "it says that it is so now" if _count([sentence], "present") > _count(lines, "present") else ""


def meant(sentence: str, lines: Sequence[str]) -> str:
    """Each word is denied, doubted, past, planned or a relative's where it is so in the lines, and only there."""
    source = {pair for line in lines for pair in _meanings(line)}
    for key, context in _meanings(sentence):
        if (key, context) not in source:
            there = next((other for word, other in source if word == key), Context())
            return f"'{key}' is {_named(context)}, in the lines {_named(there)}"
    return ""


def read(sentence: str, lines: Sequence[str]) -> str:
    """Each finding, value and drug that code reads in the sentence, it reads in the lines too."""
    extra = _facts(sentence) - frozenset().union(*map(_facts, lines))
    return f"the cited lines do not say: {', '.join(sorted(extra))}" if extra else ""


def _meanings(text: str) -> Iterator[tuple[str, Context]]:
    reader = Reader(_of_patient(text))
    for n, word in enumerate(reader.words):
        if word.key.isalpha() and not any(word.key in _listed(name) for name in ("free", "passive", "denials", "handing")):
            yield word.key, reader.at((n, n + 1))


def _of_patient(text: str) -> str:
    """A line of a note speaks of its patient, also where it names none: "Treated with insulin" is no lesson."""
    return f"He {text}"


def _named(context: Context) -> str:
    return " ".join((context.presence, context.when, context.experiencer))


def _facts(text: str) -> frozenset[str]:
    found = facts.extract(_of_patient(text))
    return frozenset((
        *(f"{f.name} ({f.presence}, {f.when}, {f.experiencer})" for f in found.findings),
        *(f"{m.name} {m.value:g} ({m.when}, {m.experiencer})" for m in found.measurements),
        *(f"{d.name} {d.dose} ({d.presence}, {d.when})" for d in found.medications),
    ))  # fmt: skip


def _count(texts: Sequence[str], name: str) -> int:
    return sum(word.key in _listed(name) for text in texts for word in words(text))


def _numbers(texts: Sequence[str]) -> set[str]:
    return {number.strip(_ENDS) for text in texts for number in _DIGITS.findall(text)}


def _ended(line: str) -> str:
    return line if line[-1:] in ".!?" else f"{line}."


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(word.key for word in words(str(styles()["worded"][name])))


CHECKS: Mapping[str, Check] = {
    "word": whole, "number": digits, "stop": stops, "reach": apart, "verb": handed, "tense": tense, "meaning": meant, "fact": read,
}  # fmt: skip
