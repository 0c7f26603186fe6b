"""A clinician's statement in plain words for the person it is about: by rules and a lay-term table, measured and checked.

The rules are data (plain_rules.toml, lay_terms.toml). Each way of wording is tried from the nearest to the plainest; the first that
reads at the target grade and changes no meaning is taken, so that a statement is never simplified further than needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.education import readability
from assistant.education.meaning import changed
from assistant.education.sentence_shapes import acts, finished, parts, set_out
from assistant.gate.claims import canonical, content_words
from knowledge_base.lexicon import read_table


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
        rest = re.sub(rf",(?: and)? to (?=(?:{acts()})\b)|, (?:and )?that ", "; ", rest)
        return opening + re.sub(r" and that ", " and ", rest)
    act = {"not": "do not ", "never": "never ", "always": "always "}.get(negation.strip(), "")
    joint = ", and " if opening else "; "    # a condition holds for every act, so with one they stay in one sentence
    rest = re.sub(r"(?:,? and|,|;) not to (?!the |a |an |be )(?=\w)", f"{joint}do not ", rest)
    rest = re.sub(r"(?:,? and|,|;) to (?!the |a |an |\d|those |people )(?=\w)", joint, rest)
    rest = re.sub(rf"(,? and|,|;) not (?=(?:{acts()})\b)", r"\1 do not ", rest)
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
    for pattern in (rules["people"], rules["topic"], rules["opening"].replace("ACT", f"(?:{acts()})")):
        text = re.sub(pattern, lambda m: "" if _said_by_title(m["topic"], topic) else m[0], text, flags=re.IGNORECASE)
    return re.sub(r" \((?:[A-Z][A-Za-z0-9-]{1,5}|[A-Z]\. \w+)\)", "", text)


def _said_by_title(phrase: str | None, topic: frozenset[str]) -> bool:
    """Whether a phrase adds nothing to the title; a group named without a condition (None) adds nothing either."""
    words = content_words(canonical(phrase)) if phrase else frozenset()
    return phrase is None or bool(words and words <= topic)


def fixed(text: str) -> str:
    """Articles, blanks and doubled words after replacements."""
    for pattern, replacement in read_table("plain_rules")["fix"]["rules"]:
        text = re.sub(pattern, replacement, text)
    return re.sub(r"\n (?!•)", "\n", text).strip()


@cache
def _address() -> Mapping[str, re.Pattern[str]]:
    rules = read_table("plain_rules")["address"]
    qualifier = rules["qualifier"].replace("ACT", rf"(?:{acts()})\b")
    opening = f"(?:{rules['tell']}){rules['who']}{qualifier}"
    act = rules["do"].replace("ACT", rf"(?:{acts()})\b")
    should = rules["should"].replace("ACT", rf"(?:{acts()})\b")
    compiled: Callable[[str], re.Pattern[str]] = lambda pattern: re.compile(pattern, re.IGNORECASE)  # noqa: E731
    return {
        "do": compiled(opening + act),
        "that": compiled(f"{opening}{rules['that']}|{rules['alone']}"),
        "should": compiled(f"{rules['who']}{qualifier}{should}"),
    }


def _you() -> Any:
    return read_table("plain_rules")["you"]


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
