"""The straight path of optimal transport between two samples."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from gde.metrics._checks import check_pair


def displacement(a: ArrayLike, b: ArrayLike, time: float) -> np.ndarray:
    r"""Where the units are at a time of McCann's displacement interpolation, the geodesic of :math:`W_2`.

    .. math:: x_i(t) = (1 - t)\, a_i + t\, b_{\sigma(i)}, \qquad \sigma = \arg\min_\sigma \sum_i \lVert a_i - b_{\sigma(i)} \rVert^2 .

    Parameters
    ----------
    a, b
        Samples, units x dimensions, the same number of units: their optimal transport is then an assignment, which is solved exactly.
    time
        From 0 (``a``) to 1 (``b``).

    Returns
    -------
    Units in the order of ``a``, units x dimensions.

    Raises
    ------
    ValueError
        If the samples differ in their number of units, or the time is outside [0, 1].

    References
    ----------
    McCann, R. J. A convexity principle for interacting gases. *Advances in Mathematics* 128, 153–179 (1997).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import displacement
    >>> displacement([[0.0], [1.0]], [[11.0], [10.0]], 0.5).ravel()
    array([5., 6.])
    """
    x, y = check_pair(a, b, ("a", "b"), min_rows=1)
    if len(x) != len(y):
        raise ValueError(f"a has {len(x)} units and b has {len(y)}: draw equal numbers of both.")
    if not 0 <= time <= 1:
        raise ValueError(f"time={time}: expected a number from 0 (a) to 1 (b).")
    partner = linear_sum_assignment(cdist(x, y, "sqeuclidean"))[1]
    return (1 - time) * x + time * y[partner]
