"""Directions in which an embedding varies enough for the central limit theorem."""

import numpy as np

# Where the variance is this much smaller than the largest, what moves an embedding of some hundred units is the curvature of the encoder and not the sum
# of influences: the radius of the sphere on which encoders that are trained with noise end (gde.nn.IntoBall), or what a network has hardly learnt.
# docs/benchmarks/uncertainty.md says what such directions do to a joint region.
RANK_TOLERANCE = 1e-3


def n_directions(covariance: np.ndarray) -> int:
    """Number of principal directions whose variance is more than :data:`RANK_TOLERANCE` of the largest."""
    values = np.linalg.eigvalsh(covariance)
    return int((values > RANK_TOLERANCE * max(values[-1], 0.0)).sum())


def leading_roots(covariance: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Principal directions (p, rank), and the standard deviations along them (rank,)."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors[:, len(values) - rank :], np.sqrt(values[len(values) - rank :])
