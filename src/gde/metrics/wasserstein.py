"""Exact Wasserstein distance of two samples of units."""

from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment, linprog
from scipy.spatial.distance import cdist

from gde.metrics._checks import check_pair


def wasserstein(x: ArrayLike, y: ArrayLike, *, p: Literal[1, 2] = 2) -> float:
    r"""Wasserstein distance of two samples: exact, without regularisation.

    .. math:: W_p = \Big( \min_{\pi \in \Pi} \sum_{i,j} \pi_{ij} \lVert x_i - y_j \rVert^p \Big)^{1/p}, \qquad
        \Pi = \Big\{\pi \ge 0 : \sum_j \pi_{ij} = \tfrac1n, \sum_i \pi_{ij} = \tfrac1m\Big\}

    An assignment problem for equal numbers of units, else a linear program, which is much slower. The distance of two samples of one distribution is far from 0 in many dimensions,
    and shrinks only as :math:`n^{-1/d}`: report that of two real halves beside it (:func:`floor_of_halves`), or use :func:`sliced_wasserstein`.

    Parameters
    ----------
    x, y
        Samples, units x dimensions. Time grows with the cube of the number of units: up to some 5,000 of equal number, or 500 of unequal ones.
    p
        1 or 2.

    Returns
    -------
    The distance, in the units of ``x``, from 0 upwards.

    References
    ----------
    Peyré, G. & Cuturi, M. Computational optimal transport. *Foundations and Trends in Machine Learning* 11, 355–607 (2019), chapters 2 and 3.

    Examples
    --------
    >>> from gde.metrics import wasserstein
    >>> wasserstein([[0.0], [1.0]], [[11.0], [10.0]])
    10.0
    >>> wasserstein([[0.0], [3.0]], [[0.0], [3.0], [3.0]], p=1)
    0.5
    """
    if p not in (1, 2):
        raise ValueError(f"p={p!r}: expected 1 or 2.")
    a, b = check_pair(x, y, ("x", "y"), min_rows=1)
    cost = cdist(a, b, "euclidean" if p == 1 else "sqeuclidean")
    if len(a) == len(b):
        total = float(cost[linear_sum_assignment(cost)].mean())
    else:
        total = _transport(cost)
    return total ** (1 / p)


def _transport(cost: np.ndarray) -> float:
    """Least cost of moving equal weights of the rows to equal weights of the columns."""
    n, m = cost.shape
    rows = sp.kron(sp.eye_array(n), np.ones((1, m)))
    columns = sp.kron(np.ones((1, n)), sp.eye_array(m))
    # Masses m and n in place of 1/n and 1/m: integers leave no infeasible rounding.
    masses = np.repeat([m, n], [n, m]).astype(float)
    result = linprog(cost.ravel(), A_eq=sp.vstack([rows, columns]).tocsr(), b_eq=masses, method="highs")
    if not result.success:
        raise RuntimeError(f"The linear program failed ({result.message}): draw equal numbers of units of both.")
    return max(float(result.fun) / (n * m), 0.0)
