"""A process that is killed while it adds documents leaves the library whole: the old list or the new one, and an index that works."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import faiss
import pytest

from assistant.library import Library
from tests.conftest import GUIDELINE, FakeEmbedder

DOCUMENTS, KILLS = 12, 20
FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"})


@pytest.fixture(scope="module")
def processes():
    """Processes forked from one that has imported everything and runs no thread, so that each starts in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["assistant.library", "tests.conftest", "docx", "pypdf", "bs4"])
    return context


@pytest.fixture
def folder(tmp_path):
    faiss.omp_set_num_threads(1)
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "type-2-diabetes.md").write_text(GUIDELINE, encoding="utf-8")
    write(tmp_path, "old")
    library(tmp_path).add([tmp_path / "protocols"])
    return tmp_path


def library(folder: Path) -> Library:
    return Library(folder / "data", FakeEmbedder(), guidelines=folder / "guidelines")


def write(folder: Path, version: str) -> None:
    (folder / "protocols").mkdir(exist_ok=True)
    for n in range(DOCUMENTS):
        (folder / "protocols" / f"p{n}.md").write_text(f"# Protocol {n}\n\nVersion {version} of protocol {n} gives fluid.\n", encoding="utf-8")


def add(folder: Path, die_at: int, started) -> None:
    """Add the folder; kill this very process at its n-th file operation (0: never)."""
    seen = 0

    def watch(event: str, _: object) -> None:
        nonlocal seen
        seen += event in FILE_EVENTS
        if event in FILE_EVENTS and seen == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    made = library(folder)
    started.set()
    sys.addaudithook(watch)
    made.add([folder / "protocols"])


def start(processes, folder: Path, die_at: int = 0) -> BaseProcess:
    started = processes.Event()
    process = processes.Process(target=add, args=(folder, die_at, started))
    process.start()
    assert started.wait(60)
    return process


def version(folder: Path) -> str:
    """The one version that all documents have; the index must hold it and find it."""
    made = library(folder)
    kb = made.open()
    assert made.verify() == []
    assert len(made.documents()) == DOCUMENTS
    (found,) = {p.text.split("Version ")[1].split()[0] for p in kb.index.passages if p.document_id.startswith("p")}
    assert kb.search("protocol 3 gives fluid", k=1)[0].passage.text.split("Version ")[1].startswith(found)
    return found


def test_killed_at_random_moments_the_library_is_old_or_new(processes, folder):
    rng, killed, now, tries = random.Random(7), 0, "w1", 0
    for warm in range(2):       # the second run tells how long an add takes once the server of processes is up
        write(folder, f"w{warm}")
        process, begin = start(processes, folder), time.monotonic()
        process.join()
        whole = time.monotonic() - begin
    while killed < KILLS:
        tries += 1
        write(folder, f"v{tries}")
        process = start(processes, folder)
        time.sleep(rng.uniform(0, whole))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        found = version(folder)
        assert found in (now, f"v{tries}")
        now = found
        assert tries < 10 * KILLS, "the process is done before it can be killed; this tests nothing"


def test_killed_at_any_file_operation_the_library_is_old_or_new(processes, folder):
    now, outcomes, step = "old", set(), 0
    while True:
        step += 1 if step < 4 else 5
        write(folder, f"s{step}")
        process = start(processes, folder, die_at=step)
        process.join()
        found = version(folder)
        assert found in (now, f"s{step}")
        outcomes.add("new" if found != now else "old")
        now = found
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert step > 50
    assert outcomes == {"old", "new"}
    library(folder).add([folder / "protocols"])
    assert version(folder) == f"s{step}"
