"""The int8 copy of a GGUF model for CTranslate2, made once: on two cores it reads a prompt five times as fast as llama.cpp.

GGUF -> bf16 safetensors in a temporary folder -> the converter of CTranslate2 -> the copy. The copy is written beside its place
and renamed, so a killed conversion leaves nothing that looks finished. Its folder is named by what shaped it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from assistant.errors import WeightsError
from assistant.llm.download import check_space
from assistant.llm.gguf_folder import open_gguf, unpack, value, write_json
from assistant.llm.weights import FETCH, cache_folder, sha256_of

RECIPE = 1                      # raise it when the copy itself changes
MANIFEST, VERIFIED = "manifest.json", "verified.txt"
BF16_BYTES_PER_GGUF_BYTE = 3.2  # Q4_K_M has about 4.9 bits a weight
INT8_BYTES_PER_GGUF_BYTE = 1.7


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy was made from; its presence says that the copy is whole."""

    gguf_file: str
    gguf_sha256: str
    model_sha256: str           # of model.bin
    tokenizer_sha256: str
    context_length: int
    quantization: str
    recipe: int
    ctranslate2: str


def copy_folder(gguf_sha256: str, cache: Path | None = None) -> Path:
    """Where the copy of that GGUF file is kept, there or not. A patch release of CTranslate2 reads the same copy."""
    engine = ".".join(version("ctranslate2").split(".")[:2])
    return cache_folder(cache) / "ctranslate2" / f"{gguf_sha256[:16]}-int8-ct2-{engine}-r{RECIPE}"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a copy.

    Raises:
        WeightsError: there is no whole copy in the folder.
    """
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise WeightsError(f"no int8 copy of the model in {folder}; make it with: {FETCH}") from error
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(f"the int8 copy in {folder} has a broken {MANIFEST}: {error}; delete the folder and run: {FETCH}") from error


def verify_copy(folder: Path) -> Manifest:
    """The manifest, once the files have the hashes that it names.

    Raises:
        WeightsError: a file is absent or damaged.
    """
    manifest = read_manifest(folder)
    if (stamp := _stamp(folder)) and _read(folder / VERIFIED) == stamp:
        return manifest
    for file, wanted in (("model.bin", manifest.model_sha256), ("tokenizer.json", manifest.tokenizer_sha256)):
        if sha256_of(folder / file) != wanted:
            raise WeightsError(f"{folder / file} is damaged (its SHA-256 is not the one in {MANIFEST}); delete the folder and run: {FETCH}")
    with suppress(OSError):         # a folder that cannot be written is hashed each time
        (folder / VERIFIED).write_text(_stamp(folder), encoding="utf-8")
    return manifest


def _stamp(folder: Path) -> str:
    """Size and time of change of the files: what was hashed once need not be hashed again (1.5 GB, seconds) until it changes."""
    try:
        stats = [(folder / file).stat() for file in ("model.bin", "tokenizer.json")]
    except OSError:
        return ""
    return " ".join(f"{stat.st_size}:{stat.st_mtime_ns}" for stat in stats)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def ensure_converted(gguf: Path, *, cache: Path | None = None, progress: bool = True) -> Path:
    """Return the folder of the whole int8 copy of a GGUF file, making it when it is not there.

    Args:
        gguf: a qwen2 model whose hash has been checked.
        cache: folder of the cache.

    Raises:
        WeightsError: the file cannot be converted, or the disk is full.
    """
    from filelock import FileLock

    digest = sha256_of(gguf)
    target = copy_folder(digest, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(target.name + ".lock")):
        try:
            verify_copy(target)
        except WeightsError:
            shutil.rmtree(target, ignore_errors=True)
            _make(gguf, digest, target, progress)
    return target


def _make(gguf: Path, digest: str, target: Path, progress: bool) -> None:
    _sweep(target)
    check_space(target.parent, int(gguf.stat().st_size * (BF16_BYTES_PER_GGUF_BYTE + INT8_BYTES_PER_GGUF_BYTE)))
    with tempfile.TemporaryDirectory(prefix=f"{target.name}.making-", dir=target.parent) as name:
        plain, copy = Path(name) / "bf16", Path(name) / "int8"
        plain.mkdir()
        try:
            context_length = _unpack(gguf, plain, progress)
            _quantize(plain, copy, progress)
        except (OSError, RuntimeError, ValueError) as error:
            raise WeightsError(f"converting {gguf.name} failed: {error}; the back end llama_cpp can use the file as it is") from error
        shutil.copy(plain / "tokenizer.json", copy)
        _write_manifest(copy, gguf, digest, context_length)
        os.replace(copy, target)


def _sweep(target: Path) -> None:
    """Gigabytes that a killed conversion left; the lock says that nobody is working on them."""
    for left in target.parent.glob(f"{target.name}.making-*"):
        shutil.rmtree(left, ignore_errors=True)


def _unpack(gguf: Path, folder: Path, progress: bool) -> int:
    from rich.console import Console
    from rich.progress import Progress

    reader = open_gguf(gguf)
    with Progress(console=Console(stderr=True), disable=not progress) as shown:
        for _ in shown.track(unpack(reader, folder), total=len(reader.tensors), description=f"unpacking {gguf.name}"):
            pass
    return int(value(reader, "qwen2.context_length"))


def _quantize(plain: Path, copy: Path, progress: bool) -> None:
    from ctranslate2.converters import TransformersConverter
    from rich.console import Console

    console = Console(stderr=True, quiet=not progress)
    with console.status("quantising to int8 (about a minute)"), _quiet_transformers():
        TransformersConverter(str(plain), low_cpu_mem_usage=True).convert(str(copy), quantization="int8")


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Our own progress line stands already; two moving lines would overwrite each other."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()


def _write_manifest(copy: Path, gguf: Path, digest: str, context_length: int) -> None:
    manifest = Manifest(
        gguf_file=gguf.name, gguf_sha256=digest, model_sha256=sha256_of(copy / "model.bin"),
        tokenizer_sha256=sha256_of(copy / "tokenizer.json"), context_length=context_length, quantization="int8",
        recipe=RECIPE, ctranslate2=version("ctranslate2"),
    )
    write_json(copy / MANIFEST, asdict(manifest))
