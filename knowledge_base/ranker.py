"""The last step of a search: candidates of both rankings put in order by a small learned ranker.

Gradient-boosted trees over features of question and passage; fitted once for all corpora on the development rows of two public sets
(`python -m eval.fit_ranker`, card in ranker.json), stored as plain numbers, evaluated here with NumPy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.documents import Passage
from knowledge_base.lexicon import read_table
from knowledge_base.terms import Numbers, Terms, stems

Floats = NDArray[np.float32]
WEIGHTS = Path(__file__).parent / "ranker.json"
# headings of our digests by what they are for; other documents have none of them
SECTIONS = (
    ("Treatment",), ("Diagnosis", "Tests"), ("Definition", "Presentation"), ("Patient advice",), ("Red flags", "Referral and admission"),
)  # fmt: skip
_DOSE = re.compile(r"\d\s?(?:mg|g|mcg|micrograms?|units?|mL|mmol)\b(?!/(?:dL|L))")
_DOSE_ASKED = re.compile(
    r"\b(?:dos(?:e|es|ing|age)|regimen|how much|how many|mg|antibiotics?|abx|what (?:to give|do i give)|prescri\w+|rx)\b", re.IGNORECASE
)
HEAD_WORDS, QUALIFYING_WORDS, RANK_OFFSET = 40, 15, 60
NAMES = (
    "dense", "dense_below_best", "lexical_share", "lexical", "dense_rank", "lexical_rank", "words", "words_in_title", "words_in_head",
    "pairs", "title_surplus", "title_covered", "log_length", "rest_in_body", "dense_in_title_group", "lexical_in_title_group",
    "title_group", "intent", "has_intent", "question_words", "named", "another_named", "numbers",
    "place_in_section", "qualifiers_shared", "qualifiers_not_asked", "first_choice", "second_choice", "head_surplus", "suspected", "fits",
    "treats", "diagnoses", "tells", "advises", "warns", "dosed", "dose_asked",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of the patient beside the words of a question, as far as a search can use it.

    suspected: ids of documents that the findings point to, which the question need not name -> share of belief.
    fits: how a passage suits the patient: 1 a rule of it holds, -1 what it is indicated for is known not to hold, 0 neither.
    """

    suspected: Mapping[str, float] = field(default_factory=dict)
    fits: Callable[[Passage], float] = lambda _: 0.0


@dataclass(frozen=True)
class Candidates:
    """What the two rankings say of each candidate row."""

    rows: Sequence[int]
    dense: Floats
    lexical: Floats
    dense_rank: NDArray[np.int64]
    lexical_rank: NDArray[np.int64]
    named: frozenset[str] = frozenset()     # documents that the question names by title or synonym
    background: Background = field(default_factory=lambda: Background())


