"""Settings: what is allowed, which source wins, and which weights they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError, WeightsError
from assistant.llm import setup
from assistant.llm.weights import own_weights
from assistant.settings import Settings


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_: str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("passages", "0", "passages is 0; allowed: 1 to 4000"),
        ("passages", "8.5", "it takes int"),
        ("passages", 2.9, "it takes int"),
        ("max_tokens", True, "it takes int"),
        ("threads", "-5", "threads is -5; allowed: 0"),
        ("min_support", "1.5", "min_support is 1.5; allowed: 0 to 1"),
        ("nonsense", "1", "unknown setting nonsense"),
    ],
)
def test_an_impossible_value_is_told(name, value, says):
    with pytest.raises(SettingsError, match=says):
        Settings.load(**{name: value})


def test_the_later_source_wins_and_an_empty_variable_is_none(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text("passages = 5\nmax_tokens = 90\n", encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_PASSAGES", "6")
    monkeypatch.setenv("ASSISTANT_DATA_DIR", "")        # not the current folder
    found = Settings.load(tmp_path / "settings.toml", seed=3)
    assert (found.passages, found.max_tokens, found.seed) == (6, 90, 3)
    assert found.data_dir == Settings().data_dir


@pytest.mark.parametrize(
    ("options", "own"),
    [
        ({}, None),
        ({"model_path": "/x/mine.gguf"}, "/x/mine.gguf"),
        ({"model": "/x/mine.gguf"}, "/x/mine.gguf"),
        ({"model_path": "/x/copy", "backend": "ctranslate2"}, "/x/copy"),
    ],
)
def test_weights_of_the_users_own(options, own):
    assert own_weights(Settings(**options)) == (Path(own) if own else None)


@pytest.mark.parametrize("backend", ["ctranslate2", "llama_cpp"])
def test_set_up_and_check_mean_the_file_that_is_loaded(tmp_path, backend):
    mine = tmp_path / "mine.gguf"
    with pytest.raises(WeightsError, match=r"mine\.gguf"):
        setup.prepare(Settings(backend=backend, model_path=str(mine), cache_dir=tmp_path))
    with pytest.raises(WeightsError):
        setup.ready(Settings(backend=backend, model_path=str(mine), cache_dir=tmp_path))
    mine.write_bytes(b"GGUF")
    if backend == "llama_cpp":
        assert setup.ready(Settings(backend=backend, model=str(mine), cache_dir=tmp_path)) == "mine.gguf"
        assert setup.prepare(Settings(backend=backend, model=str(mine), cache_dir=tmp_path)) == "mine.gguf, your own"


def test_back_ends_without_weights_need_none(tmp_path):
    assert setup.prepare(Settings(backend="extractive", cache_dir=tmp_path)) == "extractive needs no set-up"
    assert setup.ready(Settings(backend="langchain", cache_dir=tmp_path)) == "needs no weights here"
