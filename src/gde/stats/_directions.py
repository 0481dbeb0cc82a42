"""Directions in which an embedding varies."""

import numpy as np

# An encoder with noise ends on a sphere (gde.nn.IntoBall), where the radius varies some 1e-8 times as much as other directions, by rounding and by
# IntoBall's ε. What varies so little has no normal limit and would only spoil a joint statement.
RANK_TOLERANCE = 1e-6


def n_directions(covariance: np.ndarray) -> int:
    """Number of directions in which a covariance is more than :data:`RANK_TOLERANCE` of its largest."""
    values = np.linalg.eigvalsh(covariance)
    return int((values > RANK_TOLERANCE * max(values[-1], 0.0)).sum())


def leading_roots(covariance: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Principal directions (p, rank), and the standard deviations along them (rank,)."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors[:, len(values) - rank :], np.sqrt(values[len(values) - rank :])
