"""Whom a handout is for: age, sex, pregnancy, conditions, medicines, language; and which statements that leaves out or puts first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from assistant import facts as facts_of
from assistant import gate
from assistant.errors import InputError
from assistant.records import PatientFacts
from knowledge_base.documents import Passage
from knowledge_base.lexicon import drug_names

ADULT, FERTILE = 18, 56
LANGUAGES = {"en": "English", "es": "Spanish", "zh": "Chinese"}


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of the reader; None and empty mean unknown, never "no"."""

    age_years: float | None = None
    sex: str | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    country: str = ""
    language: str = "en"
    facts: PatientFacts = field(default_factory=PatientFacts)


def reader(given: Mapping[str, Any] | PatientFacts | str) -> Reader:
    """A reader from a mapping of the fields of `Reader` (`note` adds the facts of a text), from facts, or from a note.

    Raises:
        InputError: an unknown key, or a value that the key does not take.
    """
    if isinstance(given, PatientFacts):
        return _of_facts(given)
    if isinstance(given, str):
        return _of_facts(facts_of.extract(given))
    known = {f.name for f in fields(Reader)} - {"facts"} | {"note"}
    if unknown := sorted(set(given) - known):
        raise InputError(f"unknown reader key {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    base = _of_facts(facts_of.extract(str(given["note"]))) if given.get("note") else Reader()
    values = {name: _checked(name, value) for name, value in given.items() if name != "note" and value is not None}
    return Reader(**{**{f.name: getattr(base, f.name) for f in fields(Reader)}, **values})


def _of_facts(found: PatientFacts) -> Reader:
    mine = (f for f in found.findings if f.presence == "present" and f.experiencer == "patient" and f.when in ("now", "history"))
    present = tuple(dict.fromkeys(finding.name for finding in mine))
    drugs = tuple(dict.fromkeys(m.name for m in found.medications if m.presence == "present" and m.when == "now"))
    return Reader(found.age_years, found.sex, found.pregnant, found.breastfeeding, present, drugs, facts=found)


def _checked(name: str, value: Any) -> Any:
    try:
        match name:
            case "age_years":
                return _age(float(value))
            case "pregnant" | "breastfeeding":
                return _one_of(name, value, (True, False))
            case "sex":
                return _one_of(name, str(value).lower(), ("female", "male"))
            case "language":
                return _one_of(name, str(value).lower(), tuple(LANGUAGES))
            case "conditions" | "medicines":
                return tuple(map(str, [value] if isinstance(value, str) else value))
            case _:
                return str(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"reader {name} is {value!r}; {error}") from error


def _age(years: float) -> float:
    if not 0 <= years <= 120:
        raise ValueError("give years from 0 to 120")
    return years


def _one_of(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"give one of {', '.join(map(str, allowed))}")
    return value


def concerns(passage: Passage, who: Reader) -> bool:
    """Whether a statement can be for this reader: what is for others only is left out, what is unknown stays."""
    claim = gate.read_claim(passage.text)
    groups = claim.population - gate.read_claim(passage.title).population
    if "pregnant" in groups and (who.pregnant is False or who.sex == "male" or (who.age_years or 0) >= FERTILE):
        return False
    if "breastfeeding" in groups and (who.breastfeeding is False or who.sex == "male"):
        return False
    if groups & {"women"} and not groups & {"men", "adult"} and who.sex == "male":
        return False
    if groups & {"men"} and not groups & {"women", "adult"} and who.sex == "female":
        return False
    if groups & {"child", "infant", "neonate"} and "adult" not in groups and (who.age_years or 0) >= ADULT:
        return False
    return not who.country or passage.jurisdiction in ("international", who.country)


def nearness(passage: Passage, who: Reader) -> int:
    """How many of the reader's own medicines, conditions and states a statement speaks of."""
    claim, text = gate.read_claim(passage.text), passage.text.lower()
    taken = {drug_names().get(name.lower(), name.lower()) for name in who.medicines}
    named = sum(1 for name in who.conditions if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", text))
    return len(claim.drugs & taken) + named + int(bool(who.pregnant) and "pregnant" in claim.population)
