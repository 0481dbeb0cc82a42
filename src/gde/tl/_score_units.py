"""Scores of generated units against real ones."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.spatial.distance import pdist

from gde.metrics import (
    by_group,
    c2st,
    energy_distance,
    gene_agreement,
    mmd,
    perturbation_scores,
    prdc,
    rank_score,
    sliced_wasserstein,
)

N_NEIGHBORS, MAX_MEDIAN = 5, 1000
GENES = ("mean_pearson", "variance_pearson", "zero_fraction_pearson")


class Units(NamedTuple):
    """Units of one origin: as they are, log-normalised, in the space of comparison; and the group of each."""

    values: np.ndarray | sp.csr_matrix
    normalised: np.ndarray
    points: np.ndarray
    groups: np.ndarray

    def means(self, names: np.ndarray) -> pd.DataFrame:
        """Mean log-normalised profile of each group."""
        return pd.DataFrame(np.stack([self.normalised[self.groups == name].mean(0) for name in names]), index=names)


Scores = Iterator[tuple[str, str, float]]  # what it is about, its name, its value


def score_each_group(candidate: Units, reference: Units) -> Scores:
    """How alike the units of each group are."""
    bandwidth = float(np.median(pdist(reference.points[:: max(1, len(reference.points) // MAX_MEDIAN)])))
    metrics: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "energy_distance": energy_distance,
        "mmd": partial(mmd, bandwidth=bandwidth),
        "sliced_wasserstein": sliced_wasserstein,
    }
    for name, metric in metrics.items():
        scores = by_group(metric, candidate.points, candidate.groups, reference.points, reference.groups)
        yield "units of each group", name, float(scores.mean())


def score_all_units(candidate: Units, reference: Units, *, seed: int) -> Scores:
    """How alike all units together are, whatever their groups."""
    yield "all units", "c2st_auc", c2st(candidate.points, reference.points, seed=seed)
    if min(len(candidate.points), len(reference.points)) > N_NEIGHBORS:
        for name, value in prdc(reference.points, candidate.points, n_neighbors=N_NEIGHBORS).items():
            yield "all units", name, value


def score_genes(candidate: Units, reference: Units) -> Scores:
    """How alike their counts are, gene by gene."""
    agreement = gene_agreement(reference.values, candidate.values)
    for name in GENES:
        yield "genes", f"gene_{name}", agreement[name]


def score_means(candidate: Units, reference: Units, control: str | None) -> Scores:
    """How well means of groups tell groups apart; and, with a control, their shifts from it."""
    names = np.unique(reference.groups)
    found, wanted = candidate.means(names), reference.means(names)
    if len(names) > 1:
        yield "means of groups", "rank_score", rank_score(found, wanted)
    others = names[names != control]
    if control is None or len(others) < 2:
        return
    scores = perturbation_scores(found.loc[others], wanted.loc[others], wanted.loc[control])
    for name in ("pearson_delta", "mean_shift_mse", "discrimination_cosine", "discrimination_cityblock"):
        yield "shifts from the control", name, float(scores[name].mean())
    yield "shifts from the control", "pooled_r2", scores.attrs["pooled_r2"]
