"""Ways from units to representations of groups, each fitted on training units alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
from _baselines import group_means, group_sums, log_normalise
from anndata import AnnData
from scipy.spatial.distance import pdist
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from _groups.representations import Clouds, Gaussians, Representation, Vectors

UNITS, GROUP = "X_units", "benchmark_group"  # continuous units in .obsm, and the group in .obs, of all cohorts
N_COMPONENTS, N_CLUSTERS, N_FEATURES, N_LINES, N_QUANTILES, N_RANDOM, N_SPACE = 10, 15, 1024, 50, 50, 32, 20

Represent = Callable[[AnnData], Representation]  # groups are those of .obs[GROUP], in the order of their names
Fit = Callable[[AnnData, int, dict[str, Any]], Represent]


def is_counts(adata: AnnData) -> bool:
    """Whether units are counts; else they are in ``.obsm``."""
    return UNITS not in adata.obsm


def groups_of(adata: AnnData) -> np.ndarray:
    """Group of each unit."""
    return adata.obs[GROUP].to_numpy(dtype=str)


def fit_space(train: AnnData) -> Callable[[AnnData], np.ndarray]:
    """Points of units: 20 principal components of log-normalised counts; continuous units in standard deviations."""
    if is_counts(train):
        pca = PCA(N_SPACE, svd_solver="covariance_eigh").fit(log_normalise(train.X))
        return lambda adata: pca.transform(log_normalise(adata.X))
    mean, sd = train.obsm[UNITS].mean(0), np.maximum(train.obsm[UNITS].std(0), 1e-9)
    return lambda adata: (adata.obsm[UNITS] - mean) / sd


def _clouds(points: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    return [points[groups == name] for name in np.unique(groups)]


def pseudobulk_pca(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """10 principal components of log-normalised sums of counts (of means), fitted on the groups of the training units."""
    space = None if is_counts(train) else fit_space(train)

    def bulk(adata: AnnData) -> np.ndarray:
        if space is None:
            return log_normalise(group_sums(adata.X, groups_of(adata)).to_numpy())
        return group_means(space(adata), groups_of(adata)).to_numpy()

    fitted = bulk(train)
    pca = PCA(min(N_COMPONENTS, *fitted.shape), svd_solver="full").fit(fitted)
    return lambda adata: Vectors(pca.transform(bulk(adata)))


def mean_and_sd(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Mean and standard deviation of each coordinate."""
    space = fit_space(train)
    return lambda adata: Vectors(
        np.stack([np.concatenate([c.mean(0), c.std(0)]) for c in _clouds(space(adata), groups_of(adata))])
    )


def composition(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Centred log-ratios of the shares of 15 k-means clusters, half a unit added to each."""
    space = fit_space(train)
    clusters = KMeans(N_CLUSTERS, n_init=3, random_state=seed).fit(space(train))

    def represent(adata: AnnData) -> Vectors:
        shares = np.stack(
            [np.bincount(c, minlength=N_CLUSTERS) for c in _clouds(clusters.predict(space(adata)), groups_of(adata))]
        )
        logs = np.log(shares + 0.5)
        return Vectors(logs - logs.mean(1, keepdims=True))

    return represent


def kernel_mean(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Mean of 1024 random Fourier features of a Gaussian kernel, its bandwidth the median distance."""
    space, rng = fit_space(train), np.random.default_rng(seed)
    points = space(train)
    bandwidth = np.median(pdist(points[rng.permutation(len(points))[:1000]]))
    frequency = rng.normal(size=(points.shape[1], N_FEATURES)) / bandwidth
    phase = rng.uniform(0, 2 * np.pi, N_FEATURES)
    features = lambda adata: np.sqrt(2 / N_FEATURES) * np.cos(space(adata) @ frequency + phase)
    return lambda adata: Vectors(group_means(features(adata), groups_of(adata)).to_numpy())


def sliced_w2(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """50 quantiles on each of 50 random lines, whose Euclidean distance is the sliced 2-Wasserstein distance."""
    space, rng = fit_space(train), np.random.default_rng(seed)
    levels = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES

    def represent(adata: AnnData) -> Vectors:
        clouds = _clouds(space(adata) @ lines, groups_of(adata))
        quantiles = [np.quantile(cloud, levels, axis=0, method="inverted_cdf").ravel() for cloud in clouds]
        return Vectors(np.stack(quantiles) / np.sqrt(N_LINES * N_QUANTILES))

    lines = rng.normal(size=(space(train[:1]).shape[1], N_LINES))
    lines /= np.linalg.norm(lines, axis=0)
    return represent


def gaussian_w2(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Gaussians with each group's mean and covariance, 2-Wasserstein."""
    space = fit_space(train)
    return lambda adata: Gaussians(_clouds(space(adata), groups_of(adata)))


def knn_density(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Symmetric Kullback–Leibler divergence of nearest-neighbour densities in 10 principal components."""
    space = fit_space(train)
    points = space(train)
    pca = PCA(min(N_COMPONENTS, points.shape[1])).fit(points)
    return lambda adata: Clouds(_clouds(pca.transform(space(adata)), groups_of(adata)))


def random(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """32 random numbers for each group: what chance reaches."""
    rng = np.random.default_rng(seed)
    return lambda adata: Vectors(rng.normal(size=(len(np.unique(groups_of(adata))), N_RANDOM)))


BASELINES: dict[str, Fit] = {
    "pseudobulk PCA": pseudobulk_pca,
    "mean and sd": mean_and_sd,
    "composition (CLR)": composition,
    "kernel mean": kernel_mean,
    "Gaussian W2": gaussian_w2,
    "sliced W2": sliced_w2,
    "kNN density": knn_density,
    "random": random,
}
