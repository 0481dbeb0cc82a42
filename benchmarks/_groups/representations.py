"""Groups as vectors, as Gaussians, or as clouds of points: what distances between groups are made of."""

from typing import Protocol

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from gde.metrics import gaussian_w2

N_NEAREST = 3  # of the density
MDS_COMPONENTS = 10


class Representation(Protocol):
    """Groups in the order of their names."""

    def distances(self, other: "Representation") -> np.ndarray:
        """All distances to the groups of another one of its kind."""


class Vectors:
    """A vector for each group, (n_groups, d)."""

    def __init__(self, values: np.ndarray):
        self.values = np.asarray(values, dtype=float)

    def distances(self, other: "Vectors") -> np.ndarray:
        """Euclidean."""
        return cdist(self.values, other.values)


class Distances:
    """Distances of the same groups, however they were found, (n_groups, n_groups)."""

    def __init__(self, values: np.ndarray):
        self.matrix = values

    def distances(self, other: "Distances") -> np.ndarray:
        """To the groups themselves; there are no others."""
        return self.matrix


class Gaussians:
    """Mean and covariance of each group's points."""

    def __init__(self, clouds: list[np.ndarray]):
        self.means = np.stack([cloud.mean(0) for cloud in clouds])
        self.covariances = np.stack([np.atleast_2d(np.cov(cloud.T, ddof=0)) for cloud in clouds])

    def distances(self, other: "Gaussians") -> np.ndarray:
        """2-Wasserstein."""
        rows = [
            gaussian_w2(mean, covariance, other.means, other.covariances)
            for mean, covariance in zip(self.means, self.covariances, strict=True)
        ]
        return np.stack(rows)


class Clouds:
    """The points of each group."""

    def __init__(self, clouds: list[np.ndarray]):
        self.clouds = clouds
        self.trees = [cKDTree(cloud) for cloud in clouds]
        self.own = [_radius(tree, cloud, k=1) for tree, cloud in zip(self.trees, clouds, strict=True)]

    def distances(self, other: "Clouds") -> np.ndarray:
        """Symmetric Kullback–Leibler divergence of nearest-neighbour densities (Wang, Kulkarni & Verdú 2009; what GloScope takes), cut off at 0."""
        return np.maximum(self._divergences(other) + other._divergences(self).T, 0)

    def _divergences(self, other: "Clouds") -> np.ndarray:
        return np.array(
            [[self._divergence(i, other, j) for j in range(len(other.clouds))] for i in range(len(self.clouds))]
        )

    def _divergence(self, i: int, other: "Clouds", j: int) -> float:
        points, n, m = self.clouds[i], len(self.clouds[i]), len(other.clouds[j])
        ratio = np.log(_radius(other.trees[j], points)) - np.log(self.own[i])
        return float(points.shape[1] * ratio.mean() + np.log(m / max(n - 1, 1)))


def _radius(tree: cKDTree, points: np.ndarray, k: int = 0) -> np.ndarray:
    """Distance to the third nearest point (of fewer, the last); ``k`` is 1 if the points are those of the tree."""
    nearest = min(N_NEAREST + k, tree.n)
    return np.maximum(tree.query(points, k=[nearest])[0][:, 0], 1e-9)


def as_vectors(representation: Representation) -> np.ndarray:
    """Vectors as they are; else classical scaling of the distances into at most ten dimensions."""
    if isinstance(representation, Vectors):
        return representation.values
    squares = representation.distances(representation) ** 2
    centred = -0.5 * (squares - squares.mean(0) - squares.mean(1)[:, None] + squares.mean())
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    kept = np.argsort(-values)[:MDS_COMPONENTS]
    return vectors[:, kept] * np.sqrt(np.maximum(values[kept], 0))
