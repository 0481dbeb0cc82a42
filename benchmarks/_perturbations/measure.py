"""Scores of a method on all folds of a part, and what it took."""

from typing import Any

import numpy as np
import pandas as pd
from _baselines import group_means, two_parts
from _own_process import forget_peak, peak_mb
from _report import stopwatch
from _rows import Row
from sklearn.decomposition import PCA

from _perturbations.methods import METHODS, mean_of_stratum, shifts_of, stratum_of
from _perturbations.predictions import Prediction
from _perturbations.tasks import PARTS, Screen, Task, groups_of, normalised, scale_of
from gde.metrics import by_group, energy_distance, perturbation_scores

N_COMPONENTS, N_HALVINGS = 20, 5


def measure(part: str, method: str, seed: int, folds: int | None, epochs: int | None) -> Row:
    """Run a method on each fold; a row of all cases."""
    screen, tasks = PARTS[part](seed, folds)
    scale = scale_of(screen.cells)
    cells = normalised(screen.cells, scale)
    if method == "real halves":
        with stopwatch() as timing:
            cases = _ceiling(screen, tasks, cells, seed)
        return {"cases": cases, "wall_s": timing.wall_s, "cpu_s": timing.cpu_s}
    held = forget_peak()
    with stopwatch() as timing:
        predictions = [METHODS[method](task, scale, seed, epochs) for task in tasks]
    about = {"n_trained": len(tasks), "peak_mb": peak_mb() - held, "wall_s": timing.wall_s, "cpu_s": timing.cpu_s}
    return {"cases": _score(screen, tasks, cells, predictions, seed)} | about


def _score(
    screen: Screen, tasks: list[Task], cells: np.ndarray, predictions: list[Prediction], seed: int
) -> list[dict[str, Any]]:
    """One entry for each case, in real units of the part's own space."""
    groups = groups_of(screen.cells)
    shift, specific = (pd.concat([getattr(p, name) for p in predictions]) for name in ("shift", "specific"))
    table = _of_shifts(screen, tasks, cells, shift, specific)
    pca = PCA(N_COMPONENTS, random_state=seed).fit(cells)
    points = pca.transform(cells)
    for prediction in predictions:
        for name in prediction.shift.index:
            if prediction.cells is None:
                control = points[(groups == screen.cases.loc[name, "control"]) & ~screen.spared]
                own = control + prediction.shift.loc[name].to_numpy() @ pca.components_.T
            else:
                own = pca.transform(prediction.cells[name])
            table.loc[name, "energy_distance"] = energy_distance(own, points[groups == name])
            if prediction.covered:
                table.loc[name, "covered"] = float(prediction.covered[name])
    return _entries(screen, table)


def _of_shifts(
    screen: Screen, tasks: list[Task], cells: np.ndarray, shift: pd.DataFrame, specific: pd.DataFrame
) -> pd.DataFrame:
    """Scores of shifts against the spared control, where each stratum is ranked by itself, and what R² is made of.

    A ``gain`` is 2 ⟨predicted, real⟩ - |predicted|²: what a prediction explains of a squared effect. Its mean is that for effects without noise, since the noise of the real
    cells is independent of the prediction. An ``effect`` is a squared effect less the noise of the means that it is made of. Both are means over genes.
    """
    groups, cases = groups_of(screen.cells), screen.cases
    shift, specific = shift.loc[cases.index], specific.loc[cases.index]
    real, shared = (
        _shifts(cells[rows], groups[rows], cases, shift.columns)
        for rows in (~np.isin(groups, cases["control"]) | screen.spared, ~screen.spared)
    )
    nothing = np.zeros(real.shape[1])
    strata = [own.index for _, own in cases.groupby("stratum")]
    table = pd.concat([perturbation_scores(shift.loc[own], real.loc[own], nothing) for own in strata]).loc[cases.index]
    table["squared_effect"] = (real**2).mean(axis=1)
    table["shared_squared_effect"] = (shared**2).mean(axis=1)
    table["shared_error"] = ((shift - shared) ** 2).mean(axis=1)

    noise = group_means((cells - group_means(cells, groups).loc[groups].to_numpy()) ** 2, groups).mean(axis=1)
    noise /= pd.Series(groups).value_counts().loc[noise.index] - 1
    whole = _shifts(cells, groups, cases, shift.columns)
    of_control = noise.loc[cases["control"]].to_numpy()
    table["gain"] = _gain(shift, real)
    table["effect"] = (whole**2).mean(axis=1) - noise.loc[cases.index] - of_control

    for task in tasks:
        for name, stratum in stratum_of(task.new).items():
            known = task.cases.index[stratum_of(task.cases) == stratum]
            has_own_control = cases.loc[name, "control"] not in set(cases.loc[known, "control"])
            own = (real if has_own_control else shared).loc[name] - shared.loc[known].mean()  # a common control cancels
            table.loc[name, "specific_gain"] = _gain(specific.loc[name], own)
            of_spared = 2 * noise[cases.loc[name, "control"]] if has_own_control else 0
            table.loc[name, "specific_effect"] = (own**2).mean() - noise[name] - of_spared
    return table


def _shifts(cells: np.ndarray, groups: np.ndarray, cases: pd.DataFrame, genes: pd.Index) -> pd.DataFrame:
    return shifts_of(group_means(cells, groups).set_axis(genes, axis=1), cases)


def _gain(predicted: Any, real: Any) -> Any:
    return (2 * predicted * real - predicted**2).mean(axis=predicted.ndim - 1)


def _ceiling(screen: Screen, tasks: list[Task], cells: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """One half of the real cells of each case as the prediction of the other; mean over some halvings."""
    groups, rng = groups_of(screen.cells), np.random.default_rng(seed)
    points = PCA(N_COMPONENTS, random_state=seed).fit_transform(cells)
    is_case = np.isin(groups, screen.cases.index)
    tables = []
    for _ in range(N_HALVINGS):
        first, second = (np.flatnonzero(is_case)[side] for side in two_parts(groups[is_case], rng))
        control = np.flatnonzero(~is_case & ~screen.spared)
        rows = np.concatenate([first, control])
        shift = _shifts(cells[rows], groups[rows], screen.cases, screen.cells.var_names)
        rest = np.setdiff1d(np.arange(len(cells)), first)
        half = screen._replace(cells=screen.cells[rest], spared=screen.spared[rest])
        known = pd.concat([mean_of_stratum(shift, task) for task in tasks])
        table = _of_shifts(half, tasks, cells[rest], shift, shift - known.loc[shift.index])
        table["energy_distance"] = by_group(
            energy_distance, points[first], groups[first], points[second], groups[second]
        ).loc[table.index]
        tables.append(table)
    return _entries(screen, sum(tables[1:], start=tables[0]) / N_HALVINGS)


def _entries(screen: Screen, table: pd.DataFrame) -> list[dict[str, Any]]:
    about = screen.cases.loc[table.index, ["name", "unit", "stratum"]]
    return about.join(table.round(6)).to_dict("records")
