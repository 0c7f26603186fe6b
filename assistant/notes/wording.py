"""The course of a note in a model's words: it joins and shortens numbered lines; the gate and `fidelity` judge each sentence.

Code decides what is told: a line that no sentence tells is shown as it stands, so that wording loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from assistant.errors import BackendError, InputError
from assistant.llm.base import Prompt as Turn
from assistant.notes import fidelity
from assistant.notes.lines import Note, quotes, sentences, styles
from assistant.parts import Parts
from assistant.records import Bullet, Dropped, Span
from assistant.wording import MARKS, finished, marks
from assistant.wording import sentences as spoken
from prompts import load

PROMPT = "summarize_course"
LINES = 8           # of one call: what a small model still tells apart
FEWEST = 3          # lines; fewer are read as fast as a summary of them
LONGEST = 300       # characters of a line that a model is given
CALLS = 4           # of one part, 10 to 20 seconds each on two cores; what is left of a long note is quoted
MAX_TOKENS = 320
NO_MODEL = "no model is loaded"
_BEHIND_MARK = re.compile(r"(?<=\d\])(?=[,;\s])")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Course:
    """A part of a summary: its bullets, the sentences that failed a check, and why every line is quoted where no model wrote."""

    bullets: tuple[Bullet, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    quoted: str = ""


def narrative() -> frozenset[str]:
    """Names of the sections that are told in sentences."""
    return frozenset(styles()["worded"]["sections"])


def versions(parts: Parts) -> dict[str, str]:
    """Model and prompt, for the versions of a summary."""
    return {"model": parts.llm.name, "prompt": load(PROMPT).label}


def course(parts: Parts, note: Note, part: str, names: Collection[str]) -> Iterator[Course]:
    """The lines of those sections as a part that grows sentence by sentence; the last one is whole.

    Lines that no kept sentence tells are quoted, each at its place.
    """
    said: list[Bullet] = []
    dropped: list[Dropped] = []
    quoted = "" if parts.llm.writes else parts.fallback or NO_MODEL
    try:
        for item in () if quoted else _written(parts, note, part, names):
            if isinstance(item, Dropped):
                dropped.append(item)
            elif not any(span in bullet.spans for bullet in said for span in item.spans):     # no line is told twice
                said.append(item)
            yield Course(tuple(said), tuple(dropped))
    except (BackendError, InputError) as error:
        quoted = str(error)
    yield Course(tuple(_whole(note, part, names, said)), tuple(dropped), quoted)


def _written(parts: Parts, note: Note, part: str, names: Collection[str]) -> Iterator[Bullet | Dropped]:
    prompt = load(PROMPT)
    for lines in islice(_batches(note, names), CALLS):
        numbered = "\n".join(f"[{number}] {note.said(line)}" for number, line in enumerate(lines, 1))
        turn = Turn(prompt.system, prompt.render(lines=numbered))
        for text in spoken(parts.llm.stream(turn, max_tokens=MAX_TOKENS, seed=parts.settings.seed)):
            yield from judged(text, note, part, lines)


def _batches(note: Note, names: Collection[str]) -> Iterator[list[Span]]:
    """The lines of each narrative section, cut into calls of nearly equal length."""
    for section in note.sections:
        if section.name not in narrative() or section.name not in names:
            continue
        lines = [line for line in sentences(note.text, section.body, section.end) if line.end - line.start <= LONGEST]
        size = -(-len(lines) // -(-len(lines) // LINES)) if lines else 1
        yield from (batch for at in range(0, len(lines), size) if len(batch := lines[at : at + size]) >= FEWEST)


def judged(text: str, note: Note, part: str, lines: Sequence[Span]) -> Iterator[Bullet | Dropped]:
    """A sentence that passes; of one that fails, the longest beginning that passes, cut behind a mark, and the rest as dropped.

    A beginning on a single line is not worth its cut: that line is quoted.
    """
    verdict, pieces = judge(text, note, part, lines), _BEHIND_MARK.split(text)
    for end in range(len(pieces) - 1, 1, -1) if isinstance(verdict, Dropped) else ():
        if isinstance(start := judge("".join(pieces[:end]), note, part, lines), Bullet):
            yield start
            verdict = replace(verdict, text="".join(pieces[end:]).strip(" ,;"))
            break
    yield verdict


def judge(text: str, note: Note, part: str, lines: Sequence[Span]) -> Bullet | Dropped:
    """A sentence of a model as a bullet on the lines that it cites, or dropped with the check that failed."""
    plain, numbers = _ITEM.sub("", MARKS.sub("", text)).strip(), marks(text)
    if not (numbers and plain):
        return Dropped(plain, "citation", "no line is cited")
    if wrong := [number for number in numbers if not 1 <= number <= len(lines)]:
        return Dropped(plain, "citation", f"line [{wrong[0]}] was not given")
    cited = [lines[number - 1] for number in sorted(set(numbers))]
    told = [cited[place] for place in fidelity.told(plain, [note.said(line) for line in cited])]
    for rests in filter(None, (told, cited)):
        verdict = fidelity.check(plain, [note.said(line) for line in rests], sex=note.facts.sex)
        if verdict.ok:
            return _bullet(plain, note, part, rests)
    return Dropped(plain, verdict.check, verdict.reason, ", ".join(f"{line.start}-{line.end}" for line in cited))


def _bullet(plain: str, note: Note, part: str, lines: Sequence[Span]) -> Bullet:
    """The sentence on its lines; one that tells a single line may as well be that line."""
    if len(lines) == 1:
        return Bullet(note.said(lines[0]), part, (lines[0],), "quote")
    return Bullet(finished(plain[0].upper() + plain[1:]), part, tuple(lines), "model")


def _whole(note: Note, part: str, names: Collection[str], said: Sequence[Bullet]) -> list[Bullet]:
    """Sentences, and the lines that no sentence tells as they stand, in the order of the note."""
    told = {line for bullet in said for line in bullet.spans}
    quoted = [quote for quote in quotes(note, part, names) if quote.spans[0] not in told]
    return sorted([*said, *quoted], key=lambda bullet: bullet.spans[0].start)
