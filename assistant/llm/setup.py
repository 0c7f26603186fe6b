"""Set-up of the language model: fetch the weights, make the fast copy; and say what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import WeightsError
from assistant.llm.catalogue import find
from assistant.llm.convert import copy_folder, ensure_converted, read_manifest
from assistant.llm.weights import cached_path, ensure_weights

if TYPE_CHECKING:
    from assistant.settings import Settings


def prepare(settings: Settings) -> str:
    """Fetch and verify the weights that the settings name, and convert them where the back end needs it; a line that says what is ready.

    Raises:
        WeightsError: no way led to the right file, or the disk is full.
    """
    if settings.backend not in ("ctranslate2", "llama_cpp"):
        return f"{settings.backend} needs no set-up"
    own = Path(settings.model_path).expanduser() if settings.model_path else None
    weights = ensure_weights(settings.model, path=own, cache=settings.cache_dir)
    if settings.backend == "llama_cpp":
        return weights.name
    return f"{weights.name}, {ensure_converted(weights, cache=settings.cache_dir).name}"


def ready(settings: Settings) -> str:
    """What is ready to be loaded; raises WeightsError when it is not. Reads no weights."""
    if settings.backend not in ("ctranslate2", "llama_cpp"):
        return "needs no weights here"
    model = find(settings.model)
    if settings.backend == "ctranslate2":
        return f"{read_manifest(copy_folder(model.sha256, settings.cache_dir)).gguf_file} as int8"
    path = Path(settings.model_path).expanduser() if settings.model_path else cached_path(model, settings.cache_dir)
    if not path.is_file():
        raise WeightsError(f"no file {path.name}; run: assistant model fetch")
    return path.name
