"""The default back end: the int8 copy of the embedded model in CTranslate2 (Qwen2.5's ChatML)."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.errors import BackendError
from assistant.llm.base import MAX_TOKENS, Prompt, Streams, check_continuations, check_request, check_room, until_stop
from assistant.llm.convert import verify_copy

CONTEXT_TOKENS = 8192       # of the 32768 that the model knows: key and value take 56 kB a token
KEPT_SYSTEM_PROMPTS = 16    # the engine never forgets the state of a fixed prompt, so only the first few are kept
SAMPLED_FROM = 40           # likeliest tokens that a temperature above 0 chooses among
START, END, END_OF_TEXT = "<|im_start|>", "<|im_end|>", "<|endoftext|>"


class CTranslate2(Streams):
    """Runs a folder made by `convert.ensure_converted`.

    Args:
        folder: the int8 copy; its hashes are checked first.
        threads: 0 takes all processors.
        context_length: most tokens of prompt and answer together.

    Raises:
        WeightsError: no copy in the folder, or a damaged one.
        BackendError: the engine cannot load it.
    """

    def __init__(self, folder: Path, *, threads: int = 0, context_length: int = CONTEXT_TOKENS) -> None:
        from tokenizers import Tokenizer

        manifest = verify_copy(folder)
        self.name = f"ctranslate2 {manifest.gguf_file.removesuffix('.gguf')} {manifest.quantization}"
        self.model_hash = manifest.model_sha256
        self.context_length = min(context_length, manifest.context_length)
        self._folder, self._threads = folder, threads or os.cpu_count() or 1
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.encode_special_tokens = True        # "<|im_end|>" in a note stays text and ends no turn
        self._kept: set[str] = set()
        self._lock = Lock()
        self._engine = self._open()

    def _open(self) -> Any:
        import ctranslate2

        try:
            return ctranslate2.Generator(str(self._folder), device="cpu", compute_type="int8", intra_threads=self._threads)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise BackendError(f"CTranslate2 cannot load {self._folder}: {error}") from error

    def _engine_for(self, temperature: float, seed: int) -> Any:
        """The engine's sampler takes its seed once, when its thread starts: a seeded call needs a new engine (0.6 s)."""
        import ctranslate2

        with self._lock:
            if temperature > 0:
                del self._engine                # first, or memory would hold the weights twice
                ctranslate2.set_random_seed(seed)
                self._engine = self._open()
                self._engine.generate_batch([[END_OF_TEXT]], max_length=1, sampling_topk=2)     # draws, so the seed is taken now
            return self._engine

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """See `LLM.stream`."""
        check_request(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature)
        fixed, rest = self._turn(prompt)
        room = check_room(len(fixed) + len(rest), max_tokens, self.context_length)
        options: dict[str, Any] = {"sampling_topk": SAMPLED_FROM, "sampling_temperature": temperature} if temperature else {}
        options |= {"max_length": room, "end_token": [END, END_OF_TEXT], "cache_static_prompt": self._keep(prompt)}
        return until_stop(self._text(self._engine_for(temperature, seed), rest, fixed or None, options), stop)

    def _text(self, engine: Any, rest: list[str], fixed: list[str] | None, options: dict[str, Any]) -> Generator[str, None, None]:
        from tokenizers.decoders import DecodeStream

        decoder = DecodeStream(skip_special_tokens=True)
        try:
            for step in engine.generate_tokens(rest, static_prompt=fixed, **options):
                if piece := decoder.step(self._tokenizer, step.token_id):
                    yield piece
        except RuntimeError as error:
            raise BackendError(f"CTranslate2 failed while writing: {error}") from error

    def _turn(self, prompt: Prompt | str) -> tuple[list[str], list[str]]:
        """Tokens of the fixed part and of the rest."""
        if isinstance(prompt, str):
            return [], self._tokens(prompt)
        line_end = self._tokens("\n")
        fixed = [START, *self._tokens(f"system\n{prompt.system}"), END, *line_end]
        return fixed, [START, *self._tokens(f"user\n{prompt.user}"), END, *line_end, START, *self._tokens("assistant\n")]

    def _keep(self, prompt: Prompt | str) -> bool:
        if isinstance(prompt, Prompt) and len(self._kept) < KEPT_SYSTEM_PROMPTS:
            self._kept.add(prompt.system)
        return isinstance(prompt, Prompt) and prompt.system in self._kept

    def _tokens(self, text: str) -> list[str]:
        return list(self._tokenizer.encode(text).tokens)

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """See `LLM.log_likelihood`. The prompt is read once for all continuations; int8 rounding makes it exact to about 0.3."""
        check_request(prompt, max_tokens=1, stop=(), temperature=0)
        check_continuations(continuations)
        fixed, rest = self._turn(prompt)
        before, rows = fixed + rest, [self._tokens(text) for text in continuations]
        longest = max(len(row) for row in rows)
        check_room(len(before) + longest, 1, self.context_length)
        try:
            results = self._engine_for(0, 0).generate_batch(
                [[before[-1], *row[:-1]] for row in rows], static_prompt=before[:-1] or None, cache_static_prompt=False,
                return_logits_vocab=True, max_length=longest, sampling_topk=1, end_token=[],
            )
        except RuntimeError as error:
            raise BackendError(f"CTranslate2 failed while scoring: {error}") from error
        return [self._total(row, result.logits[0]) for row, result in zip(rows, results, strict=True)]

    def _total(self, row: list[str], logits: Sequence[Any]) -> float:
        """`logits[i]` are those before token i of the row; a shorter row has more logits than tokens."""
        import numpy as np

        total = 0.0
        for token, step in zip(row, logits, strict=False):
            scores = np.asarray(step, dtype=np.float64).reshape(-1)
            top = scores.max()
            total += float(scores[self._tokenizer.token_to_id(token)] - top - np.log(np.exp(scores - top).sum()))
        return total

    def count_tokens(self, text: str) -> int:
        """See `LLM.count_tokens`."""
        return len(self._tokenizer.encode(text).ids)

    def raw_decode_rate(self, prompt: Prompt | str, tokens: int) -> float:
        """Tokens a second of the engine alone after the same prompt (no stream, no stop strings): the reference of the benchmark."""
        import time

        fixed, rest = self._turn(prompt)

        def seconds(length: int) -> float:
            start = time.perf_counter()
            options = {"max_length": length, "min_length": length, "sampling_topk": 1, "include_prompt_in_result": False}
            self._engine_for(0, 0).generate_batch([fixed + rest], **options)
            return time.perf_counter() - start

        return (tokens - 1) / max(seconds(tokens) - seconds(1), 1e-9)
