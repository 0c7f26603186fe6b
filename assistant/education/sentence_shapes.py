"""The shape of sentences: one that holds several becomes several, a long list is set out line by line. Patterns: plain_rules.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from knowledge_base.lexicon import read_table

BULLET = "\n• "
LONG = 10       # words of a sentence above which its list is set out line by line
ITEMS = 3
ITEM_WORDS = 14


def parts(sentence: str) -> list[str]:
    """The shorter sentences that one sentence holds; one that opens with a condition stays whole up to its reason, for it holds for all."""
    found = [finished(piece) for piece in re.split(r";\s+", sentence)]
    for cut in (_at_joints, _at_acts, _at_subjects):
        found = [piece for part in found for piece in cut(part)]
    return found


def _at_joints(sentence: str) -> list[str]:
    for pattern, opener in _cut()["joints"]:
        match = re.search(pattern, sentence)
        if not match or (_opens_with_condition(sentence) and not opener.startswith("This")):
            continue  # a reason holds without the condition, another act may not
        if _whole(sentence[: match.start()]) and _subject().search(sentence[match.end() :]):
            return [sentence[: match.start()], *_at_joints(opener + sentence[match.end() :])]
    return [sentence]


def _at_acts(sentence: str) -> list[str]:
    """ "Take every dose, attend blood tests, and report fever": one act a sentence."""
    if _opens_with_condition(sentence) or not _acting().match(sentence):
        return [sentence]
    negated = bool(re.match(r"\W*(?:do not|never|avoid)\b", sentence, re.IGNORECASE))
    act = rf"(?:do not |never |always )?{_sure_act()}"
    pieces = re.split(rf"{',' if negated else ',?'} (?:and |then |and then )(?={act})" + ("" if negated else rf"|, (?={act})"), sentence)
    return _with_objects(pieces)


def _with_objects(acts: Sequence[str]) -> list[str]:
    """An act of one or two words shares what the next one ends in ("stop and call for black stools"), so it stays with it."""
    out: list[str] = []
    for act in reversed(acts):
        if out and len(act.split()) < ITEMS:
            out[0] = f"{act} and {out[0]}"
        else:
            out.insert(0, act)
    return out


def _at_subjects(sentence: str) -> list[str]:
    """ "A is B, and C is D": two sentences, unless what opens the sentence holds for both."""
    if _opens_with_condition(sentence):
        return [sentence]
    for match in re.finditer(r", and (?!that\b|which\b|whether\b|who\b|if\b|when\b|for\b|in\b|with\b)", sentence):
        head, tail = sentence[: match.start()], sentence[match.end() :]
        early = " ".join(tail.split()[:5])
        if _whole(head) and _subject().search(early) and not re.match(r"(?:can|may|should|must|is|are|has|have|do|does)\b", tail):
            return [head, *_at_subjects(tail)]
    return [sentence]


def _whole(text: str) -> bool:
    found = _acting().match(text) or (_opens_with_condition(text) and re.search(rf" (?:{acts()}) ", text))
    return bool(_subject().search(text) or found) and len(text.split()) > 2


def _opens_with_condition(sentence: str) -> bool:
    return bool(re.match(_cut()["conditional"], sentence, re.IGNORECASE))


def set_out(sentence: str) -> str:
    """A long sentence with a list, one item a line: the acts of one condition, or what it ends in; not what stands under a "not"."""
    if len(sentence.split()) <= LONG:
        return sentence
    return _acts_set_out(sentence) or _list_set_out(sentence.rstrip(".")) or sentence


def _acts_set_out(sentence: str) -> str:
    """ "With a cold rest, drink, and do not smoke": the condition once, then its acts."""
    stop = r"[^,;:]*?," if re.match(r"(?:if|when|once|while|until|unless)\b", sentence, re.IGNORECASE) else r"[^,;:]*?,?"
    lead = re.match(rf"(?P<lead>{_cut()['conditional']}{stop}) (?=(?:do not |never )?(?:{acts()})\b)", sentence, re.IGNORECASE)
    if not lead or not 1 < len(lead["lead"].split()) <= ITEM_WORDS or re.match(r"(?:to|by|only|at)\b", sentence, re.IGNORECASE):
        return ""
    act = rf"(?:do not |never |always )?(?:{_sure_act()}|(?<=, and )(?:{acts()}) )"
    found = _with_objects(re.split(rf",? (?:and |then |and then )(?={act})|, (?={act})", sentence[lead.end() :]))
    return _lines(lead["lead"].rstrip(","), found) if len(found) > 1 else ""


def _list_set_out(body: str) -> str:
    prefix = re.match(r"(?:(?:if|when|after|before|once) [^,:]*, )?", body, re.IGNORECASE)
    opening = prefix[0] if prefix else ""
    pieces = _items(body[len(opening) :])
    leads = list(re.finditer(rf"\b{_cut()['list_lead']}|:(?= )", pieces[0]))
    lead = next((m for m in reversed(leads) if m[0] == ":"), None)
    lead = lead or next((m for m in reversed(leads) if m[0] in ("for", "with") or m[0].endswith((" has", " have"))), None)
    lead = lead or next(iter(leads), None)
    if len(pieces) < ITEMS or not lead or len(pieces[0][: lead.start()].split()) < 2:
        return ""
    before, first = pieces[0][: lead.end()], pieces[0][lead.end() :]
    found = _acting().match(before) or _subject().search(before) or (_opens_with_condition(before) and _whole(before))
    if not found or _subject().search(first) or re.search(r"\b(?:not|never|no|without|nor|neither)\b", before):
        return ""
    items = [pieces[0][lead.end() :].strip(), *pieces[1:]]
    last_acts = re.search(rf" and (?:{acts()}) (?:up|\w+ly)\b| and {_sure_act()}", items[-1])
    if last_acts or any(re.match(_cut()["no_item"], item) for item in items[1:]):
        return ""
    if any(_subject().search(item) and not re.search(r"\b(?:that|who|which)\b", item) for item in items[1:-1]):
        return ""
    return _lines(opening + before.rstrip(":"), items) if all(0 < len(item.split()) <= ITEM_WORDS for item in items) else ""


def _items(body: str) -> list[str]:
    """The items of the list that a sentence ends in: up to ", or", behind which all is one item; else up to the last "or"."""
    last = re.search(r", (?:or|and) ", body)
    head, tail = (body[: last.start()], body[last.end() :]) if last else ("", "")
    if not last and (match := re.search(r", [^,]*?( (?:or|and) )[^,]*$", body)):
        head, tail = body[: match.start(1)], body[match.end(1) :]
    return [*head.split(", "), tail] if head else [body]


def _lines(lead: str, items: Sequence[str]) -> str:
    return lead + ":" + "".join(f"{BULLET}{item.strip().rstrip('.')}" for item in items) + "\n"


def finished(text: str) -> str:
    """A sentence with its capital and full stop."""
    text = text.strip().strip(",;")
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else f"{text}."


def _cut() -> Any:
    return read_table("plain_rules")["cut"]


@cache
def acts() -> str:
    """The verbs that begin an instruction, as alternatives of a pattern."""
    return str(read_table("plain_rules")["acts"]["words"]).strip()


@cache
def _sure_act() -> str:
    """A verb that is no noun as well, or one that what follows shows to be a verb: "sleep well", not "sleep apnoea"."""
    return rf"(?:(?:{read_table('plain_rules')['acts']['sure']}) \w|(?:{acts()}) (?:{read_table('plain_rules')['acts']['shown_by']})\b)"


@cache
def _acting() -> re.Pattern[str]:
    return re.compile(rf"(?:also |then |do not |never |always )?(?:{acts()})\b", re.IGNORECASE)


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(rf"\b{_cut()['subject']}")
