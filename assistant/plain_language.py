"""A clinician's statement in plain words for the person it is about: by rules and a lay-term table, measured, and checked against the statement.

The rules are data (knowledge_base/plain_rules.toml, lay_terms.toml). Each way of wording is tried from the nearest to the plainest; the first
that reads at the target grade and changes no meaning is taken, so a statement is never simplified further than needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant import readability
from assistant.claims import canonical, content_words
from assistant.meaning import changed
from knowledge_base.lexicon import read_table

BULLET = "\n• "
LONG = 10       # words of a sentence above which its list is set out line by line
ITEMS = 3
ITEM_WORDS = 14


@dataclass(frozen=True, slots=True)
class Plain:
    """A statement reworded: its text (lists on lines of their own), its grade, and why a plainer wording was refused, if one was."""

    text: str
    grade: float
    refused: str = ""


def reworded(statement: str, *, titles: Sequence[str] = (), grade: float = 6.0) -> Plain:
    """The statement in words that read at `grade` or lower where the rules can do it without a change of meaning; else as low as they can.

    Args:
        statement: one statement of a guideline.
        titles: title and synonyms of the page: what they name need not be said again.
        grade: Flesch-Kincaid grade to reach.
    """
    best, refused = Plain(statement, readability.flesch_kincaid(statement)), ""
    for text in _ways(statement, titles):
        if reason := changed(text, statement, titles):
            refused = refused or reason
            continue
        found = Plain(text.strip(), readability.flesch_kincaid(text), refused)
        if found.grade <= grade:
            return found
        best = found if found.grade < best.grade or best.text == statement else best
    return Plain(best.text, best.grade, refused)


def simplified(text: str, *, grade: float = 6.0) -> str:
    """A whole text, sentence by sentence."""
    return " ".join(reworded(sentence, grade=grade).text for sentence in readability.sentences(text))


def _ways(statement: str, titles: Sequence[str]) -> Iterator[str]:
    spoken = finished(without_people(addressed(statement, titles), titles))
    split = [finished(part) for part in parts(spoken)]
    listed = [set_out(part) for part in split]
    for pieces in ([spoken], split, listed):
        yield fixed(" ".join(plain_words(piece, titles) for piece in pieces))
    for pieces in (listed, split, [spoken]):    # where a lay word is what was refused
        yield fixed(" ".join(pieces))


def plain_words(text: str, titles: Sequence[str] = ()) -> str:
    """Clinical words replaced by lay ones; a name of the page's own topic stays, unless the lay word is such a name as well."""
    table, names = read_table("lay_terms")["terms"], "; ".join(titles).lower()

    def lay(match: re.Match[str]) -> str:
        said = table[match[0].lower()]
        return match[0] if match[0].lower() in names and said not in names else _cased(said, match[0])

    return _terms().sub(lay, text)


def _cased(word: str, like: str) -> str:
    return word[0].upper() + word[1:] if like[0].isupper() else word


@cache
def _terms() -> re.Pattern[str]:
    terms = sorted(read_table("lay_terms")["terms"], key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, terms))})(?![\w-])", re.IGNORECASE)


def addressed(statement: str, titles: Sequence[str] = ()) -> str:
    """ "Tell adults with X to do Y" speaks to the reader: "Do Y"; whom a limit of the statement names is kept as "If you ..."."""
    for form, pattern in _address().items():
        if match := pattern.match(statement):
            opening = _opening(match.groupdict(), topic_words(titles))
            if opening is None:
                return statement
            rest = statement[match.end() :]
            if form == "should" and _second_subject().search(rest):
                return statement
            return _first_person(form, match.groupdict().get("not") or "", opening, rest)
    return statement


@cache
def _second_subject() -> re.Pattern[str]:
    """A verb further on that still speaks of the people: "adults must tell the authority and may drive when ..."."""
    return re.compile(r"\b(?:and|but|or) (?:may|can|should|must|is|are|need|have to)\b")


def _first_person(form: str, negation: str, opening: str, rest: str) -> str:
    if form == "that":
        rest = re.sub(rf",(?: and)? to (?=(?:{_acts()})\b)|, (?:and )?that ", "; ", rest)
        return opening + re.sub(r" and that ", " and ", rest)
    act = {"not": "do not ", "never": "never ", "always": "always "}.get(negation.strip(), "")
    joint = ", and " if opening else "; "    # a condition holds for every act, so with one they stay in one sentence
    rest = re.sub(r"(?:,? and|,|;) not to (?!the |a |an |be )(?=\w)", f"{joint}do not ", rest)
    rest = re.sub(r"(?:,? and|,|;) to (?!the |a |an |\d|those |people )(?=\w)", joint, rest)
    rest = re.sub(rf"(,? and|,|;) not (?=(?:{_acts()})\b)", r"\1 do not ", rest)
    return opening + act + re.sub(r"\bthemselves\b", "yourself", re.sub(_you()["theirs"], r"your \1", rest))


