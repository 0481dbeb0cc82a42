"""Do two groups differ?"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution

from gde.stats._check_estimate import check_estimate
from gde.stats._directions import leading_roots, n_directions


class GroupTest(NamedTuple):
    """Result of :func:`two_group_test`.

    Parameters
    ----------
    method
        ``"hotelling"``: all directions at once. ``"marginal_t"``: units are too few for that, and each coordinate was tested by itself.
        ``"too_few_units"``: a group has fewer than 2, no test is possible, and the numbers are NaN.
    statistic
        F with ``df_1`` and ``df_2`` degrees of freedom if the groups do not differ: the scaled Hotelling statistic, or the largest t² of a coordinate.
    df_1, df_2
        Degrees of freedom.
    p_value
        Of the statistic; for ``"marginal_t"``, times the number of coordinates.
    """

    method: Literal["hotelling", "marginal_t", "too_few_units"]
    statistic: float
    df_1: float
    df_2: float
    p_value: float


def two_group_test(
    embedding_a: ArrayLike,
    covariance_a: ArrayLike,
    n_a: float,
    embedding_b: ArrayLike,
    covariance_b: ArrayLike,
    n_b: float,
) -> GroupTest:
    r"""Test whether two groups have the same embedding, but for the choice of their units.

    The covariances need not be equal, nor the numbers of units. With :math:`\Sigma = \Sigma_a + \Sigma_b` and p directions,

    .. math::
        T^2 = (z_a - z_b)^\top \Sigma^{-1} (z_a - z_b), \qquad \frac{\nu - p + 1}{\nu p}\, T^2 \sim F(p, \nu - p + 1), \qquad
        \nu = \frac{p + p^2}{\sum_{i \in \{a, b\}} \frac{1}{n_i - 1} \left[\operatorname{tr} (\Sigma_i \Sigma^{-1})^2 + (\operatorname{tr} \Sigma_i \Sigma^{-1})^2\right]},

    the multivariate degrees of freedom of Satterthwaite's kind by Krishnamoorthy and Yu (2004), which lie between the smaller :math:`n_i - 1` and
    :math:`n_a + n_b - 2`. For p = 1 this is Welch's test.

    Where a group has no more units than coordinates + 1, each coordinate is tested by Welch's t, and the smallest p-value is multiplied by their number (Bonferroni): weaker,
    and valid however coordinates depend on each other.

    p is the number of directions in which an embedding varies, see :func:`confidence_region`, the larger of the two, and the test is done in so many leading
    principal directions of Σ. (Σ itself may have more: where embeddings lie on a sphere, the two tangent planes differ.) It is blind to a
    difference that lies in the other directions alone.

    Parameters
    ----------
    embedding_a, embedding_b
        Embeddings, shape (p,).
    covariance_a, covariance_b
        Their covariances, shape (p, p), as :meth:`gde.GDEModel.get_group_embeddings` returns them.
    n_a, n_b
        Kish's effective numbers of units.

    Returns
    -------
    The result, which says how the test was done. Units that are no independent draws (cells of one donor, where donors are to be compared) make it
    reject too often: classes of groups are for :func:`two_class_test`.

    Raises
    ------
    ValueError
        If shapes do not fit, or values are not finite.

    References
    ----------
    Nel, D. G. & van der Merwe, C. A. A solution to the multivariate Behrens–Fisher problem. *Communications in Statistics – Theory and Methods* 15,
    3719–3735 (1986).
    Krishnamoorthy, K. & Yu, J. Modified Nel and Van der Merwe test for the multivariate Behrens–Fisher problem. *Statistics & Probability Letters* 66,
    161–169 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import two_group_test
    >>> result = two_group_test([0.0, 0.0], np.eye(2) / 50, 50, [1.0, 0.0], np.eye(2) / 500, 500)
    >>> result.method, result.p_value < 1e-6
    ('hotelling', True)
    """
    if not min(n_a, n_b) >= 2:
        return GroupTest("too_few_units", np.nan, np.nan, np.nan, np.nan)
    z_a, sigma_a = check_estimate(embedding_a, covariance_a)
    z_b, sigma_b = check_estimate(embedding_b, covariance_b)
    if z_a.shape != z_b.shape:
        raise ValueError(f"The embeddings have {len(z_a)} and {len(z_b)} dimensions: both must come from one model.")
    rank = max(n_directions(sigma_a), n_directions(sigma_b))
    if rank and min(n_a, n_b) > len(z_a) + 1:
        return _hotelling(z_a - z_b, (sigma_a, sigma_b), (n_a, n_b), rank)
    return _marginal(z_a - z_b, sigma_a.diagonal(), n_a, sigma_b.diagonal(), n_b)


def _hotelling(
    difference: np.ndarray, covariances: tuple[np.ndarray, np.ndarray], numbers: tuple[float, float], p: int
) -> GroupTest:
    directions, sd = leading_roots(covariances[0] + covariances[1], p)
    whiten = directions / sd
    shares = [whiten.T @ covariance @ whiten for covariance in covariances]
    df = (p + p**2) / sum(
        ((share**2).sum() + share.trace() ** 2) / (n - 1) for share, n in zip(shares, numbers, strict=True)
    )
    statistic = (df - p + 1) / (df * p) * ((difference @ whiten) ** 2).sum()
    return GroupTest(
        "hotelling", float(statistic), p, float(df - p + 1), float(f_distribution.sf(statistic, p, df - p + 1))
    )


def _marginal(
    difference: np.ndarray, variance_a: np.ndarray, n_a: float, variance_b: np.ndarray, n_b: float
) -> GroupTest:
    """Welch's test of each coordinate; one that does not vary differs for certain or not at all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = np.where(difference == 0, 0.0, difference**2 / (variance_a + variance_b))
        df = (variance_a + variance_b) ** 2 / (variance_a**2 / (n_a - 1) + variance_b**2 / (n_b - 1))
    df = np.where(np.isnan(df), min(n_a, n_b) - 1, df)
    p_values = f_distribution.sf(squared, 1, df)
    best = int(p_values.argmin())
    return GroupTest(
        "marginal_t", float(squared[best]), 1, float(df[best]), min(1.0, len(p_values) * float(p_values[best]))
    )
