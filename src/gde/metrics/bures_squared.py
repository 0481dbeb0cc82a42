"""Squared Bures distance of covariance matrices."""

import numpy as np
from numpy.typing import ArrayLike


def bures_squared(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    r"""Squared Bures distance of covariance matrices, of many pairs at once.

    .. math:: B^2(A, B) = \mathrm{tr}\,A + \mathrm{tr}\,B - 2\,\mathrm{tr}\big(A^{1/2} B A^{1/2}\big)^{1/2}

    It is the part of the squared 2-Wasserstein distance of two Gaussians that their covariances contribute, see
    :func:`gaussian_w2`.

    Parameters
    ----------
    a, b
        Symmetric positive semi-definite matrices, shape (..., d, d); leading dimensions broadcast.

    Returns
    -------
    Distances, shape of the leading dimensions, in squared units of the data; rounding below zero is cut off.

    Raises
    ------
    ValueError
        If the matrices are not square, or not of one size.

    References
    ----------
    Bhatia, R., Jain, T. & Lim, Y. On the Bures–Wasserstein distance between positive definite matrices. *Expositiones
    Mathematicae* 37, 165–191 (2019).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import bures_squared
    >>> float(bures_squared(np.diag([1.0, 4.0]), np.diag([9.0, 4.0])))
    4.0
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim < 2 or first.shape[-2:] != (first.shape[-1],) * 2 or first.shape[-2:] != second.shape[-2:]:
        raise ValueError(
            f"The matrices have shapes {first.shape} and {second.shape}: expected (..., d, d) with the same d."
        )
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0)).sum(-1)
    traces = np.trace(first, axis1=-2, axis2=-1) + np.trace(second, axis1=-2, axis2=-1)
    return np.maximum(traces - 2 * cross, 0)
