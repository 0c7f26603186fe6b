"""Training on small made-up data: metrics by hand, refusals in one line, what is exported is what was fitted, cards without holes."""

from __future__ import annotations

import csv
import importlib.util
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.risk.classifier import classifier_tools
from assistant.risk.trained import Task
from assistant.risk.training import card, conformal, evaluate, models
from assistant.risk.training.__main__ import main
from assistant.risk.training.data import Data, Feature, Plan, design, fingerprint, plans, read
from assistant.risk.training.explain import lime, waterfall
from assistant.risk.training.register import index, register
from assistant.risk.training.report import report, texts
from assistant.risk.training.run import train
from assistant.risk.training.user import train_csv

pytestmark = pytest.mark.training

Y = np.array([0, 0, 1, 0, 1, 1])
LOGITS = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])        # one pair of nine in the wrong order


def made_up(n=120, seed=0):
    """Rows of patients whose outcome follows from age, pain and weight; ward says nothing, glucose is missing in some."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        age, weight, pain, sex = rng.normal(60, 10), rng.normal(80, 12), rng.choice(["none", "mild", "severe"]), rng.choice(["female", "male"])
        logit = 0.12 * (age - 60) + 1.2 * (pain == "severe") + 0.04 * (weight - 80) - 0.5 + 0.6 * (sex == "male")
        died = rng.random() < 1 / (1 + np.exp(-logit))
        glucose = "" if rng.random() < 0.1 else f"{rng.normal(100, 20):.1f}"
        rows.append({"age_years": f"{age:.1f}", "weight_kg": f"{weight:.1f}", "pain": pain, "sex": sex, "smoker": rng.choice(["yes", "no"]),
                     "glucose_mg_dl": glucose, "died": "yes" if died else "no"})  # fmt: skip
    return rows


def save(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A user's task, trained once for this module."""
    folder = tmp_path_factory.mktemp("trained")
    run, place = train_csv("ward_death", save(folder / "my.csv", made_up()), "died", root=folder / "classifiers", kinds=["logistic"], folds=3)
    return run, place


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("auroc", 8 / 9),
        ("auprc", (1 + 1 + 3 / 4) / 3),
        ("accuracy", 4 / 6),
        ("recall", 2 / 3),
        ("specificity", 2 / 3),
        ("precision", 2 / 3),
        ("f1", 2 / 3),
    ],
)
def test_metrics_by_hand(metric, expected):
    assert evaluate.METRICS[metric](Y, LOGITS, 0.5) == pytest.approx(expected)


def test_ties_count_half_in_the_auroc_and_nothing_in_order_in_the_auprc():
    assert evaluate.auroc(Y, np.zeros(6)) == 0.5
    assert evaluate.auprc(Y, np.zeros(6)) == pytest.approx(0.5)


def test_calibration_finds_the_line_that_was_put_in():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, 20000)
    outcome = (rng.random(20000) < evaluate.chance(0.5 * logits + 0.3)).astype(np.int64)
    slope, intercept = evaluate.recalibration(outcome, logits)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(0.3, abs=0.05)
    assert evaluate.ece_error(outcome, 0.5 * logits + 0.3) < 0.02 < evaluate.ece_error(outcome, logits)


def test_the_decision_curve_meets_acting_on_everybody_at_the_lowest_threshold():
    first, *_, last = evaluate.decision_curve(Y, LOGITS)
    assert first["model"] == first["everybody"] == pytest.approx(0.5 - 0.5 * 0.05 / 0.95, abs=1e-4)
    assert last["everybody"] < 0 <= last["model"] + 1e-9


def test_conformal_sets_hold_the_truth_as_often_as_promised():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1.5, 4000)
    outcome = (rng.random(4000) < evaluate.chance(logits)).astype(np.int64)
    limit = conformal.threshold(logits[:2000], outcome[:2000])
    found = conformal.coverage(logits[2000:], outcome[2000:], limit)
    assert found.share == pytest.approx(0.9, abs=0.03)
    assert found.single + found.both + found.empty == found.n
    assert conformal.threshold(logits[:5], outcome[:5]) == 1.0         # too few to promise 90 %


def test_the_simplest_within_one_standard_error_is_served():
    def scored(kind, losses):
        return evaluate.Scores(kind, np.zeros((1, 2)), np.zeros((1, 2)), np.array([losses]), (), conformal.Coverage(1, 1, 1, 0, 0))

    simple, good = scored("logistic", [0.51, 0.53]), scored("mlp", [0.45, 0.55])
    assert evaluate.simplest([simple, good]) == "logistic"
    assert evaluate.simplest([scored("logistic", [0.7, 0.7]), good]) == "mlp"


