"""A weighted mean that is updated chunk by chunk, and how well it is known."""

import torch
from torch import Tensor

from gde.encoders.covariance_of_mean import covariance_of_mean
from gde.encoders.pooled_mean import PooledMean
from gde.nn import segment_mean


class PooledCovariance:
    r"""Running weighted means of many sets with their covariances, in float64.

    .. math:: \hat\Sigma = \frac{m}{m - 1} \sum_i p_i^2\, (f_i - \bar f)(f_i - \bar f)^\top,

    see :func:`covariance_of_mean`. What sums up over chunks is the moments with squared weights (Chan, Golub & LeVeque 1983, equation 2.1, for
    vectors).

    Parameters
    ----------
    n_sets
        Number of sets.

    Attributes
    ----------
    mean
        The running means, a :class:`PooledMean`.
    squared_weight
        Sum of squared weights, shape (n_sets,).
    squared_mean
        Mean with squared weights, shape (n_sets, n_features); the mean itself if weights are equal.
    scatter
        Sum of squared weights times outer products of the deviations from ``squared_mean``, shape (n_sets, n_features, n_features).

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import PooledCovariance
    >>> pooled = PooledCovariance(n_sets=1)
    >>> for chunk in torch.arange(6.0).reshape(3, 2, 1):
    ...     pooled.update(chunk, torch.zeros(2, dtype=torch.long), torch.ones(2))
    >>> pooled.value  # 3.5 / 6
    tensor([[[0.5833]]], dtype=torch.float64)
    """

    squared_mean: Tensor
    scatter: Tensor

    def __init__(self, n_sets: int):
        self.mean = PooledMean(n_sets)
        self.squared_weight = torch.zeros(n_sets, dtype=torch.float64)

    def update(self, values: Tensor, set_of_unit: Tensor, weight: Tensor) -> None:
        """Add a chunk: values (n_units, n_features), set and weight of each unit (n_units,)."""
        if not hasattr(self, "scatter"):
            n_sets, width = len(self.squared_weight), values.shape[1]
            self.squared_mean = torch.zeros(n_sets, width, dtype=torch.float64)
            self.scatter = torch.zeros(n_sets, width, width, dtype=torch.float64)
        self.mean.update(values, set_of_unit, weight)
        sets, local = torch.unique(set_of_unit, return_inverse=True)
        squares = weight.double().square()
        added = squares.new_zeros(len(sets)).index_add(0, local, squares)
        centre = segment_mean(values, local, squares.to(values), len(sets))
        # Around the chunk's own centres, so that nothing cancels and the precision of the values is enough.
        deviations = weight.to(values)[:, None] * (values - centre.index_select(0, local))
        sets, added, offset = sets.cpu(), added.cpu(), centre.cpu().double() - self.squared_mean[sets.cpu()]
        share = added / (self.squared_weight[sets] + added).clamp_min(torch.finfo(torch.float64).tiny)
        between = self.squared_weight[sets] * share
        by_set = deviations[torch.argsort(local, stable=True)].split(torch.bincount(local).tolist())
        for s, own, moved, factor in zip(sets.tolist(), by_set, offset, between.tolist(), strict=True):
            self.scatter[s].add_((own.T @ own).cpu()).addr_(moved, moved, alpha=factor)
        self.squared_mean[sets] += share[:, None] * offset
        self.squared_weight[sets] += added

    @property
    def value(self) -> Tensor:
        """The covariances of the means, shape (n_sets, n_features, n_features), float64; NaN for sets of one unit."""
        return covariance_of_mean(
            self.mean.weight, self.squared_weight, self.mean.value, self.squared_mean, self.scatter
        )
