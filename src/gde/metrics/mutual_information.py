"""What one embedding of a group tells of another one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from scipy.special import digamma
from scipy.stats import norm

from gde.metrics._checks import check_rows, check_same_rows

_TINY = 1e-10  # relative size of singular values that are rounding


class MutualInformation(NamedTuple):
    """Mutual information in bits, its 95 % interval, and what is left when partners are shuffled.

    Attributes
    ----------
    value
        Estimate.
    low, high
        Limits of its interval, from half-samples of the groups without replacement.
    null
        Estimates with shuffled partners, (n_permutations,).
    p_value
        Of the null: (1 + number of shuffled estimates at least as large) / (1 + n_permutations).
    n_groups, n_components
        What went in, after whitening the smaller of both numbers of components.
    """

    value: float
    low: float
    high: float
    null: np.ndarray
    p_value: float
    n_groups: int
    n_components: int


def mutual_information(
    x: ArrayLike,
    y: ArrayLike,
    *,
    n_neighbors: int = 3,
    n_components: int = 10,
    n_permutations: int = 200,
    n_subsamples: int = 100,
    seed: int = 0,
) -> MutualInformation:
    r"""Mutual information of two embeddings of the same groups, e.g. of the early and the late cells of clones.

    The estimator of Kraskov, Stögbauer and Grassberger (their first),

    .. math:: \hat I = \frac{1}{\ln 2} \Big(\psi(k) + \psi(N) - \frac1N \sum_i \big[\psi(n_{x,i} + 1) + \psi(n_{y,i} + 1)\big]\Big),

    where :math:`n_{x,i}` is the number of other groups strictly nearer to group i in x (Chebyshev) than its k-th nearest in the joint space. Both sides are first whitened to as many principal
    components (fitted on what is passed): the estimate depends strongly on scale and dimension, so only embeddings of equal dimension compare. Of few groups in many dimensions it is biased
    towards 0 (a strong dependence on N groups cannot show more than :math:`\log_2 N` bits); the null says where 0 is.

    Parameters
    ----------
    x, y
        Embeddings, groups x dimensions, row ``i`` of both the same group; of two DataFrames the index must agree. Dimensions may differ.
    n_neighbors
        k.
    n_components
        Largest number of whitened components of each side.
    n_permutations
        Number of shuffles for the null.
    n_subsamples
        Number of half-samples for the interval. Without replacement, since copies of a group inflate the estimate; the spread of halves estimates the standard error of the whole.
    seed
        Seed of both.

    Returns
    -------
    :class:`MutualInformation` in bits, from about 0 (slightly below is possible).

    Raises
    ------
    ValueError
        If there are fewer than 2 (k + 1) groups, the groups differ, or one side is constant.

    References
    ----------
    Kraskov, A., Stögbauer, H. & Grassberger, P. Estimating mutual information. *Physical Review E* 69, 066138 (2004), equation 8.

    Politis, D. N. & Romano, J. P. Large sample confidence regions based on subsamples under minimal assumptions. *Annals of Statistics* 22, 2031–2050 (1994).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import mutual_information
    >>> early = np.random.default_rng(0).normal(size=(200, 2))
    >>> told, untold = (mutual_information(early, late) for late in (early + 0.1, early[::-1]))
    >>> told.value > 3 > 0.5 > abs(untold.value), told.p_value < 0.01
    (True, True)
    """
    check_same_rows(x, y)
    a, b = check_rows(x, "x", 2 * (n_neighbors + 1)), check_rows(y, "y", 2 * (n_neighbors + 1))
    if len(a) != len(b):
        raise ValueError(f"x has {len(a)} rows and y has {len(b)}: pass the same groups in both.")
    if n_neighbors < 1:
        raise ValueError(f"n_neighbors={n_neighbors}: at least 1 is needed.")
    white = [_whiten(side, name) for side, name in ((a, "x"), (b, "y"))]
    width = min(n_components, *(side.shape[1] for side in white))
    of_x, of_y = (cdist(side[:, :width], side[:, :width], "chebyshev") for side in white)
    n, rng = len(a), np.random.default_rng(seed)
    value = _ksg(of_x, of_y, n_neighbors)
    shuffles = [rng.permutation(n) for _ in range(n_permutations)]
    null = np.array([_ksg(of_x, of_y[np.ix_(order, order)], n_neighbors) for order in shuffles])
    parts = [np.ix_(rows, rows) for rows in (rng.permutation(n)[: n // 2] for _ in range(n_subsamples))]
    halves = [_ksg(of_x[part], of_y[part], n_neighbors) for part in parts]
    margin = float(norm.ppf(0.975) * np.std(halves, ddof=1)) if n_subsamples > 1 else float("nan")
    p_value = float((1 + (null >= value).sum()) / (1 + n_permutations))
    return MutualInformation(value, value - margin, value + margin, null, p_value, n, width)


def _whiten(x: np.ndarray, name: str) -> np.ndarray:
    """Principal components with unit variance, those of rounding left out."""
    left, size, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    kept = size > _TINY * max(size[0], np.finfo(float).tiny) * max(x.shape)
    if size[0] == 0 or not kept.any():
        raise ValueError(f"{name} is the same for all groups: it tells nothing.")
    return left[:, kept] * np.sqrt(len(x))


def _ksg(of_x: np.ndarray, of_y: np.ndarray, k: int) -> float:
    """Estimate in bits from the matrices of distances on both sides."""
    n = len(of_x)
    joint = np.maximum(of_x, of_y)
    np.fill_diagonal(joint, np.inf)
    radius = np.partition(joint, k - 1, axis=1)[:, k - 1, None]
    # The group itself, at distance 0, is counted: the + 1 of the formula. Where copies make the radius 0 it must not be lost.
    counts = [np.maximum((of < radius).sum(1), 1) for of in (of_x, of_y)]
    return float((digamma(k) + digamma(n) - sum(digamma(count).mean() for count in counts)) / np.log(2))
