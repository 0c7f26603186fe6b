"""Allergies: what the text says the patient cannot take, by the word or by the reaction; "no known allergies" as one absent finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from assistant.facts.drug_clauses import KIN, classes
from assistant.facts.drugs import mentions
from assistant.facts.sections import Section
from assistant.records import Finding, Presence, Span
from knowledge_base.lexicon import drug_class_names

BEFORE = 110        # letters before a drug in which the reaction to it is told
_ALLERGIC = re.compile(
    r"\b(?P<no>not |no (?:known )?|denies (?:any )?|without )?(?:allerg(?:y|ies|ic)(?: reaction)?|anaphyla\w+|hypersensitiv\w+|"
    r"intoleran\w+|intol\b|rash)(?:\s+(?:wrist)?(?:band|bracelet|alert|card|sticker|tag)\s+(?:says?|states?|reads?|for|is)\b)?"
    r"(?:\s+(?:to|with|from|after|following|of)\b)?(?:\s*[:=]\s*|\s*-\s+|\s+)",
    re.IGNORECASE,
)
# "sensitive to morphine" with a person as subject or none; of a germ it tells what kills it
_SENSITIVE = re.compile(
    r"(?:^|(?<=[.;\n(])|\b(?:pt|patient|s?he|I)(?:'s|'m| is| was| am)?)[ \t]*(?:(?:is|was|very|quite|also|known(?: to be)?)\s+)*"
    r"sensitive to\s+",
    re.IGNORECASE | re.MULTILINE,
)
_SIGN = (
    r"(?:(?:wide-?spread |itchy |skin |bad )?rash|hives|urticaria|wheez\w+|bronchospasm|stridor|angio-?\s?o?edema|"
    r"red[- ]man(?: syndrome)?|"
    r"(?:facial|face|lip|tongue|throat) swelling|"
    r"swollen (?:face|lips?|tongue|throat)|swelling of (?:the |her |his )?(?:face|lips?|tongue|throat)|"
    r"stevens-johnson(?: syndrome)?|DRESS|collapse[d]?)"
)
# "rash and wheeze with amoxicillin", "penicillin gave her hives", "co-trimoxazole (Stevens-Johnson)"
_REACTED = re.compile(
    rf"\b(?P<no>no |never |without )?(?:{_SIGN}(?:(?:,| and| or)+ (?:a |an )?{_SIGN})*|reacted(?: badly)?|(?:bad |severe )?reaction)\s+"
    r"(?:to|with|from|after|on)\s+(?:(?:taking|starting|a|an|the|her|his|first|last|oral|IV|dose of|course of|previous)\s+){0,4}$",
    re.IGNORECASE,
)
_GAVE = (
    r"(?:(?:gave|gives|caused|causes|brings?|brought|makes?|made)(?: on)?(?: her| him| me| them)?"
    r"(?: (?:come|break) out in| out in)?(?: an?)?|"
    r",? ?\b(?:I|s?he|they) (?:come|came|comes|break|broke)s? out in(?: an?)?)"
)
# in brackets or behind a dash stands as well what a drug is for: "cetirizine (itch)"
_REACTED_AFTER = re.compile(
    rf"\s*(?:(?:\(|->|→|[:=]|-|{_GAVE})\s*(?:{_SIGN}|anaphyla\w+)|(?:->|→|=|{_GAVE})\s*(?:itch(?:ing|y)?|pruritus|flushing)|red[- ]man)\b",
    re.IGNORECASE,
)
_ALLERGY_AFTER = re.compile(r"[\s-]*(?P<no>)(?:allerg(?:y|ic|ies)|hypersensitivity|anaphylaxis|intoleran(?:ce|t))\b", re.IGNORECASE)
# "I can't have codeine, makes me throw up": what the drug did is told, so that this is no mere interaction
_CANNOT = re.compile(r"\b(?:can't|cannot|can not|couldn't|unable to|not able to)\s+(?:have|take|tolerate|use)\s+(?:any\s+)?$", re.I)
_MAKES = re.compile(r"[^.;\n]{0,25}\b(?:makes?|made|gives?|gave|causes?|caused|brings?|sick|vomit\w*|swell\w*|itch\w*)\b", re.IGNORECASE)
_NONE_KNOWN = re.compile(
    r"\b(?:NKDA|NKA|no known (?:drug |medication |medicine )?allerg\w+|no (?:drug |medication )?allerg\w+|denies (?:any )?(?:drug |"
    r"medication )?allerg\w+|allergies\s*[:\-]\s*(?:none|nil|no\b|nkda))",
    re.IGNORECASE,
)
# "no known drug allergies otherwise" denies none of those just named
_OTHERWISE_BEFORE = re.compile(r"\botherwise\W*$", re.I)
_OTHERWISE = re.compile(r"(?: known)?[\s,]*(?:otherwise|else)\b", re.I)
_EXCEPT = re.compile(r"(?: known)?[\s,]*(?:apart from|except(?: for)?|other than|besides|bar)\s", re.I)
_NO_BEFORE = re.compile(
    r"\b(?:no|not|nil|never|without|denie[sd]|denying|negative for)\s+"
    r"(?:(?:any|a|an|known|documented|reported|history of|hx of|previous)\s+)*$", re.IGNORECASE,
)  # fmt: skip
_NO_AFTER = re.compile(
    r"[\s-]*(?:allerg\w+)?\s*(?:[:?=-]\s*(?:no|nil|none|denied)\b|(?:is |was )?(?:denied|excluded|ruled out))", re.IGNORECASE
)
_CLEARED = re.compile(
    r"[^.,;\n]{0,40}\b(?:de-?label+ed|disprove[dn]|refuted|outgrown|outgrew|no longer allergic|not (?:a )?true|never confirmed|"
    r"removed (?:after|following|by|from|on|post)[^.,;\n]{0,20}\b(?:test\w*|challenge|allerg\w+|record|immunolog\w+)|"
    r"(?:allergy|label|alert)[\s:–-]*(?:(?:was|has been|now|since) )?removed|challenge (?:was )?(?:negative|passed)|"
    r"allergy (?:test\w* )?(?:was )?(?:negative|removed|excluded|ruled out))\b",
    re.IGNORECASE,
)
# Words that make a drug beside an allergy one that is borne, given against it or taken for something else
_BORNE = re.compile(
    r"(?:(?<!not )(?<!n't )(?<!cannot )(?<!unable to )\b(?:tolerat\w+|given|gave|takes?|took|taking|carr(?:y|ies|ied|ying)|treated|"
    r"uses?|used|using|receiv\w+|prescribed|start(?:ed)?|switched|swapped|changed|instead|(?:ok(?:ay)?|fine|safe) with|"
    r"can (?:have|take|use)|eats?|drinks?)\b"
    r"|\d[^,;]*\b(?:after|on|with)\b|^\W*(?:(?:and|also|but|now|currently|is|was)\s+)*(?:on|with|after|for|completed)\b)[^,;]*$",
    re.IGNORECASE,
)
_BORNE_AFTER = re.compile(
    r"\s*(?:(?:jr|junior|pen|\(?which|is|was|has been|since|now|well|not)\s+)*"
    r"(?:tolerat\w+|given|used|carried|prescribed|fine\b|ok(?:ay)?\b|safe\b|"
    r"taken|resumed|started|continued|for (?:my|his|her|the)\b|"
    r"\d+(?:\.\d+)?\s?(?:mg|mcg|micrograms?|g|units?|puffs?|ml)\b(?![^,;.\n]{0,25}[-–(:]))",
    re.IGNORECASE,
)
_RESCUE = re.compile(r"\b(?:epi-?pen|jext|emerade|anapen|auto-?injector)", re.IGNORECASE)     # is carried against an allergy, and is none
_DIFFERENTIAL = re.compile(
    r"\b(?:less likely|unlikely|ddx|differential|rule out|r/o|consider\w*|exclude|versus|vs\.?)\b[^.;\n]{0,40}$", re.IGNORECASE
)
# the relative is the subject: "brought in by mum, allergic to ..." and "mum says allergic to ..." speak of the patient
_OF_KIN = re.compile(
    rf"(?<!by )(?<!with )(?<!per )(?<!BIB )(?<!and )\b(?P<my>(?:my|our)\s+(?:\w+\s+)?)?{KIN}(?:'s)?"
    r"(?:,?\s+(?:is|are|was|has|had|have|also|both|who|an?|known|severe|bad|very|gets?|got|drug|history|hx|of|can't|cannot)|\s*[:–-])*"
    r"(?:\s*(?:allergic|intolerant) to (?:(?!\b(?:but|I)\b)[^.;\n]){0,60})?\s*$",
    re.IGNORECASE,
)
_IN_KIN = re.compile(rf"[^.;\n]{{0,25}}\b(?:in|of) (?:her|his|the|my|their) (?:\w+ )?(?:{KIN}|family)\b", re.IGNORECASE)
_PATIENT_SPEAKS = re.compile(r"(?:^|\n)[ \t]*\[?(?:patient|pt)\]?\s*:[^\n]*$", re.IGNORECASE)     # "my daughter" is then somebody else
_I_AM = re.compile(r"\bI(?:'m|'ve| am| have| had| was| take| don't| can't)\b")
_BUT_NOT_I = re.compile(
    r"[^.;\n]{0,40}\bbut (?:(?:I'm|I am|s?he is|s?he's|they are|(?:the )?(?:patient|pt|child) is) not|s?he isn't)\b", re.IGNORECASE
)
_ASKING = re.compile(r"\b(?:is|are|can|could|should|what|which|do|does|would|will|how|may|any)\b", re.IGNORECASE)
_DOUBT = re.compile(r"(?<![\w)])\?\s?$")
_PUT = re.compile(r"\b(?:are you|is s?he|any(?: known)?)\s+$", re.IGNORECASE)       # "Are you allergic to penicillin?"
_QUESTION_END = re.compile(r"(?<=[^\s,(;])\?(?=\s|$)|[.!\n]")      # a "?" before its word is a doubt: "penicillin ?rash"
_ALLERGIES_ASKED = re.compile(
    r"(?:\bany (?:\w+ )?allerg\w+|\ballergic to any\w*|\bwhat (?:are you|is \w+) allergic to|\b(?:have|has) (?:any |known )?allergies|"
    r"(?:^|[.?!:]\s*)(?:and |drug |known )*allerg(?:y|ies))[^.?\n]{0,40}\?",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKER = re.compile(r"\s*(?:\[\w[\w ]*\]|(?-i:[A-Z])[\w .]{0,20}:)?\s*", re.IGNORECASE)
_NEXT_SPEAKER = re.compile(r"\n\s*(?:\[\w|[A-Z][\w .]{0,20}:)|\n\s*\n")
_GOES_ON = re.compile(r"\b(?:can't|cannot|couldn't|allerg\w+|react\w*|makes?|made|gives?|gave|brings?|rash|hives|swell\w*)\b", re.I)
_NO = re.compile(r"\W*(?:(?:oh|er|um|well),?\s+)?(?:no|nope|none|nil|nothing|not that|not as far)\b", re.IGNORECASE)
_LIST_STOP = re.compile(
    r"\([^()\n]*\)|[.;\n]|\)|"
    r"\b(?:who|presents|takes|taking|on|has|had|with|and is|but|so|therefore|hence|used?|given|after|can|not)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"\W*(?:(?:oh|er|um|well),?\s+)?(?:yes|yeah|yep|i am|s?he is)\b", re.IGNORECASE)
_PEN = re.compile(          # no EpiPen, and no insulin pen
    r"(?<!epi)(?<!epi[- ])(?<!insulin )(?<!filled )(?<!injector )\b"
    r"pen(?=[\s-]*allerg|\s*\?\s*(?:rxn|reaction|rash|anaphyl)|\s+(?:rxn|rash)\b)|"
    r"\ballerg\w*(?:\s+(?:to|wrist|band|bracelet|says?))*\s*[:–-]?\s+(?P<after>pen)(?=\s*(?:[.,;)?\n]|$))",
    re.IGNORECASE,
)
_SUBSTANCES = re.compile(
    r"\b(?:latex|peanuts?|cashews?|tree nuts?|nuts|sesame|shellfish|sea ?food|fish|eggs?|milk|soy|wheat|bee stings?|wasp|pollen|iodine|"
    r"contrast|dust mites?|strawberr\w+|kiwi|adhesive|(?:sticking )?plasters?|elastoplast|nickel)\b",
    re.IGNORECASE,
)
_GERM = re.compile(
    r"\b(?:cultur\w+|gr[eo]w\w*|isolat\w+|organisms?|coli|[MC]SU|MRSA|MSSA|kleb\w*|pseudomonas|proteus|enterococc\w+|staph\w*|strep\w*|"
    r"swab|bacter\w+|urine|sputum|resistant|tumou?r|cancer|INR)\b",
    re.IGNORECASE,
)
# the reaction told behind an allergen: in brackets, or behind a dash or an arrow as far as the item goes
_TOLD = re.compile(
    r"(?:\s*(?:allergy|intolerance)\b)?\s*(?P<told>\([^()\n]*\)|(?:->|→|[:=]|[-–]\s|\?)\s*[^.;,()\n]*)", re.IGNORECASE
)
_PLAIN_ITEM = re.compile(r"\s+(?P<told>[^.;,()\n]*)")          # "ACE-i cough only" in a list of allergies
_ACUTE = re.compile(r"\b(?:now|today|tonight|currently|still|min(?:ute)?s?|hours?|hrs?|this (?:morning|afternoon|evening))\b", re.I)
_GIVEN = re.compile(r"\b(?:given|gave|just|after|took|ate|presents?|presenting|started|ago)\b", re.IGNORECASE)
_MILD = re.compile(
    r"\s*(?:->|→|=)\s*(?:rash|itch\w*|pruritus|nausea|vomit\w*|N/?V|cough|flush\w*|myalgia|GI upset|headache)\b", re.IGNORECASE
)
Named = Sequence[tuple[str, Span]]


def find(text: str, sections: Sequence[Section]) -> list[Finding]:
    """Allergens: drugs by generic name, drug classes, and common substances; "no known allergies" as one absent finding.

    A doubted allergy ("?penicillin") is one until it is cleared: its span holds the doubt.
    """
    every = [(name, span) for name, span in _allergens(text) if not _RESCUE.match(text, span.start)]
    found = [*_none_known(text, every), *_listed(text, sections, every), *_answered(text, every)]
    found += [*_by_word(text, every), *_sensitive(text, every)]
    found += [Finding(name, span, _denied(text, span)) for name, span in every if _is_allergy(text, span)]
    found += [Finding(name, span, told) for name, span in every if (told := _reaction(text, span))]
    relatives = [section for section in sections if section.name == "family"]
    mine = [_whose(text, item) for item in found if not any(s.start <= item.span.start < s.end for s in relatives)]
    unique = {(item.name, item.span.start): item for item in reversed([item for item in mine if item])}
    return sorted((_with_doubt(text, item) for item in unique.values()), key=lambda item: item.span.start)


def reactions(text: str, sections: Sequence[Section], allergic: Sequence[Finding]) -> list[Span]:
    """Where the reactions to recorded allergens are told: what the patient once had. What happens now is told otherwise and stays."""
    listed = [section for section in sections if section.name == "allergies"]
    found = []
    for number, item in enumerate(allergic):
        stop = allergic[number + 1].span.start if number + 1 < len(allergic) else len(text)
        inside = any(section.body <= item.span.start < section.end for section in listed)
        told = _TOLD.match(text, item.span.end, stop) or (_PLAIN_ITEM.match(text, item.span.end, stop) if inside else None)
        if told and item.name != "drug allergy" and not _ACUTE.search(told[0]) and (inside or _is_recorded(text, item.span, told)):
            found.append(Span(*told.span("told")))
    return found


def _is_recorded(text: str, span: Span, told: re.Match[str]) -> bool:
    """Whether words outside a list of allergies record one: by the word itself, or as a mild reaction that nothing puts into this day."""
    line = text[max(text.rfind(mark, 0, span.start) for mark in ".;\n(") + 1 : told.end()]
    if _ACUTE.search(line) or _GIVEN.search(line):
        return False
    return re.search(r"\b(?:allerg|intol|hypersens)", line, re.IGNORECASE) is not None or _MILD.match(told["told"]) is not None


def _none_known(text: str, every: Named) -> Iterator[Finding]:
    """ "NKDA", unless it is said of all others than those named: before it ("NKDA otherwise") or after ("none except latex")."""
    for match in _NONE_KNOWN.finditer(text):
        if but := _EXCEPT.match(text, match.end()):
            yield from _items(text, every, but.end(), _end_of_list(text, but.end()))
        elif not _OTHERWISE.match(text, match.end()) and not _OTHERWISE_BEFORE.search(text, max(0, match.start() - 20), match.start()):
            yield Finding("drug allergy", Span(match.start(), match.end()), "absent")


def _listed(text: str, sections: Sequence[Section], every: Named) -> Iterator[Finding]:
    """What stands under a heading of allergies."""
    for section in sections:
        if section.name == "allergies":
            yield from (item for item in _items(text, every, section.body, section.end) if not _asked(text, item.span))


def _items(text: str, every: Named, start: int, end: int) -> Iterator[Finding]:
    """The allergens of a list: not what is borne, taken or given there."""
    for name, span in every:
        if start <= span.start < end and _is_item(text, span, start):
            yield Finding(name, span, "absent" if _NO_BEFORE.search(text, max(start, span.start - BEFORE), span.start) else "present")


def _is_item(text: str, span: Span, start: int) -> bool:
    begins = max(start, *(text.rfind(mark, start, span.start) + 1 for mark in ",;(\n"), text.rfind(". ", start, span.start) + 1)
    return not _BORNE.search(text[begins : span.start]) and not _BORNE_AFTER.match(text, span.end)


def _asked(text: str, span: Span) -> bool:
    """Whether the sentence of a name asks: "Is clindamycin still fine?"; a bare "penicillin?" only doubts."""
    end = _QUESTION_END.search(text, span.start)
    begins = max(text.rfind(mark, 0, span.start) for mark in (". ", "\n", "? ", ": ")) + 1
    return end is not None and end[0] == "?" and bool(_ASKING.search(text[begins : span.start]))


def _answered(text: str, every: Named) -> Iterator[Finding]:
    """The answer to "Any allergies?": names, or that there are none."""
    for asked in _ALLERGIES_ASKED.finditer(text):
        lead = _SPEAKER.match(text, asked.end())
        start = lead.end() if lead else asked.end()
        items = [mine for item in _items(text, every, start, _end_of_answer(text, start)) if (mine := _whose(text, item))]
        no = _NO.match(text, start)
        yield from items
        if no and not any(item.presence == "present" for item in items):
            yield Finding("drug allergy", Span(start, no.end()), "absent")


def _end_of_answer(text: str, start: int) -> int:
    """Behind the first sentence, and behind those after it that still tell of reactions."""
    other = _NEXT_SPEAKER.search(text, start)
    last = other.start() if other else len(text)
    ends = [stop.end() for stop in re.finditer(r"[.!?](?=\s|$)|\n", text[start:last])] or [last - start]
    end = ends[0]
    for begins, more in pairwise(ends):
        if not _GOES_ON.search(text[start + begins : start + more]):
            break
        end = more
    return start + end


def _by_word(text: str, every: Named) -> Iterator[Finding]:
    """What follows "allergic to"; "penicillin allergy" speaks of what stands before it."""
    for match in _ALLERGIC.finditer(text):
        linked = re.search(r"\b(?:to|with|from|after)\s*$", match[0])
        if match[0].lower().startswith("rash") and not linked:
            continue
        near = text[max(0, match.start() - 4) : match.start()]
        if not linked and any(span.end == match.start() - len(near) + len(near.rstrip(" -")) for _, span in every):
            continue
        put = _PUT.search(text, max(0, match.start() - 20), match.start())
        for item in _items(text, every, match.end(), _end_of_list(text, match.end())):
            whose = _as_answered(text, item) if put else _whose(text, item, match.start())
            if whose:
                yield replace(whose, presence="absent") if match["no"] else whose


def _sensitive(text: str, every: Named) -> Iterator[Finding]:
    """What a person is "sensitive to"; a germ, a tumor or an INR may be so as well."""
    for match in _SENSITIVE.finditer(text):
        if not _GERM.search(text, max(0, match.start() - BEFORE), match.start()):
            yield from _items(text, every, match.end(), _end_of_list(text, match.end()))


def _as_answered(text: str, item: Finding) -> Finding | None:
    """What a question puts ("Are you allergic to penicillin?") as its answer has it; nothing where none is given."""
    end = _QUESTION_END.search(text, item.span.end)
    lead = _SPEAKER.match(text, end.end()) if end and end[0] == "?" else None
    if lead is None:
        return item
    if _NO.match(text, lead.end()):
        return replace(item, presence="absent")
    return item if _YES.match(text, lead.end()) else None


def _whose(text: str, item: Finding, start: int | None = None) -> Finding | None:
    """The allergy as the patient's; None where it is only a relative's, or one of several explanations."""
    begins, span = item.span.start if start is None else start, item.span
    if item.name != "drug allergy" and _DIFFERENTIAL.search(text, max(0, begins - 60), begins) and _SUBSTANCES.match(text, span.start):
        return None
    kin = _OF_KIN.search(text, max(0, begins - 60), begins)
    mine = kin and kin["my"] and not _I_AM.search(text) and not _PATIENT_SPEAKS.search(text, 0, begins)
    if (kin and not mine) or _IN_KIN.match(text, span.end):
        return replace(item, presence="absent") if _BUT_NOT_I.match(text, span.end) else None
    return replace(item, presence="absent") if _CLEARED.match(text, span.end) else item


def _with_doubt(text: str, item: Finding) -> Finding:
    """ "?penicillin" with its query, for the reader to see."""
    doubt = _DOUBT.search(text, max(0, item.span.start - 3), item.span.start) if item.name != "drug allergy" else None
    return replace(item, span=Span(doubt.start(), item.span.end)) if doubt else item


def _is_allergy(text: str, span: Span) -> bool:
    """Whether the word "allergy" follows the name, or belongs to the spelling of the class."""
    after = _ALLERGY_AFTER.match(text, span.end) or _REACTED_AFTER.match(text, span.end)
    return bool(after) or "allerg" in text[span.start : span.end].lower()


def _denied(text: str, span: Span) -> Presence:
    """Whether "penicillin allergy" is said not to be there: "no known penicillin allergy", "penicillin allergy: no"."""
    denied = _NO_BEFORE.search(text, max(0, span.start - BEFORE), span.start) or _NO_AFTER.match(text, span.end)
    return "absent" if denied else "present"


def _reaction(text: str, span: Span) -> Presence | None:
    """What is told beside a name of a reaction to it: "wheeze after aspirin", "no rash with penicillin", "can't have it, makes me sick"."""
    if _CANNOT.search(text, max(0, span.start - BEFORE), span.start) and _MAKES.match(text, span.end):
        return "present"
    told = _REACTED.search(text, max(0, span.start - BEFORE), span.start)
    return ("absent" if told["no"] else "present") if told else None


def _end_of_list(text: str, start: int) -> int:
    """Where the names after "allergic to" end: at the bracket that holds them, at a word that begins something else."""
    last = min(len(text), start + 120)
    return next((stop.start() for stop in _LIST_STOP.finditer(text, start, last) if stop[0][0] != "("), last)


def _allergens(text: str) -> Iterator[tuple[str, Span]]:
    """Everything in the text that one may be allergic to: drugs, classes, substances."""
    yield from mentions(text)
    for match in classes().finditer(text):
        yield drug_class_names()[match[0].lower()], Span(match.start(), match.end())
    yield from (("penicillin", Span(*match.span("after" if match["after"] else 0))) for match in _PEN.finditer(text))
    for match in _SUBSTANCES.finditer(text):
        yield match[0].lower(), Span(match.start(), match.end())
