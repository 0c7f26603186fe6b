"""Fakes with the same interface as the real parts: no weights, no network."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.gate.claims import content_words
from assistant.llm.base import Prompt
from assistant.settings import Settings
from knowledge_base.documents import Document, parse_guideline
from knowledge_base.search import KnowledgeBase

GUIDELINE = """---
id: type-2-diabetes
title: Type 2 diabetes in adults
synonyms: [T2DM]
population: adults
jurisdiction: international
version: "1"
checked: 2026-11-23
licence: written for these tests
sources:
  fda: {organisation: FDA, title: Metformin label, year: 2016, url: "https://www.fda.gov/metformin"}
  ada: {organisation: ADA, title: Standards of care, year: 2025, url: "https://doi.org/10.2337/dc25-SINT"}
---

## Treatment
- In adults with type 2 diabetes, metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2. [fda] {when: egfr_ml_min_1_73m2 < 30 -> contraindicated metformin}
- In adults with type 2 diabetes, start metformin at 500 mg orally once daily with the evening meal. [ada]
- In adults with type 2 diabetes, reduce the dose of metformin when eGFR is below 45 mL/min/1.73 m2. [ada] {when: egfr_ml_min_1_73m2 < 45 -> reduce-dose metformin}
- In adults with type 2 diabetes and heart failure, an SGLT2 inhibitor may be considered. [ada]

## Monitoring
- In adults with type 2 diabetes, measure HbA1c every 3 months until it is stable. [ada]
"""


class FakeEmbedder:
    """Bag of hashed stems: equal words are near, other words are not."""

    name, dim = "fake", 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in content_words(text):
                rows[i, int(hashlib.md5(word.encode()).hexdigest(), 16) % self.dim] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


class FakeLLM:
    """Says what a test tells it, in small pieces; counts how often it was asked."""

    name, model_hash, context_length, leaves_process, writes = "fake", "0", 4096, False, True

    def __init__(self) -> None:
        self.words, self.calls = "", 0

    def says(self, words: str) -> None:
        self.words = words

    def stream(self, prompt: Prompt | str, *, max_tokens=512, stop=(), temperature=0.0, seed=0) -> Iterator[str]:
        self.calls += 1
        for start in range(0, len(self.words), 7):
            yield self.words[start : start + 7]

    def generate(self, prompt, **options) -> str:
        return "".join(self.stream(prompt, **options))

    def log_likelihood(self, prompt, continuations):
        return [-float(len(text)) for text in continuations]

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def document() -> Document:
    return parse_guideline(GUIDELINE, name="type-2-diabetes.md")


@pytest.fixture
def kb(document: Document) -> KnowledgeBase:
    made = KnowledgeBase.from_passages(document.passages, FakeEmbedder())
    made.documents = (document,)
    return made


@pytest.fixture
def llm() -> FakeLLM:
    return FakeLLM()


@pytest.fixture
def assistant(kb: KnowledgeBase, llm: FakeLLM, tmp_path: Path) -> Assistant:
    return Assistant(Settings(data_dir=tmp_path, min_coverage=0.3), llm=llm, kb=kb)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests with the real encoder: the index of 8,000 statements is built once."""
    return tmp_path_factory.mktemp("data")


_status = [0]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the outcome for the end."""
    _status[0] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave at once after tests with the real model or page: native threads that still write must not be torn down with Python."""
    if "or weights" in (config.option.markexpr or ""):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status[0])