@pytest.mark.parametrize("kind", ["logistic", "svm", "boosting", "mlp"])
def test_exported_parameters_rank_the_patients(kind, monkeypatch):
    monkeypatch.setattr(models, "STAGES", 30)
    monkeypatch.setattr(models, "EPOCHS", 15)
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(60, 3))
    rows[::7, 2] = np.nan
    outcome = (rows[:, 0] + 0.5 * rng.normal(size=60) > 0).astype(np.int64)
    fitted = models.fit(kind, rows, outcome, 0)
    assert evaluate.auroc(outcome, fitted.logit(rows)) > 0.85
    assert (fitted.logit(rows) == models.fit(kind, rows, outcome, 0).logit(rows)).all()        # the seed decides everything


def test_boxes_are_the_trees():
    from sklearn.ensemble import GradientBoostingClassifier

    rng = np.random.default_rng(4)
    rows = rng.normal(size=(80, 3))
    outcome = (rows[:, 0] * rows[:, 1] > 0).astype(np.int64)
    trees = GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=0).fit(rows, outcome)
    leaves = [box for tree in trees.estimators_[:, 0] for box in models._leaves(tree.tree_)]
    inside = np.array([[all(low < np.float32(row[c]) <= high for c, (low, high) in box.items()) for box, _ in leaves] for row in rows])
    start = np.log(outcome.mean() / (1 - outcome.mean()))
    assert start + 0.1 * inside @ np.array([value for _, value in leaves]) == pytest.approx(trees.decision_function(rows))


@pytest.mark.skipif(importlib.util.find_spec("interpret") is None, reason="needs interpret-core (extra train)")
def test_the_explainable_boosting_machine_is_exported_exactly():
    from interpret.glassbox import ExplainableBoostingClassifier

    rng = np.random.default_rng(5)
    rows = rng.normal(size=(80, 2))
    outcome = (rows[:, 0] > 0).astype(np.int64)
    fitted = models.fit("ebm", rows, outcome, 0)
    settings = {"interactions": 0, "outer_bags": 8, "max_bins": 64, "max_leaves": 2, "smoothing_rounds": 50, "min_samples_leaf": 4, "random_state": 0, "n_jobs": 1}
    whole = ExplainableBoostingClassifier(feature_types=["continuous"] * 2, **settings).fit(rows, outcome)
    assert fitted.logit(rows) == pytest.approx(whole.decision_function(rows))


def test_a_users_task_becomes_a_tool(trained):
    run, place = trained
    tool = classifier_tools(place.parent)["ward_death"]
    assert tool.inputs == {"age_years": "years", "weight_kg": "kg", "pain": "mild|none|severe", "sex": "female|male", "smoker": "yes/no",
                           "glucose_mg_dl": "mg/dL"}  # fmt: skip
    patient = {"age_years": 75.0, "weight_kg": 80.0, "pain": "severe", "sex": "male", "smoker": False, "glucose_mg_dl": 100.0}
    result = tool.compute(patient)
    assert result.value > 50
    assert result.missing == {}
    assert [step.end for step in waterfall(result)][-1] == pytest.approx(sum(part.points for part in result.parts))
    assert run.figures["logistic"]["auroc"][0] > 0.65
    groups = run.groups
    assert {"female", "male"} <= set(groups)
    assert sum(groups[g]["n"] for g in ("female", "male")) == len(run.data)


def test_the_report_and_the_list_of_cards(trained):
    run, place = trained
    said = report(run, place)
    assert "ward_death: logistic serves; 120 patients" in said
    assert "use it: assistant risk ward_death age_years=... weight_kg=..." in said
    assert "[ward_death](ward_death/card.md) | 120 |" in index(place.parent).read_text(encoding="utf-8")


def test_the_owners_texts_reach_the_card(tmp_path):
    (tmp_path / "card.toml").write_text('population = "adults on ward 3"', encoding="utf-8")
    said = texts(tmp_path / "card.toml")
    _, place = train_csv("other", save(tmp_path / "my.csv", made_up()), "died", texts=said, root=tmp_path / "c", kinds=["logistic"], folds=2)
    assert "Adults on ward 3" in (place / "card.md").read_text(encoding="utf-8")
    (tmp_path / "card.toml").write_text('colour = "blue"', encoding="utf-8")
    with pytest.raises(InputError, match="no card says 'colour'"):
        texts(tmp_path / "card.toml")
    assert texts(None) == {}


