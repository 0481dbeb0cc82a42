"""What every function of an estimate asks of it."""

import numpy as np
from numpy.typing import ArrayLike


def check_estimate(embedding: ArrayLike, covariance: ArrayLike, n_effective: float) -> tuple[np.ndarray, np.ndarray]:
    """Embedding (p,) and unbiased covariance (p, p) of it, both finite float64.

    The sum of squared influences is a variance with divisor n. As a sum of squares about a mean it lacks one part in n, which is added here; for unequal
    weights that is exact to first order in 1/n.
    """
    z, sigma = np.asarray(embedding, dtype=float), np.asarray(covariance, dtype=float)
    if z.ndim != 1 or sigma.shape != (len(z), len(z)):
        raise ValueError(
            f"An embedding of one group, shape (p,), and its covariance, (p, p), are needed; these are {z.shape} and {sigma.shape}."
        )
    if not (np.isfinite(z).all() and np.isfinite(sigma).all()):
        raise ValueError("The embedding or its covariance has NaN or infinite values.")
    return z, sigma * (n_effective / (n_effective - 1) if n_effective > 1 else np.nan)
