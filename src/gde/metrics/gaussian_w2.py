"""Wasserstein distance of Gaussians."""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics.bures_squared import bures_squared


def gaussian_w2(mean_a: ArrayLike, covariance_a: ArrayLike, mean_b: ArrayLike, covariance_b: ArrayLike) -> np.ndarray:
    r"""2-Wasserstein distance of Gaussians, of many pairs at once.

    .. math:: W_2^2 = \lVert \mu_a - \mu_b \rVert^2 + B^2(\Sigma_a, \Sigma_b)

    with the squared Bures distance of :func:`bures_squared`.

    Parameters
    ----------
    mean_a, mean_b
        Means, shape (..., d).
    covariance_a, covariance_b
        Covariances, shape (..., d, d). Leading dimensions broadcast.

    Returns
    -------
    Distances, shape of the leading dimensions, in the units of the data.

    References
    ----------
    Dowson, D. C. & Landau, B. V. The Fréchet distance between multivariate normal distributions. *Journal of
    Multivariate Analysis* 12, 450–455 (1982).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import gaussian_w2
    >>> float(gaussian_w2([0, 0], np.eye(2), [3, 4], np.eye(2)))
    5.0
    """
    gap = np.asarray(mean_a, dtype=np.float64) - np.asarray(mean_b, dtype=np.float64)
    return np.sqrt((gap**2).sum(-1) + bures_squared(covariance_a, covariance_b))
