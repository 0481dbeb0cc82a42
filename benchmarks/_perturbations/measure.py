"""Scores of a method on all folds of a part, and what it took."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _baselines import group_means, two_parts
from _report import stopwatch
from _rows import Row
from sklearn.decomposition import PCA

from _perturbations.methods import METHODS, shifts_of
from _perturbations.predictions import Prediction
from _perturbations.tasks import PARTS, Screen, groups_of, normalised, scale_of
from gde.metrics import by_group, energy_distance, perturbation_scores

N_COMPONENTS, N_HALVINGS = 20, 5


def measure(part: str, method: str, seed: int, folds: int, epochs: int | None) -> Row:
    """Run a method on each fold; a row of all cases."""
    screen, tasks = PARTS[part](seed, folds)
    scale = scale_of(screen.cells)
    cells = normalised(screen.cells, scale)
    if method == "real halves":
        with stopwatch() as timing:
            cases = _ceiling(screen, cells, seed)
        return {"cases": cases, "wall_s": timing.wall_s, "cpu_s": timing.cpu_s}
    before = _reset_peak()
    with stopwatch() as timing:
        predictions = [METHODS[method](task, scale, seed, epochs) for task in tasks]
    peak = _peak()
    about = {"n_trained": len(tasks), "peak_mb": peak - before, "wall_s": timing.wall_s, "cpu_s": timing.cpu_s}
    return {"cases": _score(screen, cells, predictions, seed)} | about


def _score(screen: Screen, cells: np.ndarray, predictions: list[Prediction], seed: int) -> list[dict[str, Any]]:
    """One entry for each case, in real units of the part's own space."""
    groups = groups_of(screen.cells)
    real = shifts_of(group_means(cells, groups).set_axis(screen.cells.var_names, axis=1), screen.cases)
    shift = pd.concat([p.shift for p in predictions]).loc[real.index]
    table = _by_stratum(screen, shift, real)
    pca = PCA(N_COMPONENTS, random_state=seed).fit(cells)
    points = pca.transform(cells)
    for prediction in predictions:
        for name in prediction.shift.index:
            if prediction.cells is None:
                control = points[groups == screen.cases.loc[name, "control"]]
                own = control + prediction.shift.loc[name].to_numpy() @ pca.components_.T
            else:
                own = pca.transform(prediction.cells[name])
            table.loc[name, "energy_distance"] = energy_distance(own, points[groups == name])
            if prediction.covered:
                table.loc[name, "covered"] = float(prediction.covered[name])
    return _entries(screen, table)


def _by_stratum(screen: Screen, shift: pd.DataFrame, real: pd.DataFrame) -> pd.DataFrame:
    """Scores of shifts; each stratum is ranked by itself."""
    nothing = np.zeros(real.shape[1])
    tables = [
        perturbation_scores(shift.loc[own.index], real.loc[own.index], nothing)
        for _, own in screen.cases.groupby("stratum")
    ]
    table = pd.concat(tables).loc[real.index]
    table["squared_effect"] = (real**2).mean(axis=1)
    return table


def _ceiling(screen: Screen, cells: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """One half of the real cells of each case as the prediction of the other, against the whole control; mean over some halvings."""
    groups, rng = groups_of(screen.cells), np.random.default_rng(seed)
    control = group_means(cells, groups).loc[screen.cases["control"]].to_numpy()
    points = PCA(N_COMPONENTS, random_state=seed).fit_transform(cells)
    tables = []
    for _ in range(N_HALVINGS):
        sides = two_parts(groups, rng)
        first, second = (group_means(cells[rows], groups[rows]).loc[screen.cases.index] - control for rows in sides)
        table = _by_stratum(screen, first, second)
        halves = [part for rows in sides for part in (points[rows], groups[rows])]
        table["energy_distance"] = by_group(energy_distance, *halves).loc[table.index]
        tables.append(table)
    return _entries(screen, sum(tables[1:], start=tables[0]) / N_HALVINGS)


def _entries(screen: Screen, table: pd.DataFrame) -> list[dict[str, Any]]:
    about = screen.cases.loc[table.index, ["name", "unit", "stratum"]]
    return about.join(table.round(6)).to_dict("records")


def _reset_peak() -> float:
    """Start counting the peak of memory anew (Linux); resident memory now, in MB."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