def features(question: str, found: Candidates, passages: Sequence[Passage], terms: Terms) -> Floats:
    """Shape (candidates, len(NAMES)); the columns are those of NAMES."""
    asked, weight = terms.of_question(question)
    unique, first = np.unique(asked, return_index=True)
    unique, unique_weight = unique[unique >= 0], weight[first][unique >= 0]
    total = max(float(weight[first].sum()), 1e-9)
    n = len(found.rows)
    words, owner, place = terms.gather(found.rows)
    title_words, title_owner, _ = terms.gather(found.rows, title=True)
    in_body = _present(words, owner, unique, n)
    in_head = _present(words[place < HEAD_WORDS], owner[place < HEAD_WORDS], unique, n)
    in_title = _present(title_words, title_owner, unique, n)
    title_weight = np.bincount(title_owner, weights=terms.idf[title_words], minlength=n)
    covered = np.bincount(title_owner, weights=terms.idf[title_words] * np.isin(title_words, unique), minlength=n)
    surplus = np.bincount(title_owner, weights=(~np.isin(title_words, unique)).astype(float), minlength=n)
    outside = np.maximum((1 - in_title) @ unique_weight, 1e-9)
    group = _groups([passages[row].title for row in found.rows])
    best = max(float(found.lexical.max(initial=0.0)), 1e-9)
    named = np.array([passages[row].document_id in found.named for row in found.rows])
    shared, not_asked, first_choice, second_choice = _qualified(question, [passages[row].text for row in found.rows])
    intent, has_intent = _intent(question, words, owner, n, passages, found.rows, terms)
    columns = [
        found.dense, found.dense - found.dense.max(initial=-1.0), found.lexical / best, found.lexical / 10,
        1 / (RANK_OFFSET + found.dense_rank), 1 / (RANK_OFFSET + found.lexical_rank),
        np.maximum(in_body, in_title) @ unique_weight / total, in_title @ unique_weight / total, in_head @ unique_weight / total,
        _pairs(asked, words, owner, n), surplus, np.divide(covered, title_weight, out=np.zeros(n), where=title_weight > 0),
        np.log1p(np.bincount(owner, minlength=n)), ((1 - in_title) * in_body) @ unique_weight / outside,
        _below_group_best(found.dense, group), _below_group_best(found.lexical, group) / 10, np.log1p(np.bincount(group)[group]),
        intent, np.full(n, has_intent), np.full(n, len(asked)),
        named, ~named & bool(found.named), [any(c.isdigit() for c in passages[row].text) for row in found.rows],
        [_place(passages[row].id) for row in found.rows], shared, not_asked, first_choice, second_choice,
        np.bincount(owner, weights=_strange(words, owner, place, unique, title_words, title_owner, terms), minlength=n) / 10,
        [found.background.suspected.get(passages[row].document_id, 0.0) for row in found.rows],
        [found.background.fits(passages[row]) for row in found.rows],
        *([passages[row].section in kind for row in found.rows] for kind in SECTIONS),
        [bool(_DOSE.search(passages[row].text)) for row in found.rows], np.full(n, bool(_DOSE_ASKED.search(question))),
    ]  # fmt: skip
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def _present(words: Numbers, owner: Numbers, wanted: Numbers, n: int) -> Floats:
    """1 where candidate i holds wanted word j."""
    out = np.zeros((n, len(wanted)), dtype=np.float32)
    for column, word in enumerate(wanted):
        out[owner[words == word], column] = 1.0
    return out


def _strange(
    words: Numbers, owner: Numbers, place: Numbers, asked: Numbers, title_words: Numbers, title_owner: Numbers, terms: Terms
) -> NDArray[np.float64]:
    """Weight of each of the first words of a text that neither the question nor its own title holds: what it says that was not asked."""
    size = len(terms.vocabulary)
    in_own_title = np.isin(owner.astype(np.int64) * size + words, title_owner.astype(np.int64) * size + title_words)
    return np.where((place < QUALIFYING_WORDS) & ~np.isin(words, asked) & ~in_own_title, terms.idf[words], 0.0)


def _place(passage_id: str) -> float:
    """1 for the first statement of a section, less for later ones (digests put first choices first); 0 without such a number."""
    number = passage_id.rpartition(".")[2] if "#" in passage_id else ""
    return 1.0 / int(number) if number.isdigit() and int(number) else 0.0


def _qualified(question: str, texts: Sequence[str]) -> tuple[Floats, Floats, Floats, Floats]:
    """Of each text: qualifiers that the question shares and those it does not ask for; whether it is of first or of second choice."""
    asked = qualifiers(question.lower(), "asked")
    told = [qualifiers(text.lower(), "text") for text in texts]
    columns = (
        [len(one & asked) for one in told], [len(one - asked) for one in told],
        ["first_choice" in one for one in told], ["second_choice" in one for one in told],
    )  # fmt: skip
    shared, not_asked, first, second = (np.array(column, dtype=np.float32) for column in columns)
    return shared, not_asked, first, second


