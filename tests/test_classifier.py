"""Trained classifiers behind the door of all tools: every shipped task, every kind of model, missing and unusual inputs."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import time
from itertools import permutations

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.risk.classifier import HOUSE, classifier_tools, task
from assistant.risk.fitted import Additive, Boxes, Kernel, Linear, Multilayer
from assistant.risk.inputs import clean
from assistant.risk.trained import Task

TASKS = sorted(path.parent.name for path in HOUSE.glob("*/task.json"))
EVERY = [(name, kind) for name in TASKS for kind in task(name).models]


def typical(name, **change):
    """The typical patient of a task, with changes."""
    return {key: i.reference for key, i in task(name).inputs.items()} | change


def run(name, inputs):
    tool = classifier_tools()[name]
    known, _ = clean(tool, inputs)
    return tool.compute(known)


def off_centre(name):
    """A patient who differs from the typical one in every input."""
    return {key: next(v for v in reversed(i.tried()) if v != i.reference) for key, i in task(name).inputs.items()}


def test_the_house_ships_its_tasks():
    assert {"breast_mass", "diabetes_5_year", "coronary_disease", "chd_10_year", "lung_cancer_1_year", "post_infarction_1_year"} <= set(TASKS)


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_parts_sum_to_the_log_odds(name, kind):
    values = off_centre(name)
    result = run(name, values | ({"model": kind} if len(task(name).models) > 1 else {}))
    logit = float(task(name).model(kind).logit(task(name).encode(values)[None, :])[0])
    assert result.value == round(100 / (1 + math.exp(-logit)), 1)
    if result.parts:
        assert sum(part.points for part in result.parts) == pytest.approx(logit, abs=1e-6)
        assert len(result.parts) == len(task(name).inputs) + 1
    else:       # only where all subsets would be too many
        assert len(task(name).inputs) > 15
        assert "no" in result.notes[-1] or "none" in result.notes[-1]


@pytest.mark.parametrize("name", TASKS)
def test_a_missing_input_gives_no_number_but_the_range_still_possible(name):
    values = typical(name)
    gone = next(iter(values))
    full, result = run(name, values), run(name, {k: v for k, v in values.items() if k != gone})
    assert result.value is None
    assert result.band == ""
    assert result.missing == {gone: task(name).inputs[gone].unit}
    if result.low is not None:
        assert result.low <= full.value <= result.high
    assert run(name, values | {gone: None}).missing == result.missing


@pytest.mark.parametrize("name", TASKS)
def test_a_value_beyond_the_training_range_is_flagged(name):
    number = next(key for key, i in task(name).inputs.items() if i.is_number)
    i = task(name).inputs[number]
    assert not any("out of range" in note for note in run(name, typical(name)).notes)
    flagged = classifier_tools()[name].compute(typical(name) | {number: i.high + (i.high - i.low)})
    assert any("out of range" in note and i.label in note for note in flagged.notes)


@pytest.mark.parametrize("name", TASKS)
def test_the_nearest_change_does_change_the_band(name):
    values = off_centre(name)
    result = run(name, values)
    note = next((n for n in result.notes if n.startswith("nearest change")), "")
    if note:
        band = note.split("'")[1]
        assert band != result.band
        changed = [
            option for key, i in task(name).inputs.items() if f"if {i.label} were" in note and not i.fixed
            for option in i.tried() if f"were {i.shown(option)}, all else" in note and run(name, values | {key: option}).band == band
        ]  # fmt: skip
        assert changed


@pytest.mark.parametrize("name", TASKS)
def test_every_card_is_whole(name):
    card = json.loads((HOUSE / name / "card.json").read_text(encoding="utf-8"))
    assert sum(len(rows) for rows in card["onc"].values()) == 31
    assert all(text.strip() for rule in ("onc", "tripod") for rows in card[rule].values() for text in rows.values())
    assert all(low <= value <= high for value, low, high in card["figures"].values())
    assert (HOUSE / name / "card.md").read_text(encoding="utf-8").startswith(f"# {card['title']}")


def test_an_unknown_word_and_an_unknown_model_are_refused():
    with pytest.raises(InputError, match="allowed: logistic"):
        run("coronary_disease", typical("coronary_disease", model="oracle"))
    with pytest.raises(InputError, match="allowed: typical angina"):
        run("coronary_disease", typical("coronary_disease", chest_pain="crushing"))


def test_a_logistic_result_takes_no_library_but_numpy_and_two_milliseconds():
    code = (
        "import sys; from assistant.risk.classifier import classifier_tools, task\n"
        "t = classifier_tools()['breast_mass']; v = {k: i.reference for k, i in task('breast_mass').inputs.items()}\n"
        "t.compute({**v, 'model': 'logistic'}); print(sorted({'sklearn', 'torch', 'scipy', 'matplotlib', 'interpret'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    tool, values = classifier_tools()["breast_mass"], typical("breast_mass", model="logistic")
    tool.compute(values)
    start = time.perf_counter()
    for _ in range(50):
        tool.compute(values)
    assert (time.perf_counter() - start) / 50 < 0.01      # 0.002 on a quiet machine


def test_a_broken_folder_of_a_user_is_one_line_and_breaks_no_other_tool(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "task.json").write_text("{", encoding="utf-8")
    tools = classifier_tools(tmp_path)
    assert "breast_mass" in tools
    with pytest.raises(InputError, match="train it again or remove"):
        tools["mine"].compute({})


def test_a_damaged_model_file_is_one_line(tmp_path):
    copy = tmp_path / "lung_cancer_1_year"
    shutil.copytree(HOUSE / "lung_cancer_1_year", copy)
    (copy / "mlp.safetensors").write_bytes(b"damaged")
    (copy / "boosting.safetensors").unlink()
    for kind in ("mlp", "boosting"):
        with pytest.raises(InputError, match=f"model '{kind}' of lung_cancer_1_year cannot be read"):
            Task(copy).model(kind)
    assert Task(copy).model("logistic")


ROW, REFERENCE = np.array([1.0, 2.0, 0.0, 1.0]), np.array([0.0, 0.5, 1.0, 0.0])
GROUPS = [np.array([0]), np.array([1]), np.array([2, 3])]         # the last two columns are one choice
RNG = np.random.default_rng(0)
MODELS = [
    Linear(0.3, RNG.normal(size=4)),
    Additive(0.1, [np.array([0.5])] * 4, [RNG.normal(size=2) for _ in range(4)]),
    Boxes(0.2, np.array([[0, 1], [1, 2], [3, 3]]), np.array([[0.5, -np.inf], [1.0, -np.inf], [0.5, -np.inf]]),
          np.array([[np.inf, 3.0], [np.inf, 0.5], [np.inf, np.inf]]), np.array([1.0, -2.0, 0.5])),
    Kernel(np.zeros(4), np.ones(4), RNG.normal(size=(3, 4)), RNG.normal(size=3), 0.2, 0.1, 1.5, -0.2),
    Multilayer(np.zeros(4), np.ones(4), [(RNG.normal(size=(3, 4)), RNG.normal(size=3)), (RNG.normal(size=(1, 3)), np.zeros(1))]),
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_contributions_are_shapley_values(model):
    """Against the definition: the mean over all orders of what an input adds when it enters."""
    total = np.zeros(3)
    for order in permutations(range(3)):
        row = REFERENCE.copy()
        for i in order:
            before = float(model.logit(row[None, :])[0])
            row[GROUPS[i]] = ROW[GROUPS[i]]
            total[i] += (float(model.logit(row[None, :])[0]) - before) / 6
    assert model.contributions(ROW, REFERENCE, GROUPS) == pytest.approx(total, abs=1e-12)
