"""The fixed words of a handout (knowledge_base/handout_*.toml) and what tells one kind of advice from another."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.education import readability
from assistant.education.meaning import urgency
from assistant.education.plain_language import plain_words
from assistant.education.reader import ADULT, Reader
from assistant.gate.claims import canonical, content_words
from assistant.gate.thresholds import chart, decide
from assistant.records import PatientFacts, Sentence
from knowledge_base.documents import Document, Passage
from knowledge_base.lexicon import drug_class_names, drug_classes, drug_names, read_table

KEYS = ("what", "do", "medicines", "urgent", "ask", "teach")
LONG_WORD = 3       # syllables
MOST_QUESTIONS = 3      # on drugs, and on conditions, of the reader's own


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fixed sentences that open and close a section."""

    before: tuple[Sentence, ...] = ()
    after: tuple[Sentence, ...] = ()


def words(language: str) -> Mapping[str, Any]:
    """Headings, phrases and questions in a language."""
    return read_table(f"handout_{language}")


def fixed_sentence(name: str, who: Reader) -> Sentence:
    """A fixed phrase; its provenance says that it is no claim of a guideline."""
    return _said(str(words(who.language)["phrases"][name]))


def fixed(key: str, document: Document, who: Reader, *, sections: Collection[str]) -> Fixed:
    """The fixed sentences of a section; those of medicines only where the page speaks of any."""
    table = words(who.language)
    match key:
        case "urgent":
            return Fixed((fixed_sentence("emergency", who),), (fixed_sentence("unsure", who),))
        case "medicines" if key in sections or who.medicines:
            states = [("pregnant", who.pregnant), ("nursing", who.breastfeeding)]
            return Fixed((), tuple(fixed_sentence(name, who) for name, holds in [("medicines", True), *states] if holds))
        case "do" if who.age_years is not None and who.age_years < ADULT and document.meta.get("population") == "adults":
            return Fixed((fixed_sentence("child", who),))
        case "ask":
            return Fixed(tuple(_said(text) for text in questions(document, who)))
        case "teach":
            return Fixed(tuple(_said(table["teach"][name]) for name in table["teach"] if name in sections or name == "urgent"))
    return Fixed()


def _said(text: str) -> Sentence:
    return Sentence(text, "tool", tool="handout phrase")


def questions(document: Document, who: Reader) -> list[str]:
    """Questions to ask: general ones, and those that the reader's own medicines, conditions and values raise."""
    table = words(who.language)["ask"]
    asked = [str(text) for text in table["general"]]
    if any(passage.section in ("Tests", "Monitoring") for passage in document.passages):
        asked.append(table["test"])
    asked += [table["rule"].replace("DRUG", subject) for subject in _doubtful(document, who)[:MOST_QUESTIONS]]
    asked += [table["drug"].replace("DRUG", name) for name in who.medicines[:MOST_QUESTIONS]]
    topic = content_words(f"{document.title} {' '.join(document.synonyms)}")
    other = [name for name in who.conditions if not content_words(name) <= topic and not name.endswith(" use")]
    return asked + [table["condition"].replace("CONDITION", name) for name in other[:MOST_QUESTIONS]]


def _doubtful(document: Document, who: Reader) -> list[str]:
    """Drugs and classes that a rule of the guideline limits for this reader: a question to ask, never an order.

    Where the reader's medicines are known, only those: a question on a drug that nobody offered would worry.
    """
    own = PatientFacts(age_years=who.age_years, sex=_sex(who), pregnant=who.pregnant, breastfeeding=who.breastfeeding)
    facts = who.facts if who.facts != PatientFacts() else own
    limited = (d.rule for d in decide(document.passages, chart(facts)) if d.applies and d.rule.effect != "indicated")
    taken = {name.lower() for name in who.medicines}
    known = taken | {group for name in taken for group in drug_classes(name)} if taken else {*drug_names(), *drug_class_names()}
    return list(dict.fromkeys(rule.subject for rule in limited if rule.subject.lower() in known))


def _sex(who: Reader) -> Any:
    return who.sex


def signs(red_flag: str, titles: Sequence[str], said_already: set[str]) -> str:
    """The signs of a clinician's red flag that a person can notice, as a list to get help for; "" when it names none.

    What the flag means and what the team does then is theirs; a sign alone is reason enough to call, unless it is what the page is on
    (a seizure in epilepsy) or was said by a flag before.
    """
    said, table, topic = plain_words(red_flag).lower(), read_table("plain_rules")["signs"], plain_words(" ".join(titles)).lower()
    found = [word for word in table["words"] if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said)]
    longest = sorted((word for word in found if not any(word != other and word in other for other in found)), key=said.find)
    longest = [word for word in longest if word.rstrip("s") not in topic and word.rstrip("s") not in said_already]
    said_already.update(word.rstrip("s") for word in longest)
    grave = [word for word in longest if word in table["ambulance"]]
    by_haste = {"ambulance": grave, urgency(red_flag): [word for word in longest if word not in grave]}
    return "".join(f"{table['lead'][haste]}:\n" + "".join(f"• {word}\n" for word in found) for haste, found in by_haste.items() if found)


def on_medicine(text: str) -> bool:
    """Whether advice is on taking something."""
    return bool(_pattern("medicine").search(text))


def technical(text: str, titles: Sequence[str]) -> bool:
    """Whether more than one long word is left that is no name of the topic and no drug: such a text is not for patients yet."""
    named = content_words(" ".join(titles))
    long = [w for w in readability.words(text) if readability.syllables(w) > LONG_WORD and not content_words(w) <= named]
    return len([word for word in long if word.lower() not in drug_names()]) > 1


def orders(text: str) -> bool:
    """Whether a statement tells a clinician what to do."""
    return bool(_pattern("orders").match(text) or _pattern("asked").search(text))


def describes(passage: Passage) -> bool:
    """Whether advice tells what the condition is: it names it and says what it does; or it is the first of the page to explain."""
    told = re.match(r"(?:tell|explain|advise)\b.*?\bthat ", passage.text, re.IGNORECASE)
    opening = " ".join(passage.text[told.end() if told else 0 :].split()[:9])
    if not _pattern("describes").search(opening) or re.search(r"\b(?:should|must|need)\b", opening):
        return False
    named = content_words(canonical(opening)) & content_words(canonical(passage.title))
    return bool(named) or bool(told and passage.id.endswith(".1"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(read_table("plain_rules")["kinds"][name], re.IGNORECASE)