@lru_cache(maxsize=65536)
def qualifiers(text: str, side: Literal["text", "asked"]) -> frozenset[str]:
    """Names of the qualifiers (qualifiers.toml) that a lower-case text holds."""
    return frozenset(name for name, pattern in _qualifiers(side).items() if pattern.search(text))


@cache
def _qualifiers(side: str) -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile("|".join(row.get(side, row["text"]))) for name, row in read_table("qualifiers").items()}


def _pairs(asked: Numbers, words: Numbers, owner: Numbers, n: int) -> Floats:
    """Share of the question's neighbouring word pairs that stand together in the text."""
    pairs = {(int(a), int(b)) for a, b in pairwise(asked) if a >= 0 and b >= 0}
    out = np.zeros(n, dtype=np.float32)
    for first, second in pairs:
        hits = (words[:-1] == first) & (words[1:] == second) & (owner[:-1] == owner[1:])
        out[np.unique(owner[:-1][hits])] += 1
    return out / np.float32(max(len(pairs), 1))


def _groups(titles: Sequence[str]) -> NDArray[np.int64]:
    """Number of each candidate's title; passages without one are groups of their own."""
    names: dict[str, int] = {}
    return np.array([names.setdefault(title or f"#{i}", len(names)) for i, title in enumerate(titles)], dtype=np.int64)


def _below_group_best(values: Floats, group: NDArray[np.int64]) -> Floats:
    best = np.full(int(group.max(initial=0)) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, group, values)
    return values - best[group]


def _intent(
    question: str, words: Numbers, owner: Numbers, n: int, passages: Sequence[Passage], rows: Sequence[int], terms: Terms
) -> tuple[Floats, float]:
    """How much a candidate speaks as the question's intent wants: share of its first words that are cues, or its heading."""
    wanted = sorted(intents(question))
    score = np.zeros(n, dtype=np.float32)
    if not wanted:
        return score, 0.0
    cues = {terms.vocabulary[stem] for intent in wanted for stem in _cues()[intent] if stem in terms.vocabulary}
    hits = np.bincount(owner, weights=np.isin(words, list(cues)).astype(float), minlength=n)
    score = (hits / np.sqrt(np.maximum(np.bincount(owner, minlength=n), 1))).astype(np.float32)
    headings = {heading for intent in wanted for heading in read_table("intents")[intent]["sections"]}
    score += np.array([passages[row].section in headings for row in rows], dtype=np.float32)
    return score, float(len(wanted))


def intents(question: str) -> frozenset[str]:
    """What a question wants to know (names of intents.toml)."""
    return frozenset(name for name, pattern in _asking().items() if pattern.search(question.lower()))


@cache
def _asking() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile(rf"\b(?:{'|'.join(map(re.escape, row['question']))})\b") for name, row in read_table("intents").items()}


@cache
def _cues() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(stem for word in row["text"] for stem in stems(word)) for name, row in read_table("intents").items()}


@dataclass(frozen=True)
class Trees:
    """A forest in flat arrays: node k of tree t splits `feature[k] <= threshold[k]` to `left[k]`, else `right[k]`; a leaf has left -1."""

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]

    def score(self, rows: Floats) -> Floats:
        """Sum of the leaves that each row reaches, shape (n,)."""
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        row = np.arange(len(rows))[:, None]
        while True:
            inner = self.left[node] >= 0
            if not inner.any():
                return np.asarray(self.value[node].sum(axis=1), dtype=np.float32)
            goes_left = rows[row, self.feature[node]] <= self.threshold[node]
            node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)


@cache
def trees(path: Path = WEIGHTS) -> Trees:
    """The fitted forest of ranker.json."""
    stored = json.loads(path.read_text(encoding="utf-8"))["trees"]
    whole = {name: np.array(stored[name], dtype=np.int32) for name in ("roots", "feature", "left", "right")}
    real = {name: np.array(stored[name], dtype=np.float32) for name in ("threshold", "value")}
    return Trees(whole["roots"], whole["feature"], real["threshold"], whole["left"], whole["right"], real["value"])
