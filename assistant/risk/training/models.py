"""The five kinds of model, each tuned inside the rows that it is given and handed back as plain parameters.

`fit` fills missing cells with the means of its own training rows, standardises, searches a small grid by inner cross-validation (log
loss) and exports. What is evaluated is the exported model, so the numbers of the card are those of the model that serves. Classes are not
reweighted: a rare outcome keeps its true frequency and the probabilities stay calibrated.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from assistant.errors import InputError
from assistant.risk.fitted import Array, Model, load

Outcome = NDArray[np.int64]
INNER = 4
DEPTHS, STAGES, RATE = (1, 2, 3), 200, 0.05
HIDDEN, EPOCHS, PATIENCE = (24, 12), 300, 25


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: JSON part, arrays, the means that fill missing cells, and what the inner search chose."""

    spec: Mapping[str, Any]
    arrays: Mapping[str, Array]
    fill: Array
    chosen: str

    @property
    def model(self) -> Model:
        """The model as it will serve."""
        return load(self.spec, self.arrays)

    def logit(self, rows: Array) -> Array:
        """Logits of rows whose missing cells are filled."""
        return self.model.logit(np.where(np.isnan(rows), self.fill, rows))


def fit(name: str, rows: Array, outcome: Outcome, seed: int, *, private: bool = False) -> Fit:
    """Train one kind of model: logistic, ebm, svm, boosting or mlp. `private` keeps training rows out of the parameters."""
    kinds = {"logistic": _logistic, "ebm": _ebm, "svm": _linear_svm if private else _svm, "boosting": _boosting, "mlp": _mlp}
    imputer = SimpleImputer(strategy="mean", keep_empty_features=True).fit(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence and deprecation notes of the libraries; the metrics judge
        spec, arrays, chosen = kinds[name](rows, outcome, seed)
    return Fit(spec, arrays, imputer.statistics_.astype(float), chosen)


def available() -> list[str]:
    """Kinds that can be trained here; the explainable boosting machine needs interpret-core."""
    try:
        import_module("interpret.glassbox")
    except ImportError:
        return ["logistic", "svm", "boosting", "mlp"]
    return ["logistic", "ebm", "svm", "boosting", "mlp"]


def _folds(outcome: Outcome, seed: int) -> StratifiedKFold:
    return StratifiedKFold(max(2, min(INNER, int(np.bincount(outcome).min()))), shuffle=True, random_state=seed)


def _pipeline(model: Any) -> Pipeline:
    return Pipeline([("fill", SimpleImputer(strategy="mean", keep_empty_features=True)), ("scale", StandardScaler()), ("model", model)])


def _logistic(rows: Array, outcome: Outcome, seed: int) -> tuple[dict[str, Any], dict[str, Array], str]:
    grid = {"model__C": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]}
    search = GridSearchCV(_pipeline(LogisticRegression(max_iter=5000)), grid, scoring="neg_log_loss", cv=_folds(outcome, seed))
    search.fit(rows, outcome)
    best = search.best_estimator_
    return _line(best["model"].coef_[0], float(best["model"].intercept_[0]), best["scale"]), {}, f"C={search.best_params_['model__C']:g}"


def _line(weights: Array, intercept: float, scaler: StandardScaler) -> dict[str, Any]:
    """A linear model on standardised columns, written for raw ones."""
    raw = weights / scaler.scale_
    return {"kind": "linear", "intercept": intercept - float(raw @ scaler.mean_), "weights": raw.tolist()}


def _linear_svm(rows: Array, outcome: Outcome, seed: int) -> tuple[dict[str, Any], dict[str, Array], str]:
    """Without the Gaussian kernel, whose parameters hold rows of training patients."""
    return _svm(rows, outcome, seed, linear_only=True)


