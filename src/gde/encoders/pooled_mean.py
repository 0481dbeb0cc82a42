"""A weighted mean that is updated chunk by chunk."""

from __future__ import annotations

import torch
from torch import Tensor


class PooledMean:
    r"""Running weighted means of many sets, in float64.

    A chunk with total weight :math:`W_c` and mean :math:`m_c` moves the mean of a set by :math:`(m_c - m)\,W_c / (W + W_c)` (Chan,
    Golub & LeVeque 1983, equation 2.1), so the order and the size of the chunks do not matter and no large sums build up.

    Parameters
    ----------
    n_sets
        Number of sets.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import PooledMean
    >>> mean = PooledMean(n_sets=1)
    >>> for chunk in torch.arange(6.0).reshape(3, 2, 1):
    ...     mean.update(chunk, torch.zeros(2, dtype=torch.long), torch.ones(2))
    >>> mean.value
    tensor([[2.5000]], dtype=torch.float64)
    """

    def __init__(self, n_sets: int):
        self.weight = torch.zeros(n_sets, dtype=torch.float64)
        self._mean: Tensor | None = None

    def update(self, values: Tensor, set_of_unit: Tensor, weight: Tensor) -> None:
        """Add a chunk: values (n_units, n_features), set and weight of each unit (n_units,)."""
        values, weight, set_of_unit = values.cpu().double(), weight.cpu().double(), set_of_unit.cpu()
        if self._mean is None:
            self._mean = values.new_zeros(len(self.weight), values.shape[1])
        # Only the sets of this chunk are touched: with many groups a chunk holds few of them.
        sets, local = torch.unique(set_of_unit, return_inverse=True)
        added = weight.new_zeros(len(sets)).index_add(0, local, weight)
        sums = values.new_zeros(len(sets), values.shape[1]).index_add(0, local, values * weight[:, None])
        moved = sums - added[:, None] * self._mean[sets]
        self.weight[sets] += added
        self._mean[sets] += moved / self.weight[sets].clamp_min(torch.finfo(torch.float64).tiny)[:, None]

    @property
    def value(self) -> Tensor:
        """The means, shape (n_sets, n_features), float64."""
        if self._mean is None:
            raise ValueError("No chunk has been added, so there is no mean: call `update` first.")
        return self._mean
