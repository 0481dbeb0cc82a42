"""Methods that are told which early and which late cells of the training clones belong together (``.obs["stage"]``)."""

from typing import Any

import numpy as np
from anndata import AnnData
from sklearn.linear_model import RidgeCV

from _groups.methods import GROUP, Fit, Represent
from _groups.representations import Vectors

PENALTIES = np.logspace(-3, 5, 17)


def whole_clones(fit: Fit) -> Fit:
    """Train with whole clones as groups; the early and the late cells of a clone are embedded by themselves all the same."""

    def fit_whole(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
        train = train.copy()
        train.obs[GROUP] = train.obs["clone"].astype(str)
        return fit(train, seed, about)

    return fit_whole


def mapped(fit: Fit) -> Fit:
    """A ridge regression from early to late vectors, learnt on the training clones that have both; the penalty by leaving one out."""

    def fit_mapped(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
        represent = fit(train, seed, about)
        is_late = (train.obs["stage"] == "late").to_numpy()
        clones = train.obs["clone"].to_numpy(dtype=str)
        has_both = np.isin(clones, np.intersect1d(clones[is_late], clones[~is_late]))
        early, late = (represent(train[has_both & part].copy()).values for part in (~is_late, is_late))
        to_late = RidgeCV(PENALTIES).fit(early, late)

        def represent_as_late(adata: AnnData) -> Vectors:
            values = represent(adata).values
            return Vectors(to_late.predict(values) if (adata.obs["stage"] == "early").all() else values)

        return represent_as_late

    return fit_mapped
