"""Parts of groups, the space in which cells are compared, and what GDE is compared with; no torch here."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

Embed = Callable[[AnnData, AnnData], tuple[pd.DataFrame, pd.DataFrame]]  # two parts of the same groups, one row a group

SCALE = 700  # close to the median library size of the data


def two_parts(groups: np.ndarray, rng: np.random.Generator, size: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two random parts of each group that do not overlap: halves, or ``size`` units each."""
    first, second = [], []
    for name in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == name))
        if size is not None and len(rows) < 2 * size:
            raise ValueError(f"Group {name!r} has {len(rows)} units, too few for two parts of {size}.")
        cut, stop = (len(rows) // 2, None) if size is None else (size, 2 * size)
        first.append(rows[:cut])
        second.append(rows[cut:stop])
    return np.sort(np.concatenate(first)), np.sort(np.concatenate(second))


def log_normalise(counts: sp.csr_matrix | np.ndarray) -> np.ndarray:
    """log1p(counts / total × 700), dense."""
    counts = sp.csr_matrix(counts, dtype=np.float64)
    total = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    return np.log1p((sp.diags(SCALE / total) @ counts).toarray())


class Space:
    """20 unscaled principal components of log-normalised counts, fitted on real cells."""

    def __init__(self, counts: sp.csr_matrix, n_components: int = 20):
        self._pca = PCA(n_components, svd_solver="covariance_eigh").fit(log_normalise(counts))

    def __call__(self, counts: sp.csr_matrix) -> np.ndarray:
        """Coordinates of cells."""
        return self._pca.transform(log_normalise(counts))


def group_sums(units: np.ndarray | sp.csr_matrix, groups: np.ndarray) -> pd.DataFrame:
    """Sum of the units of each group, in the order of the names."""
    names, codes = np.unique(groups, return_inverse=True)
    indicator = sp.csr_matrix((np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(len(names), len(codes)))
    sums = indicator @ units
    return pd.DataFrame(sums.toarray() if sp.issparse(sums) else sums, index=names)


def group_means(units: np.ndarray | sp.csr_matrix, groups: np.ndarray) -> pd.DataFrame:
    """Mean of the units of each group, in the order of the names."""
    return group_sums(units, groups).div(np.unique(groups, return_counts=True)[1], axis=0)


def pseudobulk_pca(group_key: str, n_components: int = 10) -> Embed:
    """Principal components of the log-normalised pseudobulks, fitted on both parts together."""

    def embed(first: AnnData, second: AnnData) -> tuple[pd.DataFrame, pd.DataFrame]:
        bulks = pd.concat([group_sums(part.X, part.obs[group_key].to_numpy()) for part in (first, second)])
        pca = PCA(min(n_components, *bulks.shape), svd_solver="full")
        scores = pd.DataFrame(pca.fit_transform(log_normalise(bulks.to_numpy())), index=bulks.index)
        n = len(scores) // 2
        return scores[:n], scores[n:]

    return embed


def kernel_mean(group_key: str, space: Space, counts: sp.csr_matrix, seed: int, n_features: int = 1024) -> Embed:
    """Mean of random Fourier features of a Gaussian kernel in the space, its bandwidth the median distance of ``counts``."""
    rng = np.random.default_rng(seed)
    units = space(counts[rng.permutation(counts.shape[0])[:1000]])
    frequency = rng.normal(size=(units.shape[1], n_features)) / np.median(pdist(units))
    phase = rng.uniform(0, 2 * np.pi, n_features)

    def embed(first: AnnData, second: AnnData) -> tuple[pd.DataFrame, pd.DataFrame]:
        a, b = (
            group_means(
                np.sqrt(2 / n_features) * np.cos(space(part.X) @ frequency + phase), part.obs[group_key].to_numpy()
            )
            for part in (first, second)
        )
        return a, b

    return embed


def gaussian_units(units: np.ndarray, groups: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each entry of ``wanted``, a draw from the Gaussian fitted to the units of that group."""
    drawn = np.empty((len(wanted), units.shape[1]))
    for name in np.unique(wanted):
        own, rows = units[groups == name], np.flatnonzero(wanted == name)
        drawn[rows] = rng.multivariate_normal(own.mean(0), np.cov(own.T), size=len(rows), method="eigh")
    return drawn
