"""Embeddings with their covariances, and what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import f as f_distribution

from gde.encoders import SetEncoder, embed_with_covariance
from gde.nn import SetBatch
from gde.stats import confidence_region, two_group_test

Figure = dict[str, float]
LEVELS = (0.8, 0.95)


@dataclass(frozen=True)
class Estimates:
    """Embeddings (..., p) of sets of m units, and their covariances (..., p, p)."""

    z: np.ndarray
    covariance: np.ndarray
    m: np.ndarray | int

    def __getitem__(self, index: object) -> "Estimates":
        m = self.m if isinstance(self.m, int) else self.m[index]
        return Estimates(self.z[index], self.covariance[index], m)


def estimate(encoder: SetEncoder, features: torch.Tensor, sizes: Sequence[int]) -> Estimates:
    """Estimates of sets that lie one after the other in ``features``."""
    sizes = torch.as_tensor(np.asarray(sizes))
    sets = torch.arange(len(sizes)).repeat_interleave(sizes)
    batch = SetBatch(features, sets, 1 / sizes[sets].to(features.dtype), len(sizes))
    z, covariance = embed_with_covariance(encoder, lambda: [batch], len(sizes))
    return Estimates(z.double().numpy(), covariance.numpy(), sizes.numpy())


def clustered(values: np.ndarray) -> Figure:
    """Mean, and its standard error from the means of the clusters in rows: replicates of one group are not independent."""
    means = values.reshape(len(values), -1).mean(1)
    return {"mean": float(means.mean()), "se": float(means.std(ddof=1) / np.sqrt(len(means)))}


def coverage(estimates: Estimates, truth: np.ndarray) -> dict[str, Figure | str | float]:
    """How often regions contain the truth (n, p) in estimates (n, replicates, ...): the joint ones, single intervals, and Hotelling in all directions."""
    found: dict[str, Figure | str | float] = {}
    for level in LEVELS:
        hits, single = np.zeros(estimates.z.shape[:2]), np.zeros(estimates.z.shape[:2])
        directions = np.zeros(estimates.z.shape[:2])
        for index in np.ndindex(hits.shape):
            region = confidence_region(estimates.z[index], estimates.covariance[index], estimates.m, level)
            hits[index] = region.contains(truth[index[0]]).mean()
            single[index] = (np.abs(region.center - truth[index[0]]) <= region.half_width).mean()
            directions[index] = region.axes.shape[1]
        found |= {
            "method": region.method,
            "directions": float(directions.mean()),
            f"joint {level}": clustered(hits),
            f"single {level}": clustered(single),
            f"all directions {level}": clustered(_in_all_directions(estimates, truth, level)),
        }
    return found


def _in_all_directions(estimates: Estimates, truth: np.ndarray, level: float) -> np.ndarray:
    m, p = estimates.m, truth.shape[1]
    difference = (truth[:, None] - estimates.z)[..., None]
    t_squared = (difference * np.linalg.solve(estimates.covariance, difference)).sum((-1, -2))
    return t_squared * (m - p) / (p * (m - 1)) <= f_distribution.ppf(level, p, m - p)


def rejections(a: Estimates, b: Estimates, level: float = 0.05) -> dict[str, Figure | str | float]:
    """How often the two-group test rejects between estimates of the same groups, (n, replicates, ...)."""
    rejected, directions = np.zeros(a.z.shape[:2]), np.zeros(a.z.shape[:2])
    for index in np.ndindex(rejected.shape):
        one, other = a[index], b[index]
        test = two_group_test(one.z, one.covariance, one.m, other.z, other.covariance, other.m)
        rejected[index], directions[index] = test.p_value < level, test.df_1
    return {"method": test.method, "directions": float(directions.mean()), "rejected": clustered(rejected)}


def distances(a: Estimates, b: Estimates) -> dict[str, Figure]:
    """Squared distances of estimates of the same groups, (n, replicates, ...), as they are and corrected."""
    squared = ((a.z - b.z) ** 2).sum(-1)
    noise = np.trace(a.covariance + b.covariance, axis1=-2, axis2=-1)
    return {"uncorrected": clustered(squared), "corrected": clustered(squared - noise)}


def by_halves(a_1: Estimates, a_2: Estimates, b_1: Estimates, b_2: Estimates) -> Figure:
    """Squared distances of two sets, each in two halves, (n, replicates, ...), as :func:`gde.stats.distances_by_halves` has them."""
    return clustered(((a_1.z - b_1.z) * (a_2.z - b_2.z)).sum(-1))


def slope(sizes: Sequence[int], found: Sequence[dict[str, Figure]]) -> float:
    """Slope of the uncorrected squared distance against m, both logarithmic."""
    return float(np.polyfit(np.log(sizes), np.log([row["uncorrected"]["mean"] for row in found]), 1)[0])
