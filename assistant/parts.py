"""What the four jobs stand on: settings, knowledge base, language model. Each is opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import RLock, Thread

from assistant import llm as backends
from assistant.errors import AssistantError, BackendError
from assistant.llm.base import LLM
from assistant.settings import Settings
from knowledge_base.search import KnowledgeBase
from prompts import load


class Parts:
    """Opens the knowledge base and the model once; safe to share between threads."""

    def __init__(
        self, settings: Settings, open_kb: Callable[[Settings], KnowledgeBase], llm: LLM | None = None, kb: KnowledgeBase | None = None
    ) -> None:
        self.settings, self._open_kb, self._llm, self._kb = settings, open_kb, llm, kb
        self._kb_lock, self._llm_lock = RLock(), RLock()
        self.fallback = ""

    @property
    def kb(self) -> KnowledgeBase:
        """The knowledge base; built on the first use of a new corpus."""
        with self._kb_lock:
            if self._kb is None:
                self._kb = self._open_kb(self.settings)
            return self._kb

    @property
    def llm(self) -> LLM:
        """The language model; the extractive back end, marked as such, when it cannot be loaded."""
        with self._llm_lock:
            if self._llm is None:
                try:
                    self._llm = backends.from_settings(self.settings)
                except BackendError as error:
                    self.fallback = str(error)
                    self._llm = backends.load("extractive")
            return self._llm

    @property
    def leaves_process(self) -> bool:
        """Whether what is asked goes to a server; the model is not loaded for the answer."""
        return self._llm.leaves_process if self._llm is not None else self.settings.backend == "langchain"

    def warm(self) -> None:
        """Begin to load the model beside other work, so that it is there when the evidence is."""
        if self._llm is None:
            Thread(target=self._load_quietly, daemon=True).start()

    def _load_quietly(self) -> None:
        with suppress(AssistantError):      # whoever needs the model meets it again
            _ = self.llm

    def reopen(self) -> None:
        """Forget the knowledge base, so that the next question sees documents added or removed."""
        with self._kb_lock:
            self._kb = None

    def versions(self, prompt: str) -> Mapping[str, str]:
        """Names and hashes of all that shaped an answer; of the model, once it has been asked for."""
        found: dict[str, str] = {"backend": self.settings.backend, "prompt": load(prompt).label, "corpus": self.kb.name}
        if self._llm is not None:
            found |= {"model": self._llm.name, "model_hash": self._llm.model_hash}
        return found | ({"fallback": self.fallback} if self.fallback else {})
