"""What the words around a finding make of it: present or not, the patient's or a relative's, now, past, planned or only supposed.

Rules are data (`knowledge_base/clauses.toml`): a cue has a side, a reach in words, and ends at clause breaks and other cues.
A question or a lesson about a disease ("What is the first-line treatment of anaphylaxis?") describes no patient: what stands in it is
hypothetical. A sentence counts as one about a patient when it names one: first or third person, an age, "the patient", "presents".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.facts.phrases import Match, Matcher, Word, words
from assistant.facts.signs import Signs, spelled
from assistant.records import Experiencer, Presence, Span, When
from knowledge_base.lexicon import read_table

SENTENCE_TABLES = (
    "clause_breaks", "sentence_is_knowledge", "sentence_names_topic", "sentence_starts_knowledge", "sentence_has_patient", "speaks_of_self",
    "sentence_describes_patient", "question_is_screening", "answer_is_yes",
    "relative", "relative_speaks", "relative_did", "pronoun_of_relative", "denial_heads",
)  # fmt: skip
MANY, FAR = 60, 60      # cues of a sentence from which only those so many words away are looked at: no reach is longer
LIST_ENDS = frozenset({"or", "nor"})
YES_WITHIN = 4          # words of an answer among which its "yes" stands: "Patient: Bit puffed, yeah"
_PARTED = re.compile(r"[,;:]|\s[-–—]\s")
_SAID_OF = re.compile(r"\s*:\s*|\s+[-–—=]\s+")      # "Mum: DVT", "mum - DVT"


@dataclass(frozen=True, slots=True)
class Context:
    """How a finding is meant."""

    presence: Presence = "present"
    experiencer: Experiencer = "patient"
    when: When = "now"

    @property
    def current(self) -> bool:
        """Whether the patient has it now, or may have it."""
        return self.presence != "absent" and self.experiencer == "patient" and self.when == "now"


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of cues (clauses.toml explains the fields)."""

    says: str
    side: str
    reach: int
    comma: bool


LABEL = Cue("family", "after", 6, True)     # "Mum: DVT, asthma"
DENIAL = Cue("absent", "after", 14, True)   # "-ve: fever, cough, rash"
OURS = frozenset({"my", "our"})
HAS = frozenset({"has", "had"})
TELLS = frozenset({"had", "have", "got"})      # "my mum has COPD" is said by who calls for her, "my mum had a stroke" by her child


@cache
def _cues() -> tuple[tuple[Cue, ...], Matcher]:
    table = read_table("clauses")
    rows: list[dict[str, Any]] = table["cue"]
    phrases = {str(number): row["phrases"] for number, row in enumerate(rows)}
    cues = tuple(Cue(row["says"], row["side"], row["reach"], row["comma"]) for row in rows)
    return cues, Matcher({**phrases, **{name: table[name] for name in SENTENCE_TABLES}}, table["lists"])


@cache
def _doctor_label() -> re.Pattern[str]:
    doctors = "|".join(map(re.escape, [*read_table("dialogue")["speakers"]["doctor"], "d"]))
    return re.compile(rf"^\s*(?:{doctors})\b[^:\n]{{0,20}}:", re.IGNORECASE | re.MULTILINE)


