"""Prompt -> model -> gate: the only place that calls a model, so that no unchecked word can get out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from assistant import gate
from assistant.gate import claims
from assistant.gate.fit import Fit, fit
from assistant.gate.stance import contradicts
from assistant.gate.thresholds import Chart, Decision
from assistant.llm.base import LLM
from assistant.llm.base import Prompt as Turn
from assistant.records import Citation, Dropped, Sentence, Span
from knowledge_base.documents import Passage
from prompts import Prompt

DOUBT = (0.05, 0.95)  # support by words alone, between which the cosine is asked too: it costs milliseconds a sentence
MARKS = re.compile(r"\s*\[(\d+(?:\s*[,;]\s*\d+)*)\]")
_END = re.compile(r"(?<=[.!?])(?:\s*\[\d+(?:\s*[,;]\s*\d+)*\])*[.!?]?\s+(?=[A-Z\d*•-])|\n+")
_META = re.compile(r"(?:according to )?(?:the |this )?(?:numbered )?statements?\b|(?:yes|no)\b[,.:;]", re.IGNORECASE)
_LABEL = re.compile(r"[A-Z][\w -]{2,40}:\s")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|approx|Dr|no|max|min|fig|St)\.$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model is given to word: numbered passages, the context it may repeat, the decisions and chart values it may not oppose."""

    passages: Sequence[Passage]
    context: str
    decisions: Sequence[Decision] = ()
    min_support: float = 0.5
    chart: Chart | None = None
    encode: Callable[[Sequence[str]], NDArray[np.float32]] | None = None


def write(llm: LLM, prompt: Prompt, values: dict[str, str], draft: Draft, *, max_tokens: int, seed: int) -> Iterator[Sentence | Dropped]:
    """Stream the model; hand each finished sentence to the gate; yield what may be shown and what was dropped, in order."""
    pieces = llm.stream(Turn(prompt.system, prompt.render(**values)), max_tokens=max_tokens, seed=seed)
    for text in sentences(pieces):
        yield judge(text, draft)


def judge(text: str, draft: Draft) -> Sentence | Dropped:
    """One sentence of a model, with its citation marks: kept with its citations, or dropped with the check that failed."""
    numbers = marks(text)
    plain = re.sub(r"^\s*(?:[-*•]\s*|\d{1,2}[.)]\s+)+(?=[A-Za-z])", "", MARKS.sub("", text)).strip()
    plain = _without_title(plain, draft.passages)
    wrong = [number for number in numbers if not 1 <= number <= len(draft.passages)]
    if wrong:
        return Dropped(plain, "citation", f"citation [{wrong[0]}] was not retrieved")
    cited = [draft.passages[number - 1] for number in dict.fromkeys(numbers)] or _nearest(plain, draft)
    if reason := _bad_form(plain, cited):
        return Dropped(plain, "form", reason, replaced_by=cited[0].id if cited else "")
    verdict = _verdict(plain, cited, draft)
    if not verdict.ok:
        return Dropped(plain, verdict.check, verdict.reason, replaced_by=cited[0].id if cited else "")
    if reason := contradicts(plain, draft.decisions, draft.chart):
        return Dropped(plain, "threshold", reason)
    held = fit(plain, cited, draft.decisions, draft.chart) if draft.chart else Fit()
    if held.unfit:
        return Dropped(plain, "patient", "; ".join(held.remarks))
    cites = tuple(cite(p) for p in cited)
    return Sentence(finished(plain), "guideline", cites, support=verdict.support, origin="model", for_patient="; ".join(held.remarks))


def _bad_form(text: str, cited: Sequence[Passage]) -> str:
    """Why a sentence is none that a statement could be worded in: it answers yes or no, names a statement, or hangs it under a label."""
    if _META.match(text):
        return "it answers yes or no, or speaks of a statement and not of what it says"
    label = _LABEL.match(text)
    own = label and any(label[0].lower() in passage.text.lower() for passage in cited)
    return f"the label '{label[0].strip()}' is not the statement's" if label and not own else ""


def marks(text: str) -> list[int]:
    """The numbers of the citation marks of a sentence, in their order."""
    return [int(number) for group in MARKS.findall(text) for number in re.split(r"\s*[,;]\s*", group)]


def _verdict(text: str, cited: Sequence[Passage], draft: Draft) -> gate.Verdict:
    """The gate's verdict by words; where these leave doubt and an encoder is at hand, by words and cosine."""
    statements, titles = [p.text for p in cited], [*dict.fromkeys(p.title for p in cited)]
    check = partial(gate.check, text, statements, context=draft.context, titles=titles, min_support=draft.min_support)
    verdict = check()
    doubtful = verdict.check in ("", "support") and DOUBT[0] < verdict.support < DOUBT[1]
    if not (doubtful and draft.encode):
        return verdict
    said, *rows = draft.encode([text, *statements])
    return check(similarity=max(float(said @ row) for row in rows))


def _without_title(text: str, passages: Sequence[Passage]) -> str:
    """The prompt writes "title: statement"; a model that copies the title into its sentence says nothing by it."""
    return next((text[len(p.title) + 1 :].lstrip() for p in passages if text.startswith(f"{p.title}:")), text)


def finished(text: str) -> str:
    """The sentence with its full stop: the citation mark may have stood before it."""
    return text if text[-1:] in ".!?" else f"{text}."


def _nearest(text: str, draft: Draft) -> list[Passage]:
    """The passage that an uncited sentence repeats, if one does: a small model forgets marks more often than facts."""
    words = claims.content_words(text)
    best = max(draft.passages, key=lambda passage: len(words & claims.content_words(passage.text)), default=None)
    return [best] if best and len(words & claims.content_words(best.text)) * 2 >= len(words) else []


def cite(passage: Passage) -> Citation:
    """The citation of a passage: its whole text is the quote, verbatim."""
    return Citation(passage.id, passage.text, passage.title, passage.source_label, passage.url, Span(passage.start, passage.end))


def quoted(passage: Passage, held: Fit = Fit()) -> Sentence:  # noqa: B008  frozen
    """A statement shown as it stands, with what was computed against it."""
    return Sentence(passage.text, "guideline", (cite(passage),), origin="quote", for_patient="; ".join(held.remarks))


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Cut a stream of text into finished sentences; the citation marks after a full stop belong to the sentence before them.

    The last piece counts only if it ends like a sentence: a text cut off at its token limit has no last word.
    """
    pending = ""
    for piece in pieces:
        pending += piece
        *done, pending = _split(pending)
        yield from done
    last = pending.strip()
    if re.search(r"[.!?](?:\s*\[[\d,;\s]+\])*[.\s]*$|\]\s*$", last):
        yield last


def _split(text: str) -> list[str]:
    parts, start = [], 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.start()]) or not text[start : match.end()].strip():
            continue
        parts.append(text[start : match.end()].strip())
        start = match.end()
    return [*(part for part in parts if part), text[start:]]