def _svm(rows: Array, outcome: Outcome, seed: int, *, linear_only: bool = False) -> tuple[dict[str, Any], dict[str, Array], str]:
    widths = [share / rows.shape[1] for share in (0.1, 0.3, 1.0)]
    grid = [
        {"model__kernel": ["linear"], "model__C": [0.01, 0.1, 1.0]},
        {"model__kernel": ["rbf"], "model__C": [0.3, 1.0, 3.0], "model__gamma": widths},
    ][: 1 if linear_only else 2]
    machine = _pipeline(SVC(cache_size=500, class_weight="balanced"))
    search = GridSearchCV(machine, grid, scoring="roc_auc", cv=_folds(outcome, seed)).fit(rows, outcome)
    platt = CalibratedClassifierCV(search.best_estimator_, method="sigmoid", cv=_folds(outcome, seed), ensemble=False).fit(rows, outcome)
    whole = platt.calibrated_classifiers_[0]
    line, best = whole.calibrators[0], whole.estimator
    slope, intercept = -float(line.a_), -float(line.b_)  # Platt: 1 / (1 + exp(a f + b))
    machine, scaler = best["model"], best["scale"]
    chosen = ", ".join(f"{key[7:]}={value if isinstance(value, str) else f'{value:.3g}'}" for key, value in search.best_params_.items())
    if machine.kernel == "linear":
        spec = _line(slope * machine.coef_[0], slope * float(machine.intercept_[0]) + intercept, scaler)
        return spec, {}, chosen
    spec = {
        "kind": "kernel", "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist(), "gamma": float(machine.gamma),
        "offset": float(machine.intercept_[0]), "slope": slope, "intercept": intercept,
    }  # fmt: skip
    return spec, {"vectors": machine.support_vectors_.astype(float), "weights": machine.dual_coef_[0].astype(float)}, chosen


