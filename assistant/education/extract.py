"""One short summary of several answers to a question: whole sentences, none invented, chosen for what they say together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.gate.clauses import stems_in_order

CENTRE, QUESTION, LEAD = 1.0, 0.6, 0.35     # weight of: like the rest; like the question; early in its answer
REPEATS = 0.7           # how much a sentence loses for what is said already
SHORTEST = 5            # words of a sentence worth quoting
_SENTENCE = re.compile(r"(?<=[.!?])\s*(?=[A-Z])|\n+")

Vector = Mapping[str, float]


def summary_of_answers(question: str, answers: Sequence[str], *, words: int = 90) -> list[str]:
    """Sentences of the answers, in their order, of at most `words` words together (at least one sentence).

    Args:
        question: what was asked.
        answers: texts, the most trusted first.
        words: length of the summary.
    """
    rows = [(rank, place, text) for rank, answer in enumerate(answers) for place, text in enumerate(_sentences(answer))]
    if not rows:
        return []
    vectors = _vectors([text for _, _, text in rows])
    asked = _vector(question, _idf([text for _, _, text in rows]))
    middle = _sum(vectors)
    scores = [
        CENTRE * _cosine(vector, middle) + QUESTION * _cosine(vector, asked) + LEAD / (1 + place) / (1 + rank)
        for vector, (rank, place, _) in zip(vectors, rows, strict=True)
    ]
    return [rows[i][2] for i in sorted(_chosen(scores, vectors, [len(text.split()) for _, _, text in rows], words))]


def _chosen(scores: Sequence[float], vectors: Sequence[Vector], lengths: Sequence[int], budget: int) -> list[int]:
    """Best first, each judged by what it adds to those before it, until the budget is spent."""
    taken: list[int] = []
    left = set(range(len(scores)))
    while left:
        best = max(left, key=lambda i: (scores[i] - REPEATS * max((_cosine(vectors[i], vectors[j]) for j in taken), default=0.0), -i))
        left.discard(best)
        if not taken or sum(lengths[j] for j in taken) + lengths[best] <= budget:
            taken.append(best)
    return taken


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if len(part.split()) >= SHORTEST]


def _idf(texts: Sequence[str]) -> Vector:
    seen = Counter(stem for text in texts for stem in {stem for stem, _ in stems_in_order(text.lower())})
    return {stem: math.log(1 + len(texts) / count) for stem, count in seen.items()}


def _vectors(texts: Sequence[str]) -> list[Vector]:
    idf = _idf(texts)
    return [_vector(text, idf) for text in texts]


def _vector(text: str, idf: Vector) -> Vector:
    counts = Counter(stem for stem, _ in stems_in_order(text.lower()))
    return {stem: count * idf.get(stem, 0.0) for stem, count in counts.items()}


def _sum(vectors: Sequence[Vector]) -> Vector:
    total: Counter[str] = Counter()
    for vector in vectors:
        total.update(vector)
    return total


def _cosine(one: Vector, other: Vector) -> float:
    dot = sum(value * other.get(stem, 0.0) for stem, value in one.items())
    norm = math.sqrt(sum(v * v for v in one.values())) * math.sqrt(sum(v * v for v in other.values()))
    return dot / norm if norm else 0.0