class Reader:
    """Reads one text; `at` may then be asked for any range of its words.

    Args:
        text: the text itself, or leave `read` to make its words.
        read: the words of that text, when the caller has them.
    """

    def __init__(self, text: str, read: Sequence[Word] | None = None) -> None:
        self.text, self.words = text, spelled(read if read is not None else words(text))
        cues, matcher = _cues()
        found = matcher.find(self.words)
        self._tables = {name: found.get(name, []) for name in SENTENCE_TABLES}
        self._dialogue = bool(_doctor_label().search(text))
        self._signs = Signs(text, self.words)
        self._carried = frozenset(self._of_relative())
        # by sentence, since a cue never reaches beyond its own: a long note costs as much a word as a short one
        every: dict[int, list[tuple[Cue, Match]]] = {}
        for number, cue in enumerate(cues):
            for match in found.get(str(number), []):
                if cue.says != "family" or self._tells_of_relative(cue, match):
                    every.setdefault(self.words[match[0]].sentence, []).append((cue, match))
        for label, matches in ((LABEL, self._labelled_relatives()), (DENIAL, self._labelled_denials())):
            for match in matches:
                every.setdefault(self.words[match[0]].sentence, []).append((label, match))
        self._cues = {sentence: sorted(_unmasked(pairs), key=lambda pair: pair[1]) for sentence, pairs in every.items()}
        self._hidden = {sentence: _hidden_denials(pairs) for sentence, pairs in every.items()}
        self._breaks: dict[int, list[int]] = {}
        for start, _ in self._tables["clause_breaks"]:
            self._breaks.setdefault(self.words[start].sentence, []).append(start)
        self._general = self._general_sentences()

    def at(self, match: Match) -> Context:
        """The context of the words `match` (half-open range of word numbers)."""
        sentence = self.words[match[0]].sentence
        said = {cue.says for cue, place in self._near(sentence, match) if cue.says != "stop" and self._reaches(cue, place, match)}
        # "no change" denies no fever, but it does deny the "change in bowel habit" that begins inside it
        if any(mask[0] <= match[0] < mask[1] and self._reaches(cue, place, match) for cue, place, mask in self._hidden.get(sentence, ())):
            said.add("absent")
        if sentence in self._general:
            said.add("hypothetical")
        if sentence in self._carried:
            said.add("family")
        ends = {match[0], match[1] - 1}
        said |= ({"absent"} if ends & self._signs.denied else set()) | ({"uncertain"} if ends & self._signs.doubted else set())
        presence: Presence = "absent" if "absent" in said else "uncertain" if "uncertain" in said else "present"
        times: tuple[When, ...] = ("hypothetical", "history", "planned")     # the first that is said wins
        when: When = next((time for time in times if time in said), "now")
        return Context(presence, "family" if "family" in said else "patient", when)

    def _near(self, sentence: int, match: Match) -> Sequence[tuple[Cue, Match]]:
        """The cues of a sentence that may reach a finding; dictation without a full stop is one sentence of thousands of cues."""
        pairs = self._cues.get(sentence, ())
        if len(pairs) < MANY:
            return pairs
        near = range(match[0] - FAR, match[1] + FAR)
        return pairs[bisect_left(pairs, near.start, key=_start) : bisect_left(pairs, near.stop, key=_start)]

    def _reaches(self, cue: Cue, place: Match, match: Match) -> bool:
        if self.words[place[0]].sentence != self.words[match[0]].sentence:
            return False
        if cue.side == "within":            # "DVT prophylaxis": the phrase as a whole says what its finding is
            parted = not cue.comma and _PARTED.search(self._within(place))
            return place[0] <= match[0] and match[1] <= place[1] and not parted
        if _overlap(place, match):          # "tibia fracture 2005, screws out" is past as a whole
            return cue.says == "history" and match[0] < place[0] and place[1] < match[1]
        if cue.side == "sentence":
            return True
        after = place[1] <= match[0]
        if (cue.side != "clause" and after != (cue.side == "after")) or (cue.side == "end" and not self._closes(place)):
            return False
        between = (place[1], match[0]) if after else (match[1], place[0])
        return between[1] - between[0] < cue.reach and not self._broken(cue, between, match if after else place)

    def _broken(self, cue: Cue, between: Match, later: Match) -> bool:
        """Whether the words between a cue and a finding end the reach of the cue."""
        sentence = self.words[later[0]].sentence
        if any(between[0] <= start < later[0] for start in self._breaks.get(sentence, ())):
            return True
        others = self._near(sentence, later) if cue.says == "absent" else ()
        sides = ("after",) if cue.side == "after" else ("after", "before")
        if any(c.says == "stop" and c.side in sides and between[0] <= at[0] < between[1] for c, at in others):
            return True
        gaps = [self.words[number].before for number in range(between[0], later[0] + 1)]
        if any(";" in gap or (":" in gap and cue.side != "after" and not self._closes(later)) for gap in gaps):
            return True
        # "blood in his vomit, no fever or rash": the "or" behind a denial closes no list before it
        end = between[1] if cue.side in ("before", "end") else later[1] + 12
        return not cue.comma and any(mark in gap for gap in gaps for mark in ",，") and not self._in_list(between[0], end, later)

    def _closes(self, place: Match) -> bool:
        """Whether nothing follows the words in their clause, as in "Cough: none."."""
        after = place[1]
        if after >= len(self.words) or self.words[after].sentence != self.words[place[0]].sentence:
            return True
        return any(mark in self.words[after].before for mark in ",;/\n")

    def _in_list(self, start: int, end: int, later: Match) -> bool:
        """Whether a comma only parts the items of one list, which a later "or" or "nor" closes."""
        sentence = self.words[later[0]].sentence
        return any(word.plain in LIST_ENDS and word.sentence == sentence for word in self.words[start:end])

    def _general_sentences(self) -> frozenset[int]:
        """Numbers of the sentences that ask or tell about a topic, or ask a patient for a finding that no answer confirms."""
        has_patient = self._spoken_of()
        screening, yes = self._sentences("question_is_screening"), self._starts("answer_is_yes", YES_WITHIN)
        questions = self._questions()
        topic = self._sentences("sentence_is_knowledge") | self._starts("sentence_starts_knowledge", 2) | questions
        topic |= set() if self._tables["sentence_describes_patient"] else self._sentences("sentence_names_topic")
        of_self = self._sentences("speaks_of_self")
        # "76-year-old with diabetes: does she need ...?" asks about a patient it describes; only a bare question screens for a finding
        described = self._sentences("sentence_describes_patient")
        confirmed = {number for number in questions if number + 1 in yes}
        asked = (questions & screening) - of_self - described - confirmed
        return frozenset((topic - has_patient - screening - confirmed) | asked)

    def _spoken_of(self) -> set[int]:
        """Sentences that name a patient outside the words that ask: "teach me how", "how do I treat" name none."""
        asked = self._tables["sentence_is_knowledge"]
        # in "Patient: Is it ...?" a label stands before the colon and nobody is told of
        named = [match for match in self._tables["sentence_has_patient"] if ":" not in self._within(match)]
        return {self.words[match[0]].sentence for match in named if not any(a <= match[0] and match[1] <= b for a, b in asked)}

    def _within(self, match: Match) -> str:
        """The characters between the words of a match."""
        return "".join(word.before for word in self.words[match[0] + 1 : match[1]])

    def _sentences(self, name: str) -> set[int]:
        return {self.words[start].sentence for start, _ in self._tables[name]}

    def _starts(self, name: str, within: int) -> set[int]:
        """Sentences that begin with a phrase of the table; "Diagnosis: AF" is a heading and asks for no knowledge."""
        first = {word.sentence: number for number, word in reversed(list(enumerate(self.words)))}
        matches = [match for match in self._tables[name] if match[0] - first[self.words[match[0]].sentence] < within]
        return {self.words[start].sentence for start, end in matches if not (end < len(self.words) and ":" in self.words[end].before)}

    def _questions(self) -> set[int]:
        marks = (match.start() for match in re.finditer("[?？]", self.text) if match.start() not in self._signs.queries)
        last = (self._signs.word_before(place) for place in marks)
        return {self.words[number].sentence for number in last if number >= 0}

    # --- relatives
    def _speaks(self, match: Match) -> bool:
        """Whether the name of a relative only labels who speaks or is told of: "Mum: he has a fever"."""
        if any(start == match[1] for start, _ in self._tables["relative_speaks"]):
            return True
        line_start = match[0] == 0 or "\n" in self.words[match[0]].before
        return self._dialogue and line_start and ":" in self._gap_after(match)

    def _gap_after(self, match: Match) -> str:
        return self.words[match[1]].before if match[1] < len(self.words) else ""

    def _labelled_relatives(self) -> Iterator[Match]:
        for match in self._tables["relative"]:
            opens = match[0] == 0 or re.search(r"[,;:.(\n-]", self.words[match[0]].before)
            if opens and _SAID_OF.match(self._gap_after(match)) and not self._speaks(match):
                yield match

    def _tells_of_relative(self, cue: Cue, match: Match) -> bool:
        """Whether a cue names a relative and no speaker, and a trait of a relative is no trait of the patient whom a caller speaks for."""
        if cue.side != "within":
            return not (":" in self._gap_after(match) and self._speaks(match))
        own = match[0] > 0 and self.words[match[0] - 1].plain in OURS and self.words[match[0] + 1].plain not in TELLS
        if not cue.comma and self.words[match[0] + 1].plain not in HAS:     # notes say so; "Dad has lung cancer, he's got no puff" calls
            return self._only_named(match) and not own and not self._questions()
        if self._dialogue or self._tables["sentence_describes_patient"]:
            return True
        return not own and not self._tables["pronoun_of_relative"] and not self._questions()

    def _only_named(self, match: Match) -> bool:
        """Whether what stands between a relative and "has" is a name: "wife Joan has dementia", not "wife reports has asthma"."""
        between = next((n for n in range(match[0] + 1, match[1]) if self.words[n].plain in HAS), match[0] + 1)
        return all(self.text[self.words[n].start].isupper() for n in range(match[0] + 1, between))

    def _labelled_denials(self) -> Iterator[Match]:
        """A denial that heads a list: "-ve: fever, cough". In "troponin negative: pain goes on" it closes what stands before it."""
        for match in self._tables["denial_heads"]:
            opens = match[0] == 0 or re.search(r"[,;.(\n]", self.words[match[0]].before.removesuffix("-"))
            if opens and ":" in self._gap_after(match):
                yield match

    def _of_relative(self) -> Iterator[int]:
        """Sentences that go on about a relative: "Mum did. She had a bleeding ulcer."."""
        begins = {word.sentence: word.plain for word in reversed(self.words)}
        for match in self._tables["relative_did"]:
            sentence = self.words[match[0]].sentence
            ends = match[1] == len(self.words) or self.words[match[1]].sentence != sentence
            if ends and begins.get(sentence + 1) in {"she", "he", "they"}:
                yield sentence + 1


