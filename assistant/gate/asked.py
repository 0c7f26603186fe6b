"""What a question asks of a drug that nothing found tells: its dose, or how it goes with another one.

Search finds the nearest statement, and on a covered disease there always is one: asked for the dose of tafenoquine, that of primaquine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from assistant.facts.drug_doses import DOSE
from assistant.facts.drugs import mentions
from assistant.gate.claims import content_words
from assistant.gate.coverage import everyday
from assistant.records import Span
from knowledge_base.lexicon import drug_classes

NEAR = 6  # words between a drug and the word that asks for its dose
SENTENCE_END = 3  # words that the end of a sentence between them counts for
TRADE = 5  # letters of a trade name
BEFORE, AFTER = 30, 100  # characters around the name of a drug in which its dose stands
_TOGETHER = re.compile(r"\b(?:with|together|interact\w*|combin\w*|alongside|on top of|plus|add(?:ed|ing)?)\b", re.IGNORECASE)
_DOSE_ASKED = re.compile(
    r"\b(?:dos(?:e|es|ing|age)|how (?:much|many (?:mg|mcg|micrograms?|m[lL]|units|tablets|puffs))|(?:mg|mcg|micrograms?)(?:/| per )kg|"
    r"(?:infusion|loading) rates?|regimen|(?:dosing|injection|infusion) schedule|(?:mg|units|m[lL]) (?:per|each)|"
    r"trough (?:level|target))\b",
    re.IGNORECASE,
)
# a drug that the patient has, had or cannot have is not the one whose dose is asked for
_NOT_ASKED = re.compile(
    r"\b(?:instead of|rather than|not|on|fail(?:ed|s)?|after|despite|allerg\w+ to|intoleran\w+ (?:to|of)|tolerate[sd]?|stopp?(?:ed|ing)|"
    r"tak(?:es|ing)|already|since|from|maximal|tolerated)\s+(?:[^\s.;:,?]+\s+){0,3}$",
    re.IGNORECASE,
)
# endings that the WHO's list of INN stems gives to classes of drugs (who.int/publications/i/item/9789240099388)
_INN = re.compile(
    r"(?:mab|nib|ciclib|parib|rafenib|limus|gliptin|gliflozin|glutide|glitazone|parin|xaban|gatran|grel|vastatin|sartan|pril|olol|dipine|"
    r"azole|cillin|mycin|micin|floxacin|cycline|oxacin|penem|vir|fungin|quine|cept|kinra|siran|rsen|lukast|oxetine|azepam|zolam|setron|"
    r"triptan|gepant|caine|profen|coxib|dronate|terol|tropium|sone|onide|relix|relin|stat|prost|vaptan|tide|caftor|platin|rubicin|taxel|"
    r"poetin|grastim|ase|pixant|leukin|barbital|toin|giline|capone|orexant|zoline|thiazide|semide)$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\s*(?:,|/|or|and|vs\.?|versus|,\s*or)\s*", re.IGNORECASE)
_WORD = re.compile(r"\w[\w'-]*")


def untold_pair(question: str, texts: Collection[str]) -> tuple[str, ...]:
    """Two drugs that a question asks about together when no text speaks of both: what is said of one alone is no answer."""
    pair = list(dict.fromkeys(name for name, _ in mentions(question)))
    if len(pair) != 2 or not _TOGETHER.search(question):
        return ()
    names = [{drug, *drug_classes(drug)} for drug in pair]
    told = any(all(any(name in text.lower() for name in one) for one in names) for text in texts)
    return () if told else (f"{pair[0]} together with {pair[1]}",)


def untold_doses(question: str, texts: Collection[str], heard: Collection[str]) -> tuple[str, ...]:
    """The drugs whose dose is asked for and stands in no text; `heard` holds the stems that the knowledge base knows."""
    asked = list(dict.fromkeys(name for place in _DOSE_ASKED.finditer(question) for name in _nearest(question, place, heard)))
    untold = [name for name in asked if not any(_gives_dose(text, name) for text in texts)]
    return tuple(untold) if len(untold) == len(asked) else ()  # of two regimens compared one is an answer


def _nearest(question: str, asking: re.Match[str], heard: Collection[str]) -> Iterator[str]:
    """The drug, or the unknown word that may be one, nearest to a word that asks for a dose, and those named beside it: "A or B"."""
    named = [(span, name) for name, span in mentions(question)]
    inside = [range(span.start, span.end) for span, _ in named]
    strange = [w for w in _WORD.finditer(question) if _unknown(w, question, heard) and not any(w.start() in place for place in inside)]
    named += [(Span(word.start(), word.end()), word[0]) for word in strange]
    meant = sorted(((span, name) for span, name in named if not _NOT_ASKED.search(question[: span.start])), key=lambda pair: pair[0].start)
    at = min(range(len(meant)), key=lambda n: _words_between(question, asking, meant[n][0]), default=-1)
    if at < 0 or _words_between(question, asking, meant[at][0]) > NEAR:
        return
    yield meant[at][1]
    for one, other in ((meant[n], meant[n + 1]) for n in range(len(meant) - 1) if at in (n, n + 1)):
        if _BESIDE.fullmatch(question[one[0].end : other[0].start]):
            yield from (one[1], other[1])


def _words_between(question: str, asking: re.Match[str], span: Span) -> int:
    """Words between; the end of a sentence counts as some more."""
    between = question[asking.end() : span.start] if span.start >= asking.end() else question[span.end : asking.start()]
    return len(_WORD.findall(between)) + SENTENCE_END * len(re.findall(r"[.?!;]\s", between))


def _unknown(word: re.Match[str], question: str, heard: Collection[str]) -> bool:
    """Whether a word that the knowledge base has never heard looks like a drug: by its ending, or as a trade name right before "dose"."""
    if any(stem in heard or stem in everyday() for stem in content_words(word[0])):
        return False
    trade = word[0].istitle() and len(word[0]) >= TRADE and _DOSE_ASKED.match(question[word.end() :].lstrip(" )-:,"))
    return bool(_INN.search(word[0]) or trade)


def _gives_dose(text: str, drug: str) -> bool:
    """Whether a text names the drug, or one that it combines, near a dose; what is given for its class is not its own dose."""
    names = {drug, *drug.split("-")}
    places = [place for name, place in mentions(text) if name in names]
    places += [Span(m.start(), m.end()) for m in re.finditer(rf"\b{re.escape(drug)}", text, re.IGNORECASE)]
    return any(DOSE.search(text[max(0, place.start - BEFORE) : place.end + AFTER]) for place in places)
