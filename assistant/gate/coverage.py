"""Does the knowledge base cover a question? Decided before a token is generated.

The score is a logistic function of a few features and their products, fitted on questions asked with and without the statements on their
condition in the index (`python -m eval.coverage --fit`); the weights and where they come from stand in coverage.toml.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from assistant.gate.claims import canonical, content_words
from assistant.gate.naming import Names, drugs_in, names_of
from knowledge_base.documents import Passage
from knowledge_base.embed import packaged_weights
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.expand import expand
from knowledge_base.search import Hit, KnowledgeBase

KEPT = 2            # knowledge bases whose words are kept: the one in use and the one before it
WEIGHTS = Path(__file__).parent / "coverage.toml"
FIRST = 5           # hits that words and titles are looked for in
LONG = 5            # letters of a stem: a long word, not of everyday speech, that no statement holds names something unknown here
FAR = (50, 100)     # ranks that no longer answer: how far the best hit stands out from them does not depend on the size of the index
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


NAMES = ("top_cosine", "gap", "best_words", "one_document", "named", "title", "strange", "together", "unheard", "best_score", "top_scores")
TERMS = (*NAMES, *(f"{one} x {other}" for one, other in combinations_with_replacement(NAMES, 2)))


def terms(features: Sequence[float]) -> list[float]:
    """The features and their products two by two, in the order of TERMS: a near passage says less when the condition is not named."""
    return [*features, *(one * other for one, other in combinations_with_replacement(features, 2))]


def covers(question: str, hits: Sequence[Hit], kb: KnowledgeBase, keep: Callable[[Passage], bool] | None = None) -> Coverage:
    """Judge the hits of a question, best first; no hits is no coverage. `keep` is the filter that they were searched with."""
    if not hits:
        return Coverage(0.0, (0.0,) * len(NAMES), ())
    words = content_words(canonical(question)) - ASKING
    idf = kb_idf(kb) if keep is None else _idf([passage for passage in kb.index.passages if keep(passage)])
    weights = {word: idf.get(word, idf[""]) for word in words}
    found = [_words(hit.passage.embedded_text) | synonyms(kb).get(hit.passage.document_id, frozenset()) for hit in hits]
    by_document: dict[str, frozenset[str]] = defaultdict(frozenset)
    for hit, one in zip(hits, found, strict=True):
        by_document[hit.passage.document_id] |= one
    everything = frozenset().union(*found[:FIRST])
    features = (
        max(hit.dense for hit in hits),
        _gap(question, kb, keep),
        max(_share(words & one, weights) for one in found[:FIRST]),
        max(_share(words & one, weights) for one in by_document.values()),
        *named(question, hits, kb, keep),
        max(Counter(hit.passage.document_id for hit in hits[:FIRST]).values()) / FIRST,
        _share(frozenset(word for word in words if word not in idf and len(word) >= LONG and word not in everyday()), weights),
        max(hit.score for hit in hits),
        sum(sorted((hit.score for hit in hits), reverse=True)[:FIRST]) / FIRST,
    )
    fitted = _weights()
    score = 1 / (1 + math.exp(-(fitted["bias"] + sum(fitted[name] * value for name, value in zip(TERMS, terms(features), strict=True)))))
    missing = sorted(words - everything, key=lambda word: -weights[word])
    return Coverage(score, features, tuple(missing))


def named(
    question: str, hits: Sequence[Hit], kb: KnowledgeBase, keep: Callable[[Passage], bool] | None = None
) -> tuple[float, float, float]:
    """What the question names, against what the hits are on.

    The share of the named conditions and drugs that the hits name, 0.5 when none is named; whether a named condition is the title or a
    synonym of a hit's document (1 yes, -1 no, 0 none named); and how many named conditions no hit names and no document is on, up to 3,
    in thirds. All words of "diabetic gastroparesis" may stand somewhere; a document on it need not. A further disease of the patient
    that has its own document would have been found, had it been asked about.
    """
    names = kb_names(kb)
    plain = canonical(question)
    asked, drugs = names.conditions_in(plain), drugs_in(plain)
    told = [_told(names, hit.passage) for hit in hits]
    on = frozenset().union(*(one | {hit.passage.document_id} for (one, _), hit in zip(told, hits, strict=True)))
    given = frozenset().union(*(medicines for _, medicines in told))
    wanted = len(asked) + len(drugs)
    share = (len(asked & on) + len(drugs & given)) / wanted if wanted else 0.5
    title = 0.0 if not asked else 1.0 if asked & {hit.passage.document_id for hit in hits[:FIRST]} else -1.0
    return share, title, min(len(asked - on - _there(kb, keep)), 3) / 3


def _there(kb: KnowledgeBase, keep: Callable[[Passage], bool] | None) -> frozenset[str]:
    """Ids of the documents that were searched."""
    if keep is None:
        return frozenset(document.id for document in kb.documents)
    return frozenset(passage.document_id for passage in kb.index.passages if keep(passage))


def _gap(question: str, kb: KnowledgeBase, keep: Callable[[Passage], bool] | None) -> float:
    """How far the cosine of the three best passages stands above that of passages which are near by chance."""
    cosines = kb.similarities(expand(question))
    if keep:
        cosines = cosines[np.array([keep(passage) for passage in kb.index.passages])]
    ranked = np.sort(cosines)[::-1]
    far = ranked[FAR[0] : FAR[1]] if len(ranked) > FAR[1] else ranked[len(ranked) // 2 :]
    return float(ranked[:3].mean() - far.mean())


def _share(words: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights[word] for word in words) / total if total else 0.0


@lru_cache(maxsize=16384)
def _words(text: str) -> frozenset[str]:
    return content_words(canonical(text))


@lru_cache(maxsize=16384)
def _told(names: Names, passage: Passage) -> tuple[frozenset[str], frozenset[str]]:
    text = canonical(f"{passage.title}. {passage.text}")
    return names.conditions_in(text), drugs_in(text)


@lru_cache(maxsize=KEPT)
def kb_names(kb: KnowledgeBase) -> Names:
    """The names of the documents of a knowledge base."""
    return names_of(kb.documents)


@lru_cache(maxsize=KEPT)
def kb_idf(kb: KnowledgeBase) -> Mapping[str, float]:
    """Stem -> inverse document frequency over the passages; the key "" holds that of a word which stands nowhere."""
    return _idf(kb.index.passages)


def _idf(passages: Sequence[Passage]) -> Mapping[str, float]:
    counts = Counter(word for passage in passages for word in _words(passage.embedded_text))
    total = len(passages)
    return {"": math.log(total + 1.0)} | {word: math.log((total + 1) / (count + 0.5)) for word, count in counts.items()}


@cache
def everyday() -> frozenset[str]:
    """Stems of the words that the embedding model knows whole: common English. None where its package is not installed."""
    try:
        lines = (packaged_weights() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except (KnowledgeBaseError, OSError):
        return frozenset()
    return content_words(" ".join(line for line in lines if line.isalpha()))


@lru_cache(maxsize=KEPT)
def synonyms(kb: KnowledgeBase) -> Mapping[str, frozenset[str]]:
    """Document id -> stems of its title and synonyms."""
    return {document.id: _words(" ".join((document.title, *document.synonyms))) for document in kb.documents}


@cache
def _weights() -> Mapping[str, float]:
    return {name: float(value) for name, value in tomllib.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"].items()}
