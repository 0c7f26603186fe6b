"""Set-up of the language model: fetch the weights, make the fast copy; and say what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import WeightsError
from assistant.llm.catalogue import find
from assistant.llm.convert import copy_folder, ensure_converted, read_manifest
from assistant.llm.weights import FETCH, cached_path, ensure_weights, own_weights, sha256_of

if TYPE_CHECKING:
    from assistant.settings import Settings


def prepare(settings: Settings) -> str:
    """Fetch and verify the weights that the settings name, and convert them where the back end needs it; a line that says what is ready.

    Raises:
        WeightsError: no way led to the right file, or the disk is full.
    """
    if settings.backend not in ("ctranslate2", "llama_cpp"):
        return f"{settings.backend} needs no set-up"
    own = own_weights(settings)
    if own and not own.exists():
        raise WeightsError(f"no weights at {own}; give the path of a GGUF file, or leave model_path out and run: {FETCH}")
    if own and (own.is_dir() or settings.backend == "llama_cpp"):
        return f"{own.name}, your own"
    weights = own or ensure_weights(settings.model, cache=settings.cache_dir)
    if settings.backend == "llama_cpp":
        return weights.name
    return f"{weights.name}, {ensure_converted(weights, cache=settings.cache_dir).name}"


def ready(settings: Settings) -> str:
    """What is ready to be loaded; raises WeightsError when it is not. Reads no weights but the hash of the user's own."""
    if settings.backend not in ("ctranslate2", "llama_cpp"):
        return "needs no weights here"
    if settings.backend == "ctranslate2":
        return f"{read_manifest(int8_copy(settings)).gguf_file} as int8"
    path = own_weights(settings) or cached_path(find(settings.model), settings.cache_dir)
    if not path.is_file():
        raise WeightsError(f"no file {path.name}; run: {FETCH}")
    return path.name


def int8_copy(settings: Settings) -> Path:
    """The folder of the int8 copy, there or not: named by the GGUF file's hash, which is known of the catalogue's without reading it."""
    own = own_weights(settings)
    if own and own.is_dir():
        return own
    return copy_folder(sha256_of(own) if own else find(settings.model).sha256, settings.cache_dir)
