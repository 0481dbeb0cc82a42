"""Does the distance of embeddings follow the Wasserstein distance of the sets?"""

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from _synthetic.gaussians import moments
from _synthetic.task import Embed, Metrics

N_FEATURES = 1024


def spearman(embeddings: np.ndarray, w2: np.ndarray) -> float:
    """Rank correlation of latent distances with ``w2`` of the same pairs (the upper triangle, row by row)."""
    return float(spearmanr(pdist(embeddings), w2).statistic)


def geometry(embed: Embed, units: np.ndarray, w2: np.ndarray, centred: np.ndarray, centred_w2: np.ndarray) -> Metrics:
    """As published, and with all sets moved to one mean, where only shape is left."""
    return {
        "geometry": spearman(embed(units), w2),
        "geometry of shapes": spearman(embed(centred), centred_w2),
    }


def trivial_embedders(units: np.ndarray, seed: int) -> dict[str, Embed]:
    """Embeddings that need no training; the kernel's bandwidth is the median distance of ``units`` (n_sets, n, d)."""
    rng = np.random.default_rng(seed)
    pool = units.reshape(-1, units.shape[2])
    bandwidth = np.median(pdist(pool[rng.permutation(len(pool))[:1000]]))
    frequency = rng.standard_normal((units.shape[2], N_FEATURES)) / bandwidth
    phase = rng.uniform(0, 2 * np.pi, N_FEATURES)
    return {
        "sample mean": lambda sets: sets.mean(1),
        "mean and covariance": _mean_and_covariance,
        "mean and root of the covariance": _mean_and_root,
        "kernel mean": lambda sets: np.stack([np.cos(s @ frequency + phase).mean(0) for s in sets]),
    }


def _mean_and_covariance(sets: np.ndarray) -> np.ndarray:
    mean, covariance = moments(sets)
    return np.concatenate([mean, covariance.reshape(len(sets), -1)], axis=1)


def _mean_and_root(sets: np.ndarray) -> np.ndarray:
    """Its distances are W2 of Gaussians whose covariances commute."""
    mean, covariance = moments(sets)
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0))[:, None]) @ np.swapaxes(vectors, 1, 2)
    return np.concatenate([mean, root.reshape(len(sets), -1)], axis=1)