def _opening(found: Mapping[str, str | None], topic: frozenset[str]) -> str | None:
    """How the limits of whom a statement is for open the sentence: "" when the topic says them all, None when they cannot be said."""
    kind, rest = found.get("kind") or "", (found.get("qualifier") or "").strip()
    kinds = [(word, said) for word, said in _you()["kinds"] if re.search(rf"\b{word}\b", kind)]
    named = [said for word, said in kinds[:1] if not content_words(word) <= topic]
    opening = next((said for said in named if said), "")
    match = _of_topic().match(rest)
    if match and content_words(canonical(match["topic"])) <= topic:
        rest = (match["rest"] or "").strip()
    if not rest:
        return opening
    for pattern, said in _you()["qualifiers"]:
        if re.match(pattern, rest):
            limit = re.sub(pattern, said, rest)
            both = opening.startswith("If you") and limit.startswith("If you ")
            return limit if not opening else f"{opening[:-2]} and{limit[6:]}" if both else None
    return None


@cache
def _of_topic() -> re.Pattern[str]:
    whom = "with|of|living with|who have|after|having|at risk of"
    return re.compile(rf"(?:{whom}) (?P<topic>.+?)(?P<rest> (?:on|who|after|before|whose|taking|with|and)\b.*)?$")


def topic_words(titles: Sequence[str]) -> frozenset[str]:
    """What the page's title names, when it is one thing: a page on heat and cold injury must say "for frostbite" where it means that."""
    head = re.split(r" in (?=adults|children|people|men|women|pregnan)|\s*[(:]", titles[0])[0] if titles else ""
    return frozenset() if re.search(r",| and | or ", head) else content_words(canonical(head))


def without_people(text: str, titles: Sequence[str] = ()) -> str:
    """The text without "in adults with <the topic>", which the page says in its title, and without second units in brackets."""
    rules, topic = read_table("plain_rules")["drop"], topic_words(titles)
    for pattern in rules["openers"]:
        text = re.sub(pattern, "", text, flags=re.IGNORECASE)
    for pattern in (rules["people"], rules["topic"], rules["opening"].replace("ACT", f"(?:{_acts()})")):
        text = re.sub(pattern, lambda m: "" if _said_by_title(m["topic"], topic) else m[0], text, flags=re.IGNORECASE)
    return re.sub(r" \((?:[A-Z][A-Za-z0-9-]{1,5}|[A-Z]\. \w+)\)", "", text)


def _said_by_title(phrase: str | None, topic: frozenset[str]) -> bool:
    """Whether a phrase adds nothing to the title; a group named without a condition (None) adds nothing either."""
    words = content_words(canonical(phrase)) if phrase else frozenset()
    return phrase is None or bool(words and words <= topic)


def parts(sentence: str) -> list[str]:
    """The shorter sentences that one sentence holds; each keeps its own condition, so a sentence that opens with one is cut at its end only."""
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
    acts = _acting().match(text) or (_opens_with_condition(text) and re.search(rf" (?:{_acts()}) ", text))
    return bool(_subject().search(text) or acts) and len(text.split()) > 2


def _opens_with_condition(sentence: str) -> bool:
    return bool(re.match(_cut()["conditional"], sentence, re.IGNORECASE))


def set_out(sentence: str) -> str:
    """A long sentence with a list, one item a line: the acts of one condition, or what a sentence ends in; not what stands under a "not"."""
    if len(sentence.split()) <= LONG:
        return sentence
    return _acts_set_out(sentence) or _list_set_out(sentence.rstrip(".")) or sentence


def _acts_set_out(sentence: str) -> str:
    """ "With a cold rest, drink, and do not smoke": the condition once, then its acts."""
    stop = r"[^,;:]*?," if re.match(r"(?:if|when|once|while|until|unless)\b", sentence, re.IGNORECASE) else r"[^,;:]*?,?"
    lead = re.match(rf"(?P<lead>{_cut()['conditional']}{stop}) (?=(?:do not |never )?(?:{_acts()})\b)", sentence, re.IGNORECASE)
    if not lead or not 1 < len(lead["lead"].split()) <= ITEM_WORDS or re.match(r"(?:to|by|only|at)\b", sentence, re.IGNORECASE):
        return ""
    act = rf"(?:do not |never |always )?(?:{_sure_act()}|(?<=, and )(?:{_acts()}) )"
    acts = _with_objects(re.split(rf",? (?:and |then |and then )(?={act})|, (?={act})", sentence[lead.end() :]))
    return _lines(lead["lead"].rstrip(","), acts) if len(acts) > 1 else ""


