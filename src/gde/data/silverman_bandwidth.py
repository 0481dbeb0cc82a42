"""A default width of kernels."""

import numpy as np


def silverman_bandwidth(values: np.ndarray) -> float:
    r"""Bandwidth of a Gaussian kernel by Silverman's rule of thumb.

    .. math:: h = 0.9\, \min(\hat\sigma, \mathrm{IQR} / 1.34)\, n^{-1/5}

    (Silverman 1986, *Density Estimation for Statistics and Data Analysis*, equation 3.31), with the standard deviation alone where the
    interquartile range is zero.

    Parameters
    ----------
    values
        Values that are not all the same, shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import silverman_bandwidth
    >>> round(silverman_bandwidth(np.arange(32.0)), 3)
    4.221
    """
    sd = float(np.std(values, ddof=1))
    quartiles = np.quantile(values, [0.25, 0.75])
    spread = min(sd, float(quartiles[1] - quartiles[0]) / 1.34) or sd
    return 0.9 * spread * len(values) ** -0.2
