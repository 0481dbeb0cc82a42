"""How many groups a class?"""

import numpy as np
from scipy.stats import nct
from scipy.stats import t as t_distribution

LARGEST_NONCENTRALITY = 30.0  # beyond it the power is 1, and the distribution numerically hard


def required_groups(effect: float, variance: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    r"""Smallest number of groups in each of two classes for which a two-sided t-test has the power.

    Along a direction that is fixed before the groups are drawn, embeddings of either class are normal with one variance, and their means lie ``effect`` apart. With n groups a
    class, t has 2n − 2 degrees of freedom and the noncentrality

    .. math:: \lambda = \text{effect} \Big/ \sqrt{2 \cdot \text{variance} / n}.

    The variance is that between groups plus that of a unit's influence over the number of units m, so it does not fall below the first, and nor does the result:
    :math:`\text{variance} = \sigma^2_\text{between} + \sigma^2_\text{unit} / m`.

    Parameters
    ----------
    effect
        Difference of the class means; its sign does not matter.
    variance
        Variance of a group's embedding within its class.
    power
        Probability to reject.
    alpha
        Level of the test.

    Returns
    -------
    Number of groups in each class, at least 2.

    Raises
    ------
    ValueError
        If there is no effect, or a probability is none.

    References
    ----------
    Cohen, J. *Statistical Power Analysis for the Behavioral Sciences*, 2nd ed., chapter 2 (1988).

    Examples
    --------
    >>> from gde.stats import required_groups
    >>> required_groups(effect=1.0, variance=1.0), required_groups(effect=1.0, variance=4.0)
    (17, 64)
    """
    if not (effect != 0 and np.isfinite(effect)):
        raise ValueError(f"`effect` is {effect}: without a difference no number of groups is enough.")
    if not variance >= 0:
        raise ValueError(f"`variance` is {variance}: it must be at least 0.")
    if not alpha < power < 1 or not 0 < alpha < 1:
        raise ValueError(f"`power` ({power}) must lie between `alpha` ({alpha}) and 1.")
    largest = 2
    while _power(largest, effect, variance, alpha) < power:
        largest *= 2
    smallest = max(2, largest // 2)  # not enough, unless it is 2
    while smallest < largest:
        middle = (smallest + largest) // 2
        if _power(middle, effect, variance, alpha) < power:
            smallest = middle + 1
        else:
            largest = middle
    return largest


def _power(n: int, effect: float, variance: float, alpha: float) -> float:
    df = 2 * n - 2
    noncentrality = abs(effect) * np.sqrt(n / 2 / variance) if variance > 0 else np.inf
    limit = t_distribution.isf(alpha / 2, df)
    if noncentrality > LARGEST_NONCENTRALITY + limit:
        return 1.0
    return float(nct.sf(limit, df, noncentrality) + nct.cdf(-limit, df, noncentrality))
