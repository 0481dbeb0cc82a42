"""Do two kinds of distances order the pairs of groups alike?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

MIN_GROUPS = 5
_LARGEST = 1 - 1e-12  # the transform of a perfect correlation is infinite


@dataclass(frozen=True)
class DistanceAgreement:
    """Spearman correlation of distances, and an interval.

    Attributes
    ----------
    correlation, low, high
        The correlation and the limits of its interval, in [-1, 1].
    n_groups
        Number of groups, which is what the interval rests on.
    level
        Level of the interval.
    """

    correlation: float
    low: float
    high: float
    n_groups: int
    level: float


def distance_agreement(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> DistanceAgreement:
    r"""Spearman correlation of two distance matrices over pairs of groups, with an interval that counts groups, not pairs.

    The :math:`n(n-1)/2` pairs share groups and are not independent, so the interval is a jackknife over groups: with
    :math:`\zeta = \operatorname{artanh} \rho` of all pairs and :math:`\zeta_{(-i)}` of those without group i,

    .. math:: \zeta \pm t_{n-1}\, s, \qquad s^2 = \frac{n-1}{n} \sum_i \big(\zeta_{(-i)} - \overline{\zeta_{(-\cdot)}}\big)^2 .

    No group is ever paired with itself or with a copy of itself, as a bootstrap of groups would do.

    Parameters
    ----------
    a, b
        Distances, shape (n, n), symmetric; the diagonals are not looked at. At least 5 groups.
    level
        Level of the interval.

    Returns
    -------
    Correlation and interval.

    Raises
    ------
    ValueError
        If the matrices are not square, not of one shape or not finite, or there are fewer than 5 groups.

    References
    ----------
    Arvesen, J. N. Jackknifing U-statistics. *Annals of Mathematical Statistics* 40, 2076–2100 (1969).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import distance_agreement
    >>> x = np.arange(6.0) ** 2
    >>> a = np.abs(x[:, None] - x)
    >>> distance_agreement(a, a**2).correlation
    1.0
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    n = len(first)
    if first.shape != (n, n) or second.shape != (n, n):
        raise ValueError(
            f"Two matrices of distances of the same groups are needed; these are {first.shape} and {second.shape}."
        )
    if n < MIN_GROUPS:
        raise ValueError(f"{n} groups are too few for an interval: at least {MIN_GROUPS} are needed.")
    i, j = np.triu_indices(n, 1)
    x, y = first[i, j], second[i, j]
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("The distances have NaN or infinite values.")
    correlation = _spearman(x, y)
    without = np.arctanh(
        [np.clip(_spearman(x[kept], y[kept]), -_LARGEST, _LARGEST) for kept in ((i != g) & (j != g) for g in range(n))]
    )
    se = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    margin = stats.t.ppf((1 + level) / 2, n - 1) * se
    center = np.arctanh(np.clip(correlation, -_LARGEST, _LARGEST))
    low, high = np.tanh([center - margin, center + margin])
    return DistanceAgreement(correlation, float(low), float(high), n, level)


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Correlation of the ranks; 0 where all distances of one kind are the same."""
    x, y = stats.rankdata(x), stats.rankdata(y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
