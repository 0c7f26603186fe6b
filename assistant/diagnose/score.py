"""One additive score on the log-odds scale: what speaks for and against each condition of the table, weighted by the fitted weights.

A finding that the text denies never counts for a condition; one that it does not mention counts neither way. The features are few and
named, so that a reader can follow a rank back to them; the weights were fitted by cross-validation and stand in diagnose.toml.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.diagnose.case import Case, general, read, rows
from assistant.diagnose.table import Table, described, names_of, table
from assistant.gate.claims import content_words
from assistant.records import PatientFacts
from knowledge_base.conditions import Condition
from knowledge_base.search import KnowledgeBase

NAMES = (
    "strong", "moderate", "weak", "against", "absent_expected", "absent", "explained", "matched", "complaint", "incidence",
    "concluded", "outside_age", "outside_peak", "other_sex", "sex", "onset", "dense", "statements", "lexical",
)  # fmt: skip
INCIDENCE = {"very-common": 2.0, "common": 1.0, "uncommon": 0.0, "rare": -1.0, "very-rare": -2.0}
STATED = ("Definition", "Presentation", "Diagnosis")
SUSPECTED, FAINT = 3, 0.05     # guidelines that a search is told of, and the least share of each
YEARS = 20.0            # an age that far outside a range counts once more
Floats = NDArray[np.float64]
_VECTORS: dict[str, NDArray[np.float32]] = {}


def shares(case: Case, kb: KnowledgeBase) -> list[tuple[Condition, float]]:
    """All conditions with their share of belief, best first; the shares sum to 1."""
    logits = features(case, kb) @ weights()
    odds = np.exp(logits - logits.max())
    pairs = zip(table().conditions, (odds / odds.sum()).tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0].id))


def suspected(text: str, facts: PatientFacts, kb: KnowledgeBase) -> Mapping[str, float]:
    """Guidelines of the conditions that the findings of a text point to -> share of belief, for the search; empty without findings.

    "K 6.9" speaks of hyperkalaemia without its name.
    """
    case = read(text, facts)
    found: dict[str, float] = {}
    for condition, share in shares(case, kb) if case.informative else ():
        if condition.guideline:
            found[condition.guideline] = found.get(condition.guideline, 0.0) + share
    best = sorted(found, key=lambda name: -found[name])[:SUSPECTED]
    return {name: found[name] for name in best if found[name] >= FAINT}


def features(case: Case, kb: KnowledgeBase) -> Floats:
    """(conditions, features): one row a condition, in the order of NAMES."""
    own = table()
    spoken = {text: names for text, phrase in own.phrases.items() if (names := phrase.present(case.present, case.absent, case.said))}
    denied = {text for text, phrase in own.phrases.items() if text not in spoken and phrase.absent(case.absent)}
    weight = {name: own.specificity(name) * (0.3 if name in general() else 1.0) for name in case.present}
    total, leading = sum(weight.values()) or 1.0, case.leading
    written = [
        [*_findings(condition, spoken, denied, weight, total, leading, own), *_person(condition, case)] for condition in own.conditions
    ]
    return np.hstack([np.array(written), _retrieved(case.affirmed, kb)])


def _findings(
    condition: Condition, spoken: dict[str, frozenset[str]], denied: set[str], weight: dict[str, float], total: float,
    leading: frozenset[str], own: Table,
) -> list[float]:  # fmt: skip
    """The findings for and against, each by how specific it is; what the condition explains of the case, and the case of the condition."""
    by_weight = {3: 0.0, 2: 0.0, 1: 0.0}
    against = absent_expected = absent = matched = 0.0
    explained: set[str] = set()
    possible = float(sum(max(points, 0) for _, points in condition.findings))       # a test that was not done is no test that failed
    for text, points in condition.signs:
        if text in spoken:
            worth = max((weight.get(name, 0.5) for name in spoken[text]), default=0.0)
            if points < 0:
                against -= points
                continue
            by_weight[points] += worth
            matched += points
            explained |= spoken[text]
        elif points > 0 and text in denied:
            absent_expected += text in condition.expected
            absent += points
    return [
        by_weight[3], by_weight[2], by_weight[1], against, absent_expected, absent,
        sum(weight.get(name, 0.0) for name in explained) / total, matched / math.sqrt(possible or 1.0),
        len(leading & explained) / max(len(leading), 1),
    ]  # fmt: skip


def _person(condition: Condition, case: Case) -> list[float]:
    """Incidence, whether a report concludes it, age, sex and onset."""
    facts = case.facts
    onset = 0.0
    if case.onset and condition.onset:
        onset = 1.0 if case.onset & set(condition.onset) else -1.0
    return [
        INCIDENCE[condition.incidence], float(bool(names_of(condition) & case.concluded)),
        _outside(facts.age_years, condition.age_years), _outside(facts.age_years, condition.age_peak), *_sex(condition, facts), onset,
    ]  # fmt: skip


def _outside(age: float | None, span: tuple[float, float]) -> float:
    """0 inside a range of ages; 1 just outside, up to 2 at YEARS beyond it."""
    if age is None or span[0] <= age <= span[1]:
        return 0.0
    return 1.0 + min(max(span[0] - age, age - span[1]) / YEARS, 1.0)


def _sex(condition: Condition, facts: PatientFacts) -> tuple[float, float]:
    """Whether the condition is of the other sex alone; whether it leans to this one or to the other."""
    if facts.sex is None or condition.sex == "any":
        return 0.0, 0.0
    if condition.sex in ("female", "male"):
        return (0.0, 0.5) if condition.sex == facts.sex else (1.0, 0.0)
    return 0.0, 1.0 if condition.sex == f"more-{facts.sex}" else -1.0


def _retrieved(text: str, kb: KnowledgeBase) -> Floats:
    """(conditions, 3): nearness of the affirmed text to the condition's row and to its guideline's statements, and shared words."""
    own = table()
    query = kb.embedder.encode([text or "no findings"])
    dense = (described_vectors(kb) @ query[0]).astype(float)
    scores, found = kb.index.vectors.search(query, kb.index.vectors.ntotal)
    best: dict[str, float] = {}
    for score, row in zip(scores[0].tolist(), found[0].tolist(), strict=True):
        passage = kb.index.passages[row]
        if passage.section in STATED:
            best.setdefault(passage.document_id, score)
    stated = [best.get(c.guideline, float(near)) for c, near in zip(own.conditions, dense, strict=True)]
    return np.column_stack([dense, np.array(stated), _lexical(text)])


def _lexical(text: str) -> Floats:
    """Cosine of the text's words with each condition's words, weighted by how few conditions use a word."""
    vectors, rarity = _words()
    mine = {word: rarity[word] for word in content_words(text) if word in rarity}
    length = math.sqrt(sum(value * value for value in mine.values())) or 1.0
    return np.array([sum(vector.get(word, 0.0) * value for word, value in mine.items()) / length for vector in vectors])


@cache
def _words() -> tuple[list[dict[str, float]], dict[str, float]]:
    sets = [content_words(described(condition)) for condition in table().conditions]
    counts = Counter(word for words in sets for word in words)
    rarity = {word: math.log((len(sets) + 1) / (n + 1)) for word, n in counts.items()}
    vectors = []
    for words in sets:
        length = math.sqrt(sum(rarity[word] ** 2 for word in words)) or 1.0
        vectors.append({word: rarity[word] / length for word in words})
    return vectors, rarity


def described_vectors(kb: KnowledgeBase) -> NDArray[np.float32]:
    """(conditions, dim) unit vectors of the rows, computed once for a table and an embedder; kept beside the index where it is a file.

    The file is named by what shaped it, so that stale vectors are never read.
    """
    texts = [described(condition) for condition in table().conditions]
    key = f"conditions-{kb.embedder.name.lower()}-{hashlib.sha256(chr(10).join(texts).encode()).hexdigest()[:16]}"
    if key not in _VECTORS:
        path = kb.folder / f"{key}.npy" if kb.folder and kb.folder.is_dir() else None
        found = _kept(path, len(texts)) if path else None
        _VECTORS[key] = found if found is not None else kb.embedder.encode(texts)
        if path and found is None:
            _keep(path, _VECTORS[key])
    return _VECTORS[key]


def _kept(path: Path, rows: int) -> NDArray[np.float32] | None:
    """The vectors of a file; None where there is none, or one that a killed process left half written."""
    try:
        found = np.asarray(np.load(path), dtype=np.float32)
    except (OSError, ValueError, EOFError):
        return None
    return found if len(found) == rows else None


def _keep(path: Path, vectors: NDArray[np.float32]) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npy", delete=False) as beside:
        np.save(beside, vectors)
    os.replace(beside.name, path)


@cache
def weights() -> Floats:
    """The fitted weights in the order of NAMES; `against`, `absent`, `outside` features carry negative ones."""
    fitted: dict[str, Any] = rows()["weights"]
    return np.array([float(fitted[name]) for name in NAMES])