def test_lime_agrees_with_a_linear_model(trained):
    task = Task(trained[1])
    patient = {"age_years": 75.0, "weight_kg": 80.0, "pain": "severe", "sex": "male", "smoker": False, "glucose_mg_dl": 100.0}
    weights = dict(lime(task, patient))
    model = task.model("logistic")
    assert weights["age years"] == pytest.approx(model.weights[0] * task.inputs["age_years"].spread, rel=0.15)
    assert lime(task, patient) == lime(task, patient)


def test_equal_rows_and_seed_give_equal_files(trained, tmp_path):
    _, place = trained
    again = train_csv("ward_death", save(tmp_path / "my.csv", made_up()), "died", root=tmp_path / "c", kinds=["logistic"], folds=3)[1]
    assert (again / "task.json").read_bytes() == (place / "task.json").read_bytes()


def test_the_card_of_a_user_says_what_was_not_stated(trained):
    text = (trained[1] / "card.md").read_text(encoding="utf-8")
    assert "Not stated by the owner of the data" in text
    assert len([line for line in text.splitlines() if line.startswith("- **")]) > 80


def test_an_empty_item_of_the_card_stops_the_run(trained, tmp_path):
    run = trained[0]
    with pytest.raises(InputError, match=r"empty at .* no 'equity'"):
        register(replace(run, plan=replace(run.plan, text={**run.plan.text, "equity": ""})), tmp_path, plots=False, trained=date(2026, 1, 1))
    assert not any(tmp_path.iterdir())


def test_the_card_counts_its_attributes():
    with pytest.raises(InputError, match="has 1 source attributes"):
        card.check({"onc": {"details": {"a": "b"}}, "tripod": {}})


def changed(change):
    rows = made_up()
    for number, row in enumerate(rows):
        change(number, row)
    return rows


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (made_up(), {"target": "dead"}, "has no column 'dead'; did you mean 'died'"),
        (changed(lambda n, r: r.update(died="yes")), {}, "'died' has only one value"),
        (changed(lambda n, r: r.update(died=str(n % 3))), {}, "has 3 different values"),
        (changed(lambda n, r: r.update(died="A" if r["died"] == "yes" else "B")), {}, "say which is the event with --positive"),
        (made_up(40), {}, "too few rows"),
        (changed(lambda n, r: r.update(died="yes" if n < 10 else "no")), {}, "too few rows: 10 with"),
        (changed(lambda n, r: r.update(site="north")), {}, "column 'site' is constant"),
        (changed(lambda n, r: r.update(autopsy="1" if r["died"] == "yes" else "0")), {}, "'autopsy' alone tells the outcome"),
        (changed(lambda n, r: r.update(death_day="7" if r["died"] == "yes" and n % 5 else "8" if r["died"] == "yes" else "")), {}, "empty in|alone tells"),
        (changed(lambda n, r: r.update(record=f"{n + 1}")), {}, "looks like an identifier"),
        (changed(lambda n, r: r.update(note=f"text {n}")), {}, "looks like an identifier or free text"),
        (changed(lambda n, r: r.update(lactate="" if n % 3 else "2")), {}, "'lactate' is empty in"),
        (made_up(), {"name": "breast_mass"}, "cannot name a task"),
        (made_up(), {"name": "My Task"}, "cannot name a task"),
        (made_up(), {"without": ["nothing"]}, "has no column 'nothing'"),
    ],
)
def test_bad_files_are_refused_in_one_line(rows, options, message, tmp_path):
    given = {"name": "mine", "target": "died", "root": tmp_path / "out"} | options
    with pytest.raises(InputError, match=message) as caught:
        train_csv(given.pop("name"), save(tmp_path / "my.csv", rows), given.pop("target"), kinds=["logistic"], folds=3, **given)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("content", "message"), [(b"", "no rows"), (b"a,b\n1\n", "line 2 has 1 cells"), (b"\xff\xfe\x00", "UTF-8"), (b"a,a\n1,2\n", "twice")])