def read(text: str, span: Span) -> Context:
    """The context of one span of a text; for several spans make a `Reader` once."""
    reader = Reader(text)
    inside = [number for number, word in enumerate(reader.words) if word.start < span.end and word.end > span.start]
    return reader.at((inside[0], inside[-1] + 1)) if inside else Context()


def _start(pair: tuple[Cue, Match]) -> int:
    return pair[1][0]


def _overlap(one: Match, other: Match) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _masked(cue: Cue, match: Match, mask: Match) -> bool:
    """A cue inside a longer phrase; for a relative a touch is enough: in "his wife noticed" the wife is no patient."""
    touch = cue.says == "family" and cue.side != "within"
    return _overlap(match, mask) if touch else mask[0] <= match[0] and match[1] <= mask[1]


def _hidden_denials(found: Sequence[tuple[Cue, Match]]) -> list[tuple[Cue, Match, Match]]:
    """Denials inside a longer phrase that takes their meaning away, each with that phrase."""
    masks = [match for cue, match in found if cue.says == "ignore"]
    return [(cue, match, mask) for cue, match in found if cue.says == "absent" for mask in masks if _masked(cue, match, mask)]


def _unmasked(found: Sequence[tuple[Cue, Match]]) -> list[tuple[Cue, Match]]:
    """Cues that do not lie inside a longer phrase which takes their meaning away; "cannot be ruled out" doubts and denies nothing."""
    masks = [match for cue, match in found if cue.says == "ignore"]
    doubts = [match for cue, match in found if cue.says == "uncertain"]
    return [
        (cue, match) for cue, match in found
        if cue.says != "ignore" and not any(_masked(cue, match, mask) for mask in (*masks, *(doubts if cue.says == "absent" else ())))
    ]  # fmt: skip
