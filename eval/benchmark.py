"""Speed and memory, each beside its raw engine on the same machine in the same run: `python -m eval.benchmark`.

These are measurements, never tests: a slow machine is slow, not wrong.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from assistant.assistant import Assistant
from assistant.llm.base import Prompt as Turn
from assistant.settings import Settings
from knowledge_base.documents import load_guidelines
from knowledge_base.index import build
from prompts import load

QUESTION = "Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?"
SEARCHES = (
    QUESTION,
    "first-line antibiotic for mild pneumonia",
    "adrenaline dose anaphylaxis adult",
    "when to give alteplase in stroke",
    "blood pressure target in chronic kidney disease",
    "how fast to correct hyponatraemia",
    "apixaban dose reduction",
    "red flags of back pain",
)
MAX_TOKENS, REPEATS = 96, 5


@dataclass(frozen=True)
class Line:
    """One figure: what was measured, its reference in the same run where there is one, and how often."""

    name: str
    value: float
    unit: str
    n: int
    reference: str = ""


def retrieval(assistant: Assistant) -> Iterator[Line]:
    """Search with query embedding, p50 and p95."""
    kb = assistant.parts.kb
    kb.search(SEARCHES[0])
    times = [seconds(lambda text=text: kb.search(text)) * 1000 for _ in range(REPEATS) for text in SEARCHES]  # type: ignore[misc]
    encoder = median(seconds(lambda text=text: kb.embedder.encode([text])) * 1000 for text in SEARCHES)  # type: ignore[misc]
    yield Line("search p50", median(times), "ms", len(times), f"query embedding alone {encoder:.1f} ms; {len(kb.index.passages)} passages")
    yield Line("search p95", quantiles(times, n=20)[-1], "ms", len(times))


def indexing(assistant: Assistant, limit: int = 400) -> Iterator[Line]:
    """Passages a second into a fresh index, beside the encoder alone on the same texts."""
    passages = [passage for document in load_guidelines() for passage in document.passages][:limit]
    texts = sorted((passage.embedded_text for passage in passages), key=len)
    raw = len(texts) / seconds(lambda: assistant.parts.kb.embedder.encode(texts))
    ours = len(passages) / seconds(lambda: build(passages, assistant.parts.kb.embedder))
    yield Line("index build", ours, "passages/s", len(passages), f"encoder alone {raw:.0f} passages/s, ratio {ours / raw:.2f}")


def generation(assistant: Assistant) -> Iterator[Line]:
    """First token and decode rate of the real prompt, beside the engine's own rate."""
    llm = assistant.parts.llm
    prompt = load("ask")
    hits = assistant.parts.kb.search(QUESTION, k=assistant.settings.passages)
    numbered = "\n".join(f"[{n}] {hit.passage.title}: {hit.passage.text}" for n, hit in enumerate(hits, 1))
    turn = Turn(prompt.system, prompt.render(passages=numbered, question=QUESTION))
    length = llm.count_tokens(turn.system) + llm.count_tokens(turn.user)
    firsts, rates = zip(*(streamed(llm, turn) for _ in range(3)), strict=True)
    reference = raw_decode(llm, turn)
    ratio = f"engine alone {reference:.1f} tokens/s, ratio {max(rates) / reference:.2f}" if reference else ""
    yield Line("first token", median(firsts), "s", len(firsts), f"prompt of {length} tokens, {llm.name}")
    yield Line("prompt", length / median(firsts), "tokens/s", len(firsts), "lower bound: first token over prompt length")
    yield Line("decode", median(rates), "tokens/s", len(rates), ratio)


def streamed(llm: Any, turn: Turn) -> tuple[float, float]:
    """(seconds to the first piece, tokens a second after it) of one answer."""
    start = time.perf_counter()
    pieces = llm.stream(turn, max_tokens=MAX_TOKENS)
    first = next(pieces)
    began = time.perf_counter()
    rest = "".join(pieces)
    return began - start, llm.count_tokens(rest) / max(time.perf_counter() - began, 1e-9) if first else 0.0


def raw_decode(llm: Any, turn: Turn) -> float:
    """Tokens a second of the engine itself, without our chat template, stop strings and gate; 0 where the back end shows no engine."""
    engine = getattr(llm, "raw_decode_rate", None)
    return float(engine(turn, MAX_TOKENS)) if engine else 0.0


def answers(assistant: Assistant) -> Iterator[Line]:
    """A whole answer: evidence, prose, gate."""
    evidence, whole = [], []
    for question in islice(SEARCHES, 4):
        start = time.perf_counter()
        stream = assistant.ask_stream(question)
        next(stream)
        evidence.append(time.perf_counter() - start)
        for _ in stream:
            pass
        whole.append(time.perf_counter() - start)
    yield Line("evidence shown", median(evidence), "s", len(evidence))
    yield Line("whole answer", median(whole), "s", len(whole), f"slowest {max(whole):.1f} s")


def memory() -> Iterator[Line]:
    """Peak resident memory of this process so far."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield Line("peak memory", kilobytes / 1e6, "GB", 1)


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(arguments: Sequence[str] = ()) -> int:
    """Run every part, print a table, write reports/benchmark.json."""
    assistant = Assistant(Settings.load())
    opened = seconds(lambda: assistant.parts.kb)
    lines = [Line("open index and encoder", opened, "s", 1)]
    for part in (retrieval, indexing, generation, answers):
        lines += part(assistant)
    lines += memory()
    for line in lines:
        sys.stdout.write(f"{line.name:24} {line.value:9.2f} {line.unit:11} n={line.n:<4} {line.reference}\n")
    folder = Path("reports")
    folder.mkdir(exist_ok=True)
    record = {"machine": platform.platform(), "processor": platform.processor(), "lines": [asdict(line) for line in lines]}
    (folder / "benchmark.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