def _boosting(rows: Array, outcome: Outcome, seed: int) -> tuple[dict[str, Any], dict[str, Array], str]:
    rows = SimpleImputer(strategy="mean", keep_empty_features=True).fit_transform(rows)  # trees need no scale

    def trees(depth: int, stages: int) -> GradientBoostingClassifier:
        leaf = max(5, len(rows) // 100)
        return GradientBoostingClassifier(
            learning_rate=RATE, n_estimators=stages, max_depth=depth, subsample=0.7, min_samples_leaf=leaf, random_state=seed
        )

    losses = {depth: np.zeros(STAGES) for depth in DEPTHS}
    for train, test in _folds(outcome, seed).split(rows, outcome):
        sign = 1 - 2 * outcome[test]
        for depth in DEPTHS:
            staged = trees(depth, STAGES).fit(rows[train], outcome[train]).staged_decision_function(rows[test])
            losses[depth] += np.logaddexp(0, sign * np.hstack(list(staged)).T).mean(axis=1)
    depth = min(DEPTHS, key=lambda d: float(losses[d].min()))
    stages = int(losses[depth].argmin()) + 1
    whole = trees(depth, stages).fit(rows, outcome)
    boxes = [box for tree in whole.estimators_[:, 0] for box in _leaves(tree.tree_)]
    start = float(np.log(outcome.mean() / (1 - outcome.mean())))
    columns, low, high = (np.zeros((len(boxes), depth)) for _ in range(3))
    low, high = low - np.inf, high + np.inf
    for number, (conditions, _) in enumerate(boxes):
        for place, (column, (lower, upper)) in enumerate(conditions.items()):
            columns[number, place], low[number, place], high[number, place] = column, lower, upper
    values = RATE * np.array([value for _, value in boxes])
    arrays = {"columns": columns, "low": low, "high": high, "values": values}
    return {"kind": "boxes", "intercept": start}, arrays, f"depth={depth}, trees={stages}"


def _leaves(tree: Any) -> list[tuple[dict[int, tuple[float, float]], float]]:
    """Leaves as {column: (low, high)} and value."""
    found: list[tuple[dict[int, tuple[float, float]], float]] = []

    def walk(node: int, box: dict[int, tuple[float, float]]) -> None:
        if tree.children_left[node] < 0:
            found.append((box, float(tree.value[node][0, 0])))
            return
        column, cut = int(tree.feature[node]), float(tree.threshold[node])
        low, high = box.get(column, (-np.inf, np.inf))
        walk(tree.children_left[node], {**box, column: (low, min(high, cut))})
        walk(tree.children_right[node], {**box, column: (max(low, cut), high)})

    walk(0, {})
    return found


def _ebm(rows: Array, outcome: Outcome, seed: int) -> tuple[dict[str, Any], dict[str, Array], str]:
    try:
        glassbox = import_module("interpret.glassbox")
    except ImportError as error:
        raise InputError("the explainable boosting machine needs interpret-core: pip install 'clinical-assistant[train]'") from error
    rows = SimpleImputer(strategy="mean", keep_empty_features=True).fit_transform(rows)
    machine = glassbox.ExplainableBoostingClassifier(
        feature_types=["continuous"] * rows.shape[1], interactions=0, outer_bags=8, max_bins=64, max_leaves=2,
        smoothing_rounds=50, min_samples_leaf=max(4, len(rows) // 100), random_state=seed, n_jobs=1,
    ).fit(rows, outcome)  # fmt: skip
    cuts: list[list[float]] = [[] for _ in range(rows.shape[1])]
    scores = [[0.0] for _ in range(rows.shape[1])]
    for (column,), values in zip(machine.term_features_, machine.term_scores_, strict=True):
        cuts[column] = [float(cut) for cut in machine.bins_[column][0]]
        scores[column] = [float(value) for value in values[1:-1]]  # first bin: missing, last: unknown
    return {"kind": "additive", "intercept": float(machine.intercept_[0]), "cuts": cuts, "scores": scores}, {}, "8 bags, no interactions"


def _mlp(rows: Array, outcome: Outcome, seed: int) -> tuple[dict[str, Any], dict[str, Array], str]:
    """Two hidden ReLU layers, binary cross-entropy, Adam, early stopping on a sixth of the rows, Platt's line from inner folds."""
    import torch

    filled = SimpleImputer(strategy="mean", keep_empty_features=True).fit_transform(rows)
    scaler = StandardScaler().fit(filled)
    scores = np.zeros(len(outcome))
    for train, test in _folds(outcome, seed).split(rows, outcome):
        layers = _net(scaler.transform(filled[train]), outcome[train], seed, torch)
        scores[test] = load(_mlp_spec(scaler, layers), _mlp_arrays(layers)).logit(filled[test])
    line = LogisticRegression(C=100.0).fit(scores[:, None], outcome)
    layers = _net(scaler.transform(filled), outcome, seed, torch)
    slope, intercept = max(float(line.coef_[0, 0]), 0.05), float(line.intercept_[0])
    return _mlp_spec(scaler, layers, slope, intercept), _mlp_arrays(layers), f"hidden={HIDDEN}, calibration slope={slope:.2f}"


def _mlp_spec(scaler: StandardScaler, layers: list[tuple[Array, Array]], slope: float = 1.0, intercept: float = 0.0) -> dict[str, Any]:
    return {
        "kind": "multilayer", "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist(), "depth": len(layers), "slope": slope,
        "intercept": intercept,
    }  # fmt: skip


def _mlp_arrays(layers: list[tuple[Array, Array]]) -> dict[str, Array]:
    return {f"{part}{i}": values for i, layer in enumerate(layers) for part, values in zip(("weight", "bias"), layer, strict=True)}


def _net(z: Array, outcome: Outcome, seed: int, torch: Any) -> list[tuple[Array, Array]]:
    torch.manual_seed(seed)
    before, _ = torch.get_num_threads(), torch.set_num_threads(1)
    sizes = [z.shape[1], *HIDDEN, 1]
    steps: list[Any] = []
    for wide, narrow in pairwise(sizes):
        steps += [torch.nn.Linear(wide, narrow), torch.nn.ReLU(), torch.nn.Dropout(0.2)]
    net = torch.nn.Sequential(*steps[:-2])
    train, held = next(StratifiedKFold(6, shuffle=True, random_state=seed).split(z, outcome))
    x, y = torch.tensor(z, dtype=torch.float32), torch.tensor(outcome, dtype=torch.float32)
    loss, rule = torch.nn.BCEWithLogitsLoss(), torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
    best, kept, waited = np.inf, {k: v.clone() for k, v in net.state_dict().items()}, 0
    shuffle = torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        net.train()
        for batch in torch.tensor(train)[torch.randperm(len(train), generator=shuffle)].split(max(32, len(train) // 16)):
            rule.zero_grad()
            loss(net(x[batch])[:, 0], y[batch]).backward()
            rule.step()
        net.eval()
        with torch.no_grad():
            now = float(loss(net(x[held])[:, 0], y[held]))
        if now < best - 1e-4:
            best, kept, waited = now, {k: v.clone() for k, v in net.state_dict().items()}, 0
        elif (waited := waited + 1) >= PATIENCE:
            break
    net.load_state_dict(kept)
    torch.set_num_threads(before)
    linear = [layer for layer in net if isinstance(layer, torch.nn.Linear)]
    return [(layer.weight.detach().numpy().astype(float), layer.bias.detach().numpy().astype(float)) for layer in linear]