def test_files_that_are_no_table(content, message, tmp_path):
    (tmp_path / "my.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        train_csv("mine", tmp_path / "my.csv", "a", root=tmp_path / "out")


def test_cells_become_values_and_wrong_ones_are_named():
    plan = Plan("t", {}, (Feature("pain", "cp", "none|some", "pain", map={"1": "none", "2": "some"}), Feature("sbp_mmhg", "bp", "mmHg", "pressure", missing=("0",))),
                {"column": "num", "positive": ["1", "2"]})  # fmt: skip
    data = design(plan, [{"cp": "2", "bp": "120", "num": "2"}, {"cp": "?", "bp": "0", "num": "0"}, {"cp": "1", "bp": "1e2", "num": "?"}])
    assert data.left_out == 1
    assert data.outcome.tolist() == [1, 0]
    assert data.rows[0].tolist() == [0.0, 1.0, 120.0]
    assert np.isnan(data.rows[1]).all()
    with pytest.raises(InputError, match="row 1: cp is '9'; known: none, some"):
        design(plan, [{"cp": "9", "bp": "1", "num": "0"}])


@pytest.mark.parametrize(("days", "event", "label"), [("100", "1", 1), ("365", "1", 1), ("366", "1", 0), ("365", "0", 0), ("364", "0", None)])
def test_death_within_a_year(days, event, label):
    """Rows censored before the horizon are left out; an event on the day itself counts."""
    plan = Plan("t", {}, (Feature("a", "a", "number", "a"),), {"time": "t", "event": "e", "happened": ["1"], "horizon": 365})
    data = design(plan, [{"a": "1", "t": days, "e": event}])
    assert data.outcome.tolist() == ([] if label is None else [label])


def test_every_plan_names_a_source_and_no_column_that_tells_the_outcome():
    for plan in plans().values():
        assert plan.text["sources"]
        assert plan.text["licence"]
        used = {feature.column for feature in plan.features}
        assert not used & set(plan.text.get("dropped", {}))
        assert not used & {plan.target.get("column"), plan.target.get("time"), plan.target.get("event")}
        assert len({feature.name for feature in plan.features}) == len(plan.features)


def test_other_rows_than_the_pinned_ones_are_refused(tmp_path, capsys):
    (tmp_path / "framingham.csv").write_text("male,age\n1,40\n", encoding="utf-8")
    assert main(["chd_10_year", "no_such_task", "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    errors = capsys.readouterr().err
    assert "other rows than those that are pinned" in errors
    assert "no task 'no_such_task'; there are:" in errors


def test_the_fingerprint_ignores_line_ends_and_words_for_missing(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,y\r\n1,NA\r\n")
    (tmp_path / "b.csv").write_bytes(b"x,y\n1,\n")
    marks = {fingerprint(read({"file": name, "format": "csv"}, tmp_path)) for name in ("a.csv", "b.csv")}
    assert len(marks) == 1


def test_another_hospital_is_judged_with_the_final_model(tmp_path):
    feature = (Feature("age_years", "a", "years", "age"), Feature("b", "b", "number", "b"))
    text = {**plans()["lung_cancer_1_year"].text, "repeats": 1}
    plan = Plan("t", text, feature, {"column": "y", "positive": ["1"]}, {}, {"north": {"title": "North", "file": "north"}})
    rng = np.random.default_rng(6)

    def hospital(n):
        rows = rng.normal(size=(n, 2)) * 5 + 60
        return Data(rows, (rows[:, 0] + rng.normal(size=n) * 5 > 60).astype(np.int64), 0, "mark")

    outside = hospital(80)
    outside.rows[:5, 1] = np.nan
    run = train(plan, hospital(100), {"north": outside}, kinds=["logistic"], folds=3)
    north = run.external["north"]
    assert (north["n"], north["complete"]) == (80, 75)
    assert north["figures"]["auroc"][0] > 0.7
    said = json.loads((register(run, tmp_path, plots=False) / "card.json").read_text(encoding="utf-8"))
    assert "North" in said["onc"]["external_validation"]["6.i data source, setting"]


def test_pictures(trained, tmp_path):
    pytest.importorskip("matplotlib")
    from assistant.risk.training.plots import draw_waterfall, summary

    run, place = trained
    result = classifier_tools(place.parent)["ward_death"].compute(Task(place).inputs and {k: i.reference for k, i in Task(place).inputs.items()})
    for path in (summary(run, tmp_path / "a.png"), draw_waterfall(result, tmp_path / "b.svg")):
        assert path.stat().st_size > 5000
    with pytest.raises(InputError, match="no contributions"):
        draw_waterfall(replace(result, parts=()), tmp_path / "c.png")
