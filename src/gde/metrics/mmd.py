"""Maximum mean discrepancy of two samples of units."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist, pdist

from gde.metrics._checks import check_pair
from gde.metrics._row_blocks import row_blocks

_MAX_UNITS = 2000  # whose distances the median is of


def mmd(x: ArrayLike, y: ArrayLike, *, bandwidth: float | None = None) -> float:
    r"""Squared maximum mean discrepancy of two samples: Gaussian kernel, unbiased.

    .. math::
        \widehat{\mathrm{MMD}}^2 = \frac{1}{n(n-1)} \sum_{i \ne j} k(x_i, x_j) + \frac{1}{m(m-1)} \sum_{i \ne j} k(y_i, y_j)
        - \frac{2}{nm} \sum_{i,j} k(x_i, y_j), \qquad k(x, y) = e^{-\lVert x - y \rVert^2 / 2\sigma^2}

    Its expectation is 0 if and only if both samples come from the same distribution. Other packages give this name to a linear kernel (the squared distance of the means),
    to the biased form, or to a mean over several bandwidths.

    Parameters
    ----------
    x, y
        Samples, units x dimensions, at least 2 units each. The numbers of units may differ.
    bandwidth
        :math:`\sigma`, in the units of ``x``; None: the median distance of two units of both samples together (of at most 2,000, evenly spaced). Pass one number where
        several pairs of samples are to be compared.

    Returns
    -------
    The squared discrepancy, without units: from about 0 (slightly below is possible) to at most 2. Memory is constant in the number of units.

    Raises
    ------
    ValueError
        If the bandwidth is not positive, or None and at least half of the units are alike.

    References
    ----------
    Gretton, A., Borgwardt, K. M., Rasch, M. J., Schölkopf, B. & Smola, A. A kernel two-sample test. *Journal of Machine Learning Research* 13, 723–773 (2012), lemma 6.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import mmd
    >>> round(mmd(np.array([[0.0], [0.0]]), np.array([[100.0], [100.0]]), bandwidth=1.0), 6)
    2.0
    """
    a, b = check_pair(x, y, ("x", "y"))
    sigma = _median_distance(np.concatenate([a, b])) if bandwidth is None else bandwidth
    if not sigma > 0:
        raise ValueError(f"The bandwidth is {sigma}: pass a positive `bandwidth`, e.g. the scale of the data.")
    scale = -0.5 / sigma**2
    between = sum(np.exp(scale * cdist(a[rows], b, "sqeuclidean")).sum() for rows in row_blocks(len(a), len(b))) / (
        len(a) * len(b)
    )
    return float(_mean_within(a, scale) + _mean_within(b, scale) - 2 * between)


def _median_distance(units: np.ndarray) -> float:
    chosen = np.linspace(0, len(units) - 1, min(len(units), _MAX_UNITS)).astype(int)
    return float(np.median(pdist(units[chosen])))


def _mean_within(x: np.ndarray, scale: float) -> float:
    """Mean kernel of two different rows; each pair is computed once."""
    total = 0.0
    for rows in row_blocks(len(x), len(x)):
        total += np.exp(scale * pdist(x[rows], "sqeuclidean")).sum()
        total += np.exp(scale * cdist(x[rows], x[rows.stop :], "sqeuclidean")).sum()
    return 2 * total / (len(x) * (len(x) - 1))
