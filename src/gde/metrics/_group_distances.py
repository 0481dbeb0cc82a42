"""Distances of groups, given or from embeddings."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from gde.metrics._checks import check_rows

Metric = Literal["euclidean", "precomputed"]


def group_distances(embeddings: ArrayLike, metric: Metric) -> np.ndarray:
    """Symmetric matrix of distances; of rows, or what was passed."""
    if metric not in get_args(Metric):
        raise ValueError(f"metric={metric!r}: expected 'euclidean' or 'precomputed'.")
    x = check_rows(embeddings, "embeddings")
    if metric == "euclidean":
        return cdist(x, x)
    if x.shape[0] != x.shape[1] or not np.allclose(x, x.T) or (x < 0).any():
        raise ValueError("metric='precomputed' needs a symmetric matrix of distances, groups x groups.")
    return x.copy()
