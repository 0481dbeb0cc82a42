"""Transport between sets along random directions."""

import torch
from torch import Tensor


def sliced_wasserstein(x: Tensor, x_weight: Tensor, y: Tensor, y_weight: Tensor, directions: Tensor) -> Tensor:
    r"""Squared sliced 2-Wasserstein distance of pairs of weighted sets, times their dimension d.

    .. math:: \frac dP \sum_p W_2^2(\theta_p^\top x, \theta_p^\top y), \qquad
              W_2^2(a, b) = \int_0^1 \big(F_a^{-1}(u) - F_b^{-1}(u)\big)^2 du

    Bonneel et al. 2015, doi 10.1007/s10851-014-0506-3; the quantile functions of weighted samples are step functions, so the integral is
    an exact sum over the steps of both. With the factor d, the expectation for two sets that differ by a shift is :math:`W_2^2`.

    Parameters
    ----------
    x, y
        Units of the sets of a pair, shapes (n_pairs, n, d) and (n_pairs, m, d).
    x_weight, y_weight
        Weights that sum to 1, shapes (n_pairs, n) and (n_pairs, m).
    directions
        Directions of each pair, shape (n_pairs, P, d), of any length. A direction of zeros does not count.

    Returns
    -------
    Shape (n_pairs,).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import sliced_wasserstein
    >>> x, weight = torch.randn(1, 4, 1), torch.full((1, 4), 0.25)
    >>> sliced_wasserstein(x, weight, x + 3, weight, torch.ones(1, 1, 1))
    tensor([9.])
    """
    length = directions.norm(dim=2, keepdim=True)
    directions = (directions / length.clamp_min(torch.finfo(x.dtype).tiny)).transpose(1, 2)
    a, a_share = _quantiles(x @ directions, x_weight)
    b, b_share = _quantiles(y @ directions, y_weight)
    share = torch.cat([a_share, b_share], dim=2).sort(dim=2).values
    step = share.diff(dim=2, prepend=torch.zeros_like(share[:, :, :1]))
    middle = share - step / 2
    distance = (step * (_at(middle, a, a_share) - _at(middle, b, b_share)).square()).sum(2)
    return x.shape[2] * distance.sum(1) / (length.squeeze(2) > 0).sum(1).clamp_min(1)


def _quantiles(values: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Values in ascending order, and the share of the weight up to each of them, both (n_pairs, P, n)."""
    ordered, order = values.transpose(1, 2).contiguous().sort(dim=2)
    return ordered, weight[:, None].expand_as(ordered).gather(2, order).cumsum(2)


def _at(share: Tensor, values: Tensor, shares: Tensor) -> Tensor:
    """Quantile function at ``share``; beyond the last step, which rounding can leave below 1, it goes on."""
    return values.gather(2, torch.searchsorted(shares, share).clamp_max(values.shape[2] - 1))
