"""The one error of the knowledge base."""

from __future__ import annotations


class KnowledgeBaseError(Exception):
    """A guideline file, an index or a search that cannot be used; the message says what to do."""
