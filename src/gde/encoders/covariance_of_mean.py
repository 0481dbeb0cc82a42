"""How well a weighted mean is known."""

import torch
from torch import Tensor


def covariance_of_mean(
    weight: Tensor, squared_weight: Tensor, mean: Tensor, squared_mean: Tensor, scatter: Tensor
) -> Tensor:
    r"""Covariance of the weighted means of sets, from moments that sum up.

    .. math:: \hat\Sigma = \frac{m}{m - 1} \sum_i p_i^2\, (f_i - \bar f)(f_i - \bar f)^\top, \qquad
        p_i = w_i \Big/ \sum_j w_j, \qquad \bar f = \sum_i p_i f_i, \qquad m = 1 \Big/ \sum_i p_i^2.

    The mean of independent units with covariance V, under weights that are given, has the covariance :math:`\sum_i p_i^2\, V = V / m` with m Kish's
    effective number (Kish 1965, *Survey Sampling*, section 11.7). The plain sum expects
    :math:`V \sum_i p_i^2 (1 - 2 p_i + 1 / m)`, so m / (m − 1) takes its bias away: all of it for equal weights, where the result is the sample
    covariance (n − 1) over n. Otherwise the result is too small by a share :math:`2 (m \sum_i p_i^3 - 1 / m)`, 0.3 / m for the weights of a Gaussian
    kernel over evenly spread labels.

    Parameters
    ----------
    weight, squared_weight
        Sums of weights and of squared weights, each (n_sets,).
    mean, squared_mean
        Means with weights and with squared weights, each (n_sets, n_features).
    scatter
        Sum of squared weights times outer products of the deviations from ``squared_mean``, shape (n_sets, n_features, n_features).

    Returns
    -------
    Covariances, shape (n_sets, n_features, n_features); NaN for a set of one unit, which says nothing of its spread.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import covariance_of_mean
    >>> two, zero = torch.full((1,), 2.0), torch.zeros(1, 1)  # the units -1 and 1
    >>> covariance_of_mean(two, two, zero, zero, torch.full((1, 1, 1), 2.0))
    tensor([[[1.]]])
    """
    offset = mean - squared_mean
    moved = squared_weight[:, None, None] * offset[:, :, None] * offset[:, None, :]
    m = weight.square() / squared_weight
    correction = torch.where(m > 1, 1 / (1 - 1 / m), torch.nan)
    return (scatter + moved) * (correction / weight.square())[:, None, None]
