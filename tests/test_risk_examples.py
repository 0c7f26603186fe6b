"""Every score and equation against worked examples that were computed by hand from its source."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from assistant.risk import assess, tools

EXAMPLES = tomllib.loads((Path(__file__).parent / "risk_examples.toml").read_text(encoding="utf-8"))["example"]
TOOLS = [tool.name for tool in tools() if tool.kind in ("score", "equation")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['tool']}={example['value']}")
def test_example(example):
    result = assess(example["tool"], example["inputs"])
    assert result.value == pytest.approx(example["value"], rel=1e-3, abs=6e-3), (example["note"], result.parts)
    assert not result.missing
    assert result.sources


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_has_three_examples_or_more(name):
    assert Counter(example["tool"] for example in EXAMPLES)[name] >= 3


def test_no_example_without_a_tool():
    assert {example["tool"] for example in EXAMPLES} <= set(TOOLS)
