"""The knowledge base where LangChain's users expect it: as a retriever."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever


class KnowledgeBaseRetriever(BaseRetriever):
    """Returns the statements of a KnowledgeBase with their source in the metadata."""

    knowledge_base: Any
    k: int = 8

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[LangChainDocument]:
        return [
            LangChainDocument(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={
                    "id": hit.passage.id, "title": hit.passage.title, "section": hit.passage.section, "score": hit.score,
                    "source": hit.passage.source_label, "url": hit.passage.url, "population": hit.passage.population,
                },
            )
            for hit in self.knowledge_base.search(query, k=self.k)
        ]  # fmt: skip
