"""Does the knowledge base cover a question? Decided before a token is generated.

The score is a logistic function of four features, fitted on questions asked with and without their guideline in the index
(`python -m eval.coverage --fit`); the weights and where they come from stand in coverage.toml.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.claims import content_words
from knowledge_base.search import Hit, KnowledgeBase

WEIGHTS = Path(__file__).parent / "coverage.toml"
# words that a question is made of rather than about
ASKING = content_words(
    "first line management managed manage therapy therapies dose dosing recommend recommended recommendation guideline guidelines "
    "cause causes "
    "symptom symptoms sign signs diagnose diagnosis diagnosed test tests testing best option options need needed start started when which "
    "drug drugs medication medicine medicines right now long many much often year years old woman man male female someone anyone risk case "
    "normal happen mean know think tell explain give please help safe safely good common typical initial next step criteria definition "
    "define"
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """`score` in [0, 1]; `features` in the order of NAMES; `missing` are the words of the question that nothing found speaks of."""

    score: float
    features: tuple[float, ...]
    missing: tuple[str, ...]


NAMES = ("top_cosine", "mean_cosine", "best_words", "found_words")


def covers(question: str, hits: Sequence[Hit], kb: KnowledgeBase) -> Coverage:
    """Judge the hits of a question, best first; no hits is no coverage."""
    if not hits:
        return Coverage(0.0, (0.0,) * len(NAMES), ())
    words = content_words(question) - ASKING
    weights = {word: kb_idf(kb).get(word, kb_idf(kb)[""]) for word in words}
    found = [content_words(hit.passage.embedded_text) | synonyms(kb).get(hit.passage.document_id, frozenset()) for hit in hits[:5]]
    features = (
        max(hit.dense for hit in hits),
        sum(sorted((hit.dense for hit in hits), reverse=True)[:3]) / min(3, len(hits)),
        max(_share(words & one, weights) for one in found),
        _share(words & frozenset().union(*found), weights),
    )
    fitted = _weights()
    score = 1 / (1 + math.exp(-(fitted["bias"] + sum(fitted[name] * value for name, value in zip(NAMES, features, strict=True)))))
    missing = sorted(words - frozenset().union(*found), key=lambda word: -weights[word])
    return Coverage(score, features, tuple(missing))


def _share(words: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights[word] for word in words) / total if total else 0.0


@cache
def kb_idf(kb: KnowledgeBase) -> Mapping[str, float]:
    """Stem -> inverse document frequency over the passages; the key "" holds that of a word which stands nowhere."""
    counts = Counter(word for passage in kb.index.passages for word in content_words(passage.embedded_text))
    total = len(kb.index.passages)
    return {"": math.log(total + 1.0)} | {word: math.log((total + 1) / (count + 0.5)) for word, count in counts.items()}


@cache
def synonyms(kb: KnowledgeBase) -> Mapping[str, frozenset[str]]:
    """Document id -> stems of its synonyms."""
    return {document.id: content_words(" ".join(document.synonyms)) for document in kb.documents}


@cache
def _weights() -> Mapping[str, float]:
    return {name: float(value) for name, value in tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"].items()}
