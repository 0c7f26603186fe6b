"""Language models behind one protocol, chosen by explicit name. Heavy imports live inside the constructors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError, WeightsError
from assistant.llm.base import LLM, Prompt

if TYPE_CHECKING:
    from assistant.settings import Settings

__all__ = ["BACKENDS", "LLM", "Prompt", "from_settings", "load"]


def _ctranslate2(**options: Any) -> LLM:
    from assistant.llm.ctranslate2_backend import CTranslate2

    return CTranslate2(**options)


def _llama_cpp(**options: Any) -> LLM:
    from assistant.llm.llama_cpp import LlamaCpp

    return LlamaCpp(**options)


def _transformers(**options: Any) -> LLM:
    from assistant.llm.transformers_backend import TransformersModel

    return TransformersModel(**options)


def _langchain(**options: Any) -> LLM:
    from assistant.llm.langchain_backend import LangChainModel

    return LangChainModel(**options)


def _extractive(**options: Any) -> LLM:
    from assistant.llm.extractive import Extractive

    return Extractive(**options)


BACKENDS: dict[str, Callable[..., LLM]] = {
    "ctranslate2": _ctranslate2,        # int8 copy of the embedded model: the default
    "llama_cpp": _llama_cpp,            # any GGUF file
    "transformers": _transformers,      # any Hugging Face causal model, CPU or GPU
    "langchain": _langchain,            # any LangChain chat model; text leaves the process
    "extractive": _extractive,          # no model: the caller quotes
}


def load(name: str, **options: Any) -> LLM:
    """Make the back end of that name with its own options (see each class).

    Raises:
        SettingsError: unknown name or option.
        BackendError: the model is absent, damaged or cannot be loaded.
    """
    if name not in BACKENDS:
        raise SettingsError(f"unknown back end '{name}'; there are: {', '.join(BACKENDS)}")
    try:
        return BACKENDS[name](**options)
    except TypeError as error:
        if "unexpected keyword" not in str(error) and "missing" not in str(error):
            raise
        raise SettingsError(f"the back end '{name}' does not take these options: {error}") from error


def from_settings(settings: Settings) -> LLM:
    """The back end that the settings name. Fetches nothing: that is set-up's work (`assistant model fetch`).

    Until the int8 copy of the embedded model exists, `ctranslate2` means its GGUF file in llama.cpp.

    Raises:
        SettingsError, BackendError: as for `load`.
    """
    from assistant.llm.setup import int8_copy

    if settings.backend == "langchain":
        return load("langchain", server_url=settings.server_url, server_model=settings.server_model)
    if settings.backend == "transformers":
        return load("transformers", model=settings.model_path or settings.model, threads=settings.threads)
    if settings.backend == "ctranslate2":
        try:
            return load("ctranslate2", folder=int8_copy(settings), threads=settings.threads)
        except WeightsError as error:
            try:
                return load("llama_cpp", model_path=_gguf(settings), threads=settings.threads)
            except WeightsError:
                raise error from None
    if settings.backend == "llama_cpp":
        return load("llama_cpp", model_path=_gguf(settings), threads=settings.threads)
    return load(settings.backend)


def _gguf(settings: Settings) -> Path:
    """The GGUF file: the user's own, as it is; else that of the catalogue from the cache, with its hash checked."""
    from assistant.llm.catalogue import find
    from assistant.llm.weights import cached_path, own_weights, verify

    if own := own_weights(settings):
        return own
    model = find(settings.model)
    return verify(cached_path(model, settings.cache_dir), model)
