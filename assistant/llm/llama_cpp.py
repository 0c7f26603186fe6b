"""Any GGUF file through llama.cpp (prebuilt wheel xllamacpp): output held to a JSON schema or grammar, prefix cache.

The wheel's engine always opens an HTTP port on 127.0.0.1. Here it answers nobody without a random key that never leaves this
process, its page and its list of running prompts are off, and generation goes through memory, not through the port.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

from assistant.errors import BackendError, InputError, WeightsError
from assistant.llm.base import MAX_TOKENS, Prompt, Streams, chat_messages, check_continuations, check_request, check_room, until_stop
from assistant.llm.weights import FETCH, sha256_of

CONTEXT_TOKENS = 8192
FORCING_BIAS = 1000.0       # beats any real difference between two logits
REPLY_SECONDS = 60.0


class LlamaCpp(Streams):
    """Runs a GGUF file with its own chat template.

    Args:
        model_path: the file; its hash becomes `model_hash`.
        threads: 0 takes all processors.
        context_length: most tokens of prompt and answer together.
        gpu_layers: layers put on a GPU, for wheels built with one; -1 lets the engine decide.

    Raises:
        WeightsError: no such file, or not a GGUF file.
        BackendError: the engine cannot load it.
    """

    def __init__(self, model_path: Path, *, threads: int = 0, context_length: int = CONTEXT_TOKENS, gpu_layers: int = -1) -> None:
        path = Path(model_path)
        _check_magic(path)
        self.name = f"llama_cpp {path.stem}"
        self.model_hash = sha256_of(path)
        self.context_length = context_length
        self._key = secrets.token_urlsafe(32)
        self._server = _serve(path, threads or os.cpu_count() or 1, context_length, gpu_layers, self._key)

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """See `LLM.stream`."""
        check_request(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature)
        return until_stop(self._pieces(self._body(prompt, max_tokens, temperature, seed)), stop)

    def _body(self, prompt: Prompt | str, max_tokens: int, temperature: float, seed: int) -> dict[str, Any]:
        tokens = self._prompt_tokens(prompt)
        room = check_room(len(tokens), max_tokens, self.context_length)
        return {"prompt": tokens, "n_predict": room, "temperature": temperature, "seed": seed, "cache_prompt": True, "stream": True}

    def _pieces(self, body: dict[str, Any]) -> Generator[str, None, None]:
        """The engine calls back from its own thread; closing this generator tells it to stop at the next token."""
        queue: SimpleQueue[dict[str, Any] | BaseException | None] = SimpleQueue()
        closed = Event()

        def take(chunk: dict[str, Any]) -> bool:
            queue.put(chunk)
            return closed.is_set()

        def work() -> None:
            try:
                self._server.handle_completions(body, take)
            except (RuntimeError, ValueError) as error:
                queue.put(error)
            queue.put(None)

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            while (chunk := queue.get()) is not None:
                yield _text(chunk)
        finally:
            closed.set()
            thread.join()

    def _prompt_tokens(self, prompt: Prompt | str) -> list[int]:
        """Token ids with the model's chat template around a Prompt; no user can end a turn with a control token."""
        if isinstance(prompt, str):
            return self._tokens(prompt, special=False)
        return self._tokens(str(self._post("/apply-template", {"messages": chat_messages(prompt)})["prompt"]), special=True)

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        return [int(t) for t in self._post("/tokenize", {"content": text, "add_special": True, "parse_special": special})["tokens"]]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Only the port offers tokenizer and template; it is on this machine and asks for the key."""
        import httpx

        url, headers = f"{self._server.listening_address}{path}", {"Authorization": f"Bearer {self._key}"}
        try:
            reply = httpx.post(url, json=body, headers=headers, timeout=REPLY_SECONDS, trust_env=False)     # no proxy sees it
            reply.raise_for_status()
        except httpx.HTTPError as error:
            raise BackendError(f"llama.cpp did not answer {path}: {error}") from error
        return dict(reply.json())

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """See `LLM.log_likelihood`."""
        check_request(prompt, max_tokens=1, stop=(), temperature=0)
        check_continuations(continuations)
        before = self._prompt_tokens(prompt)
        return [self._score(before, self._post("/tokenize", {"content": text})["tokens"]) for text in continuations]

    def _score(self, before: list[int], row: list[int]) -> float:
        """Each token is forced by a bias in turn; the log probability that the engine reports is that before the bias."""
        check_room(len(before) + len(row), 1, self.context_length)
        total = 0.0
        for at, token in enumerate(row):
            body = {"prompt": before + row[:at], "n_predict": 1, "temperature": 0.0, "n_probs": 1, "cache_prompt": True}
            reply = self._server.handle_completions(body | {"logit_bias": [[token, FORCING_BIAS]]})
            total += float(_choice(reply)["logprobs"]["content"][0]["logprob"])
        return total

    def count_tokens(self, text: str) -> int:
        """See `LLM.count_tokens`."""
        return len(self._post("/tokenize", {"content": text})["tokens"])


def _check_magic(path: Path) -> None:
    if not path.is_file():
        raise WeightsError(f"no model file {path}; give the path of a GGUF file or run: {FETCH}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise WeightsError(f"{path} is not a GGUF file; give one, or fetch the embedded model with: {FETCH}")


def _serve(path: Path, threads: int, context_length: int, gpu_layers: int, key: str) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx, params.n_parallel, params.n_gpu_layers = context_length, 1, gpu_layers
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = 0                # one slot keeps its own prefix; 8 GB of older prompts in memory is the engine's default
    params.api_keys, params.ui, params.endpoint_slots = [key], False, False
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise BackendError(f"llama.cpp cannot load {path}: {error}") from error


def _choice(reply: Any) -> dict[str, Any]:
    if not isinstance(reply, dict) or not reply.get("choices"):
        raise BackendError(f"llama.cpp did not answer: {reply}")
    return dict(reply["choices"][0])


def _text(chunk: dict[str, Any] | BaseException) -> str:
    if isinstance(chunk, BaseException):
        raise BackendError(f"llama.cpp failed while writing: {chunk}") from chunk
    if "error" in chunk:
        message = str(chunk["error"].get("message", chunk["error"]))
        kind = InputError if "grammar" in message or "schema" in message else BackendError
        raise kind(f"llama.cpp cannot use the request: {message}")
    return str(_choice(chunk).get("text") or "")
