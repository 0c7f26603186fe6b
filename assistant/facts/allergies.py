"""Allergies: what the text says the patient cannot take, by the word or by the reaction; "no known allergies" as one absent finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.facts.drugs import in_question, mentions
from assistant.facts.sections import Section
from assistant.records import Finding, Presence, Span
from knowledge_base.lexicon import drug_class_names

BEFORE = 110        # letters before a drug in which the reaction to it is told
_ALLERGIC = re.compile(
    r"\b(?P<no>not |no (?:known )?|denies (?:any )?|without )?(?:allerg(?:y|ies|ic)(?: reaction)?|anaphyla\w+|hypersensitiv\w+|"
    r"intoleran\w+|rash)\s+(?:to|with|from|after|following|of)?\s*:?\s*",
    re.IGNORECASE,
)
_SIGN = (
    r"(?:(?:wide-?spread |itchy |skin |bad )?rash|hives|urticaria|wheez\w+|bronchospasm|stridor|angio-?o?edema|"
    r"(?:facial|face|lip|tongue|throat) swelling|swollen (?:face|lips?|tongue|throat)|swelling of the (?:face|lips?|tongue|throat)|"
    r"stevens-johnson(?: syndrome)?|DRESS|collapse[d]?)"
)
# "rash and wheeze with amoxicillin", "penicillin gave her hives", "co-trimoxazole (Stevens-Johnson)"
_REACTED = re.compile(
    rf"\b(?P<no>no |never |without )?(?:{_SIGN}(?:(?:,| and| or)+ (?:a |an )?{_SIGN})*|reacted(?: badly)?|(?:bad |severe )?reaction)\s+"
    r"(?:to|with|from|after|on)\s+(?:(?:taking|starting|a|an|the|her|his|first|last|oral|IV|dose of|course of|previous)\s+){0,4}$",
    re.IGNORECASE,
)
_GAVE = r"(?:gave|gives|caused|causes|brings?|brought)(?: on)?(?: her| him| me| them)?(?: an?)?"
_REACTED_AFTER = re.compile(rf"\s*(?:\(|->|→|[:=]|-|{_GAVE})\s*(?:{_SIGN}|anaphyla\w+)\b", re.IGNORECASE)
_ALLERGY_AFTER = re.compile(r"[\s-]*(?P<no>)(?:allerg(?:y|ic|ies)|hypersensitivity|anaphylaxis|intolerance)\b", re.IGNORECASE)
_NONE_KNOWN = re.compile(
    r"\b(?:NKDA|NKA|no known (?:drug |medication |medicine )?allerg\w+|no (?:drug |medication )?allerg\w+|denies (?:any )?(?:drug |"
    r"medication )?allerg\w+|allergies\s*[:\-]\s*(?:none|nil|no\b|nkda))",
    re.IGNORECASE,
)
_NO_BEFORE = re.compile(
    r"\b(?:no|not|nil|never|without|denie[sd]|denying|negative for)\s+"
    r"(?:(?:any|a|an|known|documented|reported|history of|hx of|previous)\s+)*$", re.IGNORECASE,
)  # fmt: skip
_NO_AFTER = re.compile(
    r"[\s-]*(?:allerg\w+)?\s*(?:[:?=-]\s*(?:no|nil|none|denied)\b|(?:is |was )?(?:denied|excluded|ruled out))", re.IGNORECASE
)
_PEN = re.compile(r"\bpen(?=[\s-]*allerg)", re.IGNORECASE)
_SUBSTANCES = re.compile(
    r"\b(?:latex|peanuts?|tree nuts?|nuts|shellfish|sea ?food|fish|eggs?|milk|soy|wheat|bee stings?|wasp|pollen|iodine|contrast|"
    r"dust mites?|strawberr\w+|adhesive)\b",
    re.IGNORECASE,
)


def find(text: str, sections: Sequence[Section]) -> list[Finding]:
    """Allergens: drugs by generic name, drug classes, and common substances; "no known allergies" as one absent finding."""
    every = list(_allergens(text))
    found = [Finding("drug allergy", Span(m.start(), m.end()), "absent") for m in _NONE_KNOWN.finditer(text)]
    for section in sections:
        if section.name == "allergies" and not any(section.start <= f.span.start < section.end for f in found):
            listed = [(name, span) for name, span in every if section.body <= span.start < section.end]
            found += [Finding(name, span) for name, span in listed if not in_question(text, span.start)]
    for match in _ALLERGIC.finditer(text):
        if match[0].lower().startswith("rash") and not re.search(r"\b(?:to|with|from|after)\s*$", match[0]):
            continue
        end = _end_of_list(text, match.end())
        presence: Presence = "absent" if match["no"] else "present"
        found += [Finding(name, span, presence) for name, span in every if match.end() <= span.start < end]
    found += [Finding(name, span, _denied(text, span)) for name, span in every if _is_allergy(text, span)]
    found += [Finding(name, span, told) for name, span in every if (told := _reaction(text, span))]
    unique = {(item.name, item.span.start): item for item in reversed(found)}
    return sorted(unique.values(), key=lambda item: item.span.start)


def _is_allergy(text: str, span: Span) -> bool:
    """Whether the word "allergy" follows the name, or belongs to the spelling of the class."""
    after = _ALLERGY_AFTER.match(text, span.end) or _REACTED_AFTER.match(text, span.end)
    return bool(after) or "allerg" in text[span.start : span.end].lower()


def _denied(text: str, span: Span) -> Presence:
    """Whether "penicillin allergy" is said not to be there: "no known penicillin allergy", "penicillin allergy: no"."""
    denied = _NO_BEFORE.search(text, max(0, span.start - BEFORE), span.start) or _NO_AFTER.match(text, span.end)
    return "absent" if denied else "present"


def _reaction(text: str, span: Span) -> Presence | None:
    """What is told right before a name of a reaction to it: "wheeze after aspirin", "no rash with penicillin"."""
    told = _REACTED.search(text, max(0, span.start - BEFORE), span.start)
    return ("absent" if told["no"] else "present") if told else None


def _end_of_list(text: str, start: int) -> int:
    stop = re.search(r"[.;\n]|\b(?:who|presents|takes|taking|on|has|had|with|and is|but)\b", text[start : start + 120])
    return start + (stop.start() if stop else min(120, len(text) - start))


def _allergens(text: str) -> Iterator[tuple[str, Span]]:
    """Everything in the text that one may be allergic to: drugs, classes, substances."""
    yield from mentions(text)
    for match in _classes().finditer(text):
        yield drug_class_names()[match[0].lower()], Span(match.start(), match.end())
    yield from (("penicillin", Span(match.start(), match.end())) for match in _PEN.finditer(text))
    for match in _SUBSTANCES.finditer(text):
        yield match[0].lower(), Span(match.start(), match.end())


@cache
def _classes() -> re.Pattern[str]:
    names = sorted(drug_class_names(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
