"""A weighted mean that is updated chunk by chunk, and how well it is known."""

import torch
from torch import Tensor

from gde.encoders.covariance_of_mean import covariance_of_mean
from gde.encoders.covariance_through import covariance_through
from gde.encoders.mapped_deviations import mapped_deviations
from gde.encoders.pooled_mean import PooledMean
from gde.nn import segment_mean

N_HELD = 32_768  # rows that wait until their sets are updated together: each set's matrix is large beside a few rows


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

    def __init__(self, n_sets: int):
        self.mean = PooledMean(n_sets)
        self._squared_weight = torch.zeros(n_sets, dtype=torch.float64)
        self._squared_mean: Tensor | None = None
        self._held: list[tuple[Tensor, Tensor, Tensor]] = []

    def update(self, values: Tensor, set_of_unit: Tensor, weight: Tensor) -> None:
        """Add a chunk: values (n_units, n_features), set and weight of each unit (n_units,)."""
        self.mean.update(values, set_of_unit, weight)
        self._held.append((values, set_of_unit, weight))
        if sum(len(held) for held, _, _ in self._held) >= N_HELD:
            self._add_held()

    @torch.inference_mode()
    def _add_held(self) -> None:
        values, set_of_unit, weight = (torch.cat(parts) for parts in zip(*self._held, strict=True))
        self._held = []
        if self._squared_mean is None:
            n_sets, width = len(self._squared_weight), values.shape[1]
            self._squared_mean = torch.zeros(n_sets, width, dtype=torch.float64)
            self._scatter = torch.zeros(n_sets, width, width, dtype=torch.float64)
        sets, local = torch.unique(set_of_unit, return_inverse=True)
        squares = weight.double().square()
        added = squares.new_zeros(len(sets)).index_add(0, local, squares).cpu()
        centre = segment_mean(values, local, squares.to(values), len(sets))
        # Around the chunk's own centres, so that nothing cancels and the precision of the values is enough.
        deviations = weight.to(values)[:, None] * (values - centre.index_select(0, local))
        by_set = deviations[torch.argsort(local, stable=True)].split(torch.bincount(local).tolist())
        sets = sets.cpu()
        offset = centre.cpu().double() - self._squared_mean[sets]
        share = added / (self._squared_weight[sets] + added).clamp_min(torch.finfo(torch.float64).tiny)
        between = self._squared_weight[sets] * share
        for s, own, moved, factor in zip(sets.tolist(), by_set, offset, between.tolist(), strict=True):
            self._scatter[s].add_((own.T @ own).cpu()).addr_(moved, moved, alpha=factor)
        self._squared_mean[sets] += share[:, None] * offset
        self._squared_weight[sets] += added

    @property
    def moments(self) -> dict[str, Tensor]:
        """``weight``, ``squared_weight``, ``mean``, ``squared_mean`` and ``scatter``, as :func:`covariance_of_mean` takes them."""
        mean = self.mean.value
        if self._held:
            self._add_held()
        assert self._squared_mean is not None  # since there is a mean
        return {
            "weight": self.mean.weight,
            "squared_weight": self._squared_weight,
            "mean": mean,
            "squared_mean": self._squared_mean,
            "scatter": self._scatter,
        }

    def through(self, matrix: Tensor) -> Tensor:
        """Covariances of the means after multiplication with a matrix of each set, which has few rows.

        While all units wait they go through the matrix themselves, and the covariances of their features, large beside a small group, are never made.

        Parameters
        ----------
        matrix
            Shape (n_sets, n_out, n_features).

        Returns
        -------
        Shape (n_sets, n_out, n_out), float64, on the CPU; NaN for sets of one unit.
        """
        if self._squared_mean is not None:
            return covariance_through(self.moments, matrix)
        values, set_of_unit, weight = (torch.cat(parts) for parts in zip(*self._held, strict=True))
        mapped = PooledCovariance(len(matrix))
        mapped.update(
            mapped_deviations(values, set_of_unit, self.mean.value.to(values), matrix.to(values)), set_of_unit, weight
        )
        return mapped.value

    @property
    def value(self) -> Tensor:
        """The covariances of the means, shape (n_sets, n_features, n_features), float64; NaN for sets of one unit."""
        return covariance_of_mean(**self.moments)
