"""Where the embedding of all units of a group's kind may be."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from gde.stats._check_estimate import check_estimate
from gde.stats._directions import leading_roots, n_directions


class ConfidenceRegion(NamedTuple):
    """Region for an embedding; what :func:`confidence_region` returns.

    Parameters
    ----------
    method
        ``"hotelling"``: a joint region, the ellipsoid ``center + axes @ u`` with ``norm(u) <= 1``. ``"marginal_t"``: units are too few for it, and there is
        only an interval for each coordinate by itself.
    center
        The embedding, shape (p,).
    half_width
        Half the length of each coordinate's own interval (Student's t), shape (p,); with either method.
    axes
        Semi-axes of the ellipsoid in columns, shape (p, number of directions in which the embedding varies); no columns for ``"marginal_t"``.
    """

    method: Literal["hotelling", "marginal_t"]
    center: np.ndarray
    half_width: np.ndarray
    axes: np.ndarray

    def contains(self, point: ArrayLike) -> np.ndarray:
        """Whether an embedding lies within: one answer for a joint region, one for each coordinate otherwise."""
        difference = np.asarray(point, dtype=float) - self.center
        if self.method == "marginal_t":
            return np.abs(difference) <= self.half_width
        squared_lengths = (self.axes**2).sum(0)
        return (((difference @ self.axes) / squared_lengths) ** 2).sum(-1) <= 1


def confidence_region(
    embedding: ArrayLike, covariance: ArrayLike, n_effective: float, level: float = 0.95
) -> ConfidenceRegion:
    r"""Confidence region for the embedding that infinitely many units of the same kind would give.

    With :math:`\hat\Sigma` the covariance of an embedding :math:`\hat z` of m units, which has p coordinates and varies in r directions, the joint region is Hotelling's,

    .. math:: (z - \hat z)^\top \hat\Sigma^{-1} (z - \hat z) \le \frac{r (m - 1)}{m - r} F_{1 - \alpha}(r, m - r),

    with the inverse taken in these directions. It is used where :math:`m > p + 1`, since fewer units leave directions without variance that have one. With the quantile of :math:`\chi^2_r` instead, a region of nominally 95 % covers
    6 % at r = 32 and m = 50. With fewer units there are only the intervals of single coordinates, :math:`\hat z_j \pm t_{1 - \alpha/2}(m - 1)\, \hat\Sigma_{jj}^{1/2}`,
    which do not hold jointly. Both are exact if the influences of the units are normal, and hold in the limit of large m otherwise.

    Principal directions count if their variance is more than 1e-3 of the largest. Along the others the curvature of the encoder outweighs the sum
    of influences that the theorem is about (the radius, of encoders that end on a sphere), and the region says nothing about them.

    Parameters
    ----------
    embedding
        Embedding of one group, shape (p,).
    covariance
        Its covariance, shape (p, p): that of the embedding, not of a unit, as :meth:`gde.GDEModel.get_group_embeddings` returns it.
    n_effective
        Kish's effective number of units of the group.
    level
        Probability of covering.

    Returns
    -------
    The region, which says what it is.

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, there are fewer than 2 units, or ``level`` is no probability.

    References
    ----------
    Hotelling, H. The generalization of Student's ratio. *Annals of Mathematical Statistics* 2, 360–378 (1931).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import confidence_region
    >>> region = confidence_region(np.zeros(2), np.eye(2) / 100, n_effective=100)
    >>> region.method, region.contains([0.1, 0.1]).item(), region.contains([0.3, 0.3]).item()
    ('hotelling', True, False)
    >>> confidence_region(np.zeros(2), np.eye(2) / 3, n_effective=3).method
    'marginal_t'
    """
    if not 0 < level < 1:
        raise ValueError(f"`level` is a probability between 0 and 1, e.g. 0.95, not {level}.")
    if not n_effective >= 2:
        raise ValueError(f"A region needs at least 2 units, and there are {n_effective:.3g}.")
    z, sigma = check_estimate(embedding, covariance)
    half_width = t_distribution.ppf((1 + level) / 2, n_effective - 1) * np.sqrt(sigma.diagonal())
    r = n_directions(sigma)
    if not (r and n_effective > len(z) + 1):
        return ConfidenceRegion("marginal_t", z, half_width, np.zeros((len(z), 0)))
    directions, sd = leading_roots(sigma, r)
    limit = r * (n_effective - 1) / (n_effective - r) * f_distribution.ppf(level, r, n_effective - r)
    return ConfidenceRegion("hotelling", z, half_width, directions * sd * np.sqrt(limit))
