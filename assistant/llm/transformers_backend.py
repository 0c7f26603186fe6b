"""Any Hugging Face causal model or local folder through transformers, on CPU or GPU in bf16.

Not for GGUF files: transformers would unpack the whole file at each start. Those go to `llama_cpp`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any

from assistant.errors import BackendError, SettingsError
from assistant.llm.base import MAX_TOKENS, Prompt, Streams, chat_messages, check_continuations, check_request, check_room, until_stop


class TransformersModel(Streams):
    """Runs a causal language model with its own chat template.

    Args:
        model: a local folder, or a repository name of the hub.
        revision: commit of the repository; becomes `model_hash`.
        device: "cpu", "cuda", "mps", ...; "" takes a GPU where there is one.
        threads: of the CPU; 0 leaves torch's own choice.
        context_length: 0 takes what the model's configuration says.

    Raises:
        SettingsError: a GGUF file.
        BackendError: the model cannot be found or loaded.
    """

    def __init__(self, model: str, *, revision: str | None = None, device: str = "", threads: int = 0, context_length: int = 0) -> None:
        if str(model).lower().endswith(".gguf"):
            raise SettingsError(f"'{model}' is a GGUF file; use the back end llama_cpp, or give transformers a folder or repository")
        import torch

        if threads:
            torch.set_num_threads(threads)
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._tokenizer, self._model = _open(str(model), revision, self._device)
        self.name = f"transformers {Path(model).name}"
        self.model_hash = _identity(str(model), self._model, revision)
        self.context_length = context_length or int(getattr(self._model.config, "max_position_embeddings", 2048))
        self._lock = Lock()

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """See `LLM.stream`."""
        check_request(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature)
        ids = self._ids(prompt)
        room = check_room(len(ids), max_tokens, self.context_length)
        sampling: dict[str, Any] = {"do_sample": True, "temperature": temperature}
        if not temperature:     # the Nones put out the model's own defaults for sampling, which would be reported as unused
            sampling = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        return until_stop(self._pieces(ids, sampling | {"max_new_tokens": room}, seed), stop)

    def _pieces(self, ids: list[int], options: dict[str, Any], seed: int) -> Generator[str, None, None]:
        import torch
        from transformers import StoppingCriteriaList

        queue: SimpleQueue[int | BaseException | None] = SimpleQueue()
        closed = Event()

        def halt(so_far: Any, _scores: Any, **_: Any) -> Any:
            queue.put(int(so_far[0, -1]))
            return torch.full((so_far.shape[0],), closed.is_set(), dtype=torch.bool, device=so_far.device)

        def work() -> None:
            try:
                with self._lock, torch.inference_mode():
                    torch.manual_seed(seed)     # global, hence the lock
                    given = torch.tensor([ids], device=self._device)
                    criteria = StoppingCriteriaList([halt])
                    self._model.generate(given, attention_mask=torch.ones_like(given), stopping_criteria=criteria, **options)
            except (RuntimeError, ValueError) as error:
                queue.put(error)
            queue.put(None)

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            yield from self._decode(queue)
        finally:
            closed.set()
            thread.join()

    def _decode(self, queue: SimpleQueue[int | BaseException | None]) -> Generator[str, None, None]:
        """Text as it grows; an unfinished character shows as U+FFFD and waits for the next token."""
        made: list[int] = []
        shown = ""
        while (token := queue.get()) is not None:
            if isinstance(token, BaseException):
                raise BackendError(f"transformers failed while writing: {token}") from token
            made.append(token)
            text = str(self._tokenizer.decode(made, skip_special_tokens=True))
            if len(text) > len(shown) and not text.endswith("\ufffd"):
                yield text[len(shown) :]
                shown = text

    def _ids(self, prompt: Prompt | str) -> list[int]:
        if isinstance(prompt, str):
            return [int(i) for i in self._tokenizer(prompt)["input_ids"]]
        if not getattr(self._tokenizer, "chat_template", None):
            return self._ids(f"{prompt.system}\n\n{prompt.user}\n\n")       # a base model knows no turns
        text = self._tokenizer.apply_chat_template(chat_messages(prompt), add_generation_prompt=True, tokenize=False)
        return [int(i) for i in self._tokenizer(text, add_special_tokens=False)["input_ids"]]

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """See `LLM.log_likelihood`."""
        check_request(prompt, max_tokens=1, stop=(), temperature=0)
        check_continuations(continuations)
        before = self._ids(prompt)
        return [self._score(before, self._tokenizer(text, add_special_tokens=False)["input_ids"]) for text in continuations]

    def _score(self, before: list[int], row: list[int]) -> float:
        import torch

        check_room(len(before) + len(row), 1, self.context_length)
        with self._lock, torch.inference_mode():
            given = torch.tensor([before + row], device=self._device)
            logits = self._model(given).logits[0, len(before) - 1 : -1].float()
            steps = torch.log_softmax(logits, dim=-1)
            return float(steps.gather(1, torch.tensor(row, device=self._device)[:, None]).sum())

    def count_tokens(self, text: str) -> int:
        """See `LLM.count_tokens`."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _open(model: str, revision: str | None, device: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, revision=revision)
        loaded = AutoModelForCausalLM.from_pretrained(model, revision=revision, dtype=torch.bfloat16).to(device).eval()
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BackendError(f"transformers cannot load '{model}': {reason}; give a model folder or a repository of the hub") from error
    return tokenizer, loaded


def _identity(model: str, loaded: Any, revision: str | None) -> str:
    """The commit where the hub gave one; else a hash of configuration and file sizes, as reading all weights takes too long."""
    if commit := revision or getattr(loaded.config, "_commit_hash", None):
        return str(commit)
    files = sorted(path for path in Path(model).glob("*") if path.suffix in {".json", ".safetensors", ".bin"})
    facts = [f"{path.name}:{path.stat().st_size}" for path in files]
    config = Path(model) / "config.json"
    return hashlib.sha256("\n".join(facts).encode() + (config.read_bytes() if config.is_file() else b"")).hexdigest()
