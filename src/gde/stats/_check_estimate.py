"""What every function of an estimate asks of it."""

import numpy as np
from numpy.typing import ArrayLike


def check_estimate(embedding: ArrayLike, covariance: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the embedding (p,) and its covariance (p, p) as finite float64."""
    z, sigma = np.asarray(embedding, dtype=float), np.asarray(covariance, dtype=float)
    if z.ndim != 1 or sigma.shape != (len(z), len(z)):
        raise ValueError(
            f"An embedding of one group, shape (p,), and its covariance, (p, p), are needed; these are {z.shape} and {sigma.shape}."
        )
    if not (np.isfinite(z).all() and np.isfinite(sigma).all()):
        raise ValueError("The embedding or its covariance has NaN or infinite values: leave the group out.")
    return z, sigma