def _list_set_out(body: str) -> str:
    prefix = re.match(r"(?:(?:if|when|after|before|once) [^,:]*, )?", body, re.IGNORECASE)
    opening = prefix[0] if prefix else ""
    pieces = _items(body[len(opening) :])
    leads = list(re.finditer(rf"\b{_cut()['list_lead']}|:(?= )", pieces[0]))
    lead = next((m for m in reversed(leads) if m[0] == ":"), None) or next((m for m in reversed(leads) if m[0] in ("for", "with") or m[0].endswith((" has", " have"))), None)
    lead = lead or next(iter(leads), None)
    if len(pieces) < ITEMS or not lead or len(pieces[0][: lead.start()].split()) < 2:
        return ""
    before, first = pieces[0][: lead.end()], pieces[0][lead.end() :]
    acts = _acting().match(before) or _subject().search(before) or (_opens_with_condition(before) and _whole(before))
    if not acts or _subject().search(first) or re.search(r"\b(?:not|never|no|without|nor|neither)\b", before):
        return ""
    items = [pieces[0][lead.end() :].strip(), *pieces[1:]]
    if any(re.match(_cut()["no_item"], item) for item in items[1:]) or re.search(rf" and (?:{_acts()}) \w+ly\b| and {_sure_act()}", items[-1]):
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


def fixed(text: str) -> str:
    """Articles, blanks and doubled words after replacements."""
    for pattern, replacement in read_table("plain_rules")["fix"]["rules"]:
        text = re.sub(pattern, replacement, text)
    return re.sub(r"\n (?!•)", "\n", text).strip()


@cache
def _address() -> Mapping[str, re.Pattern[str]]:
    rules = read_table("plain_rules")["address"]
    qualifier = rules["qualifier"].replace("ACT", rf"(?:{_acts()})\b")
    opening = f"(?:{rules['tell']}){rules['who']}{qualifier}"
    act = rules["do"].replace("ACT", rf"(?:{_acts()})\b")
    should = rules["should"].replace("ACT", rf"(?:{_acts()})\b")
    compiled: Callable[[str], re.Pattern[str]] = lambda pattern: re.compile(pattern, re.IGNORECASE)  # noqa: E731
    return {
        "do": compiled(opening + act),
        "that": compiled(f"{opening}{rules['that']}|{rules['alone']}"),
        "should": compiled(f"{rules['who']}{qualifier}{should}"),
    }


def _you() -> Any:
    return read_table("plain_rules")["you"]


def _cut() -> Any:
    return read_table("plain_rules")["cut"]


@cache
def _acts() -> str:
    return str(read_table("plain_rules")["acts"]["words"]).strip()


@cache
def _sure_act() -> str:
    """A verb that is no noun as well, or one that what follows shows to be a verb: "sleep well", not "sleep apnoea"."""
    return rf"(?:(?:{read_table('plain_rules')['acts']['sure']}) \w|(?:{_acts()}) (?:{read_table('plain_rules')['acts']['shown_by']})\b)"


@cache
def _acting() -> re.Pattern[str]:
    return re.compile(rf"(?:also |then |do not |never |always )?(?:{_acts()})\b", re.IGNORECASE)


@cache
def _subject() -> re.Pattern[str]:
    return re.compile(rf"\b{_cut()['subject']}")


def speaks_to_clinician(text: str) -> bool:
    """Whether a text still tells somebody to tell a patient; "tell your doctor" does not."""
    return bool(_told().match(text)) or bool(_to_whom().match(text))


@cache
def _told() -> re.Pattern[str]:
    return re.compile(r"(?:advise|explain|counsel|reassure|teach|discuss|encourage|offer)\b", re.IGNORECASE)


@cache
def _to_whom() -> re.Pattern[str]:
    own = "team|doctor|dentist|nurse|clinic|GP|DVLA|surgeon|midwife|pharmacist|clinician"
    return re.compile(rf"(?:tell|warn|inform|remind) (?!(?:your |the |any |all )?(?:{own}))", re.IGNORECASE)
