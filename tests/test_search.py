from __future__ import annotations

import json

import pytest

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import index_name, load, open_or_build
from knowledge_base.search import KnowledgeBase
from tests.conftest import FakeEmbedder


def test_the_nearest_statement_comes_first_and_twice_the_same(kb):
    first = kb.search("how often measure HbA1c", k=3)
    assert first[0].id == "type-2-diabetes#monitoring.1"
    assert [hit.id for hit in first] == [hit.id for hit in kb.search("how often measure HbA1c", k=3)]


def test_an_empty_question_is_an_error_not_everything(kb):
    with pytest.raises(KnowledgeBaseError, match="empty"):
        kb.search("  ")


def test_an_index_is_named_by_what_shaped_it(document):
    class Other(FakeEmbedder):
        name = "other"

    name = index_name(document.passages, FakeEmbedder())
    assert name == index_name(document.passages, FakeEmbedder())
    assert name != index_name(document.passages[1:], FakeEmbedder())
    assert name != index_name(document.passages, Other())


def test_an_index_comes_back_from_disk_as_it_was(document, tmp_path):
    made = open_or_build(document.passages, FakeEmbedder(), tmp_path)
    again = load(tmp_path / made.name)
    assert again.passages == document.passages
    hits = KnowledgeBase(again, FakeEmbedder()).search("metformin eGFR", k=2)
    assert [h.id for h in hits] == [h.id for h in KnowledgeBase(made, FakeEmbedder()).search("metformin eGFR", k=2)]


def test_only_new_texts_are_embedded_again(document, tmp_path):
    class Counting(FakeEmbedder):
        seen = 0

        def encode(self, texts):
            Counting.seen += len(texts)
            return super().encode(texts)

    open_or_build(document.passages[:3], Counting(), tmp_path)
    open_or_build(document.passages, Counting(), tmp_path)
    assert Counting.seen == len(document.passages)


@pytest.mark.parametrize("part", ["passages.jsonl", "vectors.faiss"])
def test_a_damaged_index_says_how_to_rebuild_it(document, tmp_path, part):
    made = open_or_build(document.passages, FakeEmbedder(), tmp_path)
    (tmp_path / made.name / part).write_bytes(json.dumps({"not": "this"}).encode())
    with pytest.raises(KnowledgeBaseError, match="rebuild it: assistant kb build"):
        load(tmp_path / made.name)


def test_without_a_document_nothing_of_it_is_found(kb):
    assert kb.without("type-2-diabetes").index.passages == ()


def test_the_retriever_is_a_langchain_retriever(kb):
    found = kb.as_retriever(k=2).invoke("metformin dose")
    assert len(found) == 2
    assert found[0].metadata["source"]
