"""The one way in which units are pooled."""

import torch
from torch import Tensor


def segment_mean(values: Tensor, segment: Tensor, weight: Tensor, n_segments: int) -> Tensor:
    r"""Weighted mean of the rows of each segment.

    .. math:: \bar f_s = \sum_{i \in s} w_i f_i \Big/ \sum_{i \in s} w_i

    It is a mean and never a sum, so that repeating every unit of a set changes nothing.

    Parameters
    ----------
    values
        Rows to pool, shape (n_units, n_features).
    segment
        Segment of each row, shape (n_units,), integers below ``n_segments``.
    weight
        Non-negative weight of each row, shape (n_units,).
    n_segments
        Number of segments. A segment without rows gets zeros.

    Returns
    -------
    Means, shape (n_segments, n_features).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import segment_mean
    >>> values = torch.tensor([[1.0], [3.0], [5.0]])
    >>> segment_mean(values, torch.tensor([0, 0, 1]), torch.ones(3), 2)
    tensor([[2.],
            [5.]])
    """
    total = weight.new_zeros(n_segments).index_add(0, segment, weight)
    sums = values.new_zeros(n_segments, values.shape[1]).index_add(0, segment, values * weight[:, None])
    return sums / total.clamp_min(torch.finfo(total.dtype).tiny)[:, None]
