"""Mean and covariance of a set."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from gde.encoders.fixed_encoder import FixedEncoder
from gde.nn import matrix_root


class Moments(FixedEncoder):
    r"""Mean and optionally the root of the covariance of the units of a set, the "pseudobulk" of the field; nothing is learnt.

    .. math::
        \mu = \sum_i w_i x_i, \qquad \Sigma = \sum_i w_i (x_i - \mu)(x_i - \mu)^\top, \qquad
        z = \big((\mu, \Sigma_\epsilon^{1/2}) - c\big) / s, \qquad \Sigma_\epsilon = \Sigma + \epsilon^2 I, \qquad \epsilon = 0.03,

    with c and s from the training sets, see :class:`FixedEncoder`. The root enters by its lower triangle, what is off the diagonal times
    :math:`\sqrt 2`, so that

    .. math:: s^2\,\lVert z - z' \rVert^2 = \lVert \mu - \mu' \rVert^2 + \lVert \Sigma_\epsilon^{1/2} - \Sigma_\epsilon'^{1/2} \rVert_F^2 :

    up to the floor ε, the squared W2 of two Gaussians whose covariances commute, and at least that of any two (Bhatia, Jain & Lim 2019, Expositiones
    Mathematicae 37). Distances of covariances do not follow it. The covariance is a pass of its own, around the mean, so that nothing cancels.

    Parameters
    ----------
    n_features
        Width p of a unit's features.
    n_latent
        p for the mean alone, or p (p + 3) / 2 for mean and root of the covariance.

    Raises
    ------
    ValueError
        If ``n_latent`` is neither.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(
    ...     torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 6.0], [2.0, 6.0]]),
    ...     torch.zeros(4).long(),
    ...     torch.ones(4),
    ...     n_sets=1,
    ... )
    >>> Moments(n_features=2, n_latent=5)(batch).round(decimals=2) + 0.0
    tensor([[1., 3., 1., 0., 3.]])
    """

    FLOOR = 0.03

    def __init__(self, n_features: int, n_latent: int):
        n_pairs = n_features * (n_features + 1) // 2
        widths = {n_features: [n_features], n_features + n_pairs: [n_features, n_pairs]}
        if n_latent not in widths:
            raise ValueError(
                f"The moments of {n_features} features are {n_features} means, or {n_features + n_pairs} numbers with the covariance: "
                f"pass `n_latent={n_features}` or `n_latent={n_features + n_pairs}`, not {n_latent}."
            )
        super().__init__(n_features, widths[n_latent])

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """The unit itself, then the products of its deviations from the mean, shape (n_units, width of the pass)."""
        return self.products(units - means[0].index_select(0, set_of_unit)) if means else units

    def products(self, deviation: Tensor) -> Tensor:
        """Products of the deviations of each unit, (n_units, p (p + 1) / 2): the lower triangle of a matrix."""
        row, column = torch.tril_indices(self.n_features, self.n_features, device=deviation.device)
        return deviation[:, row] * deviation[:, column]

    def statistics(self, means: Sequence[Tensor]) -> list[Tensor]:
        """The mean, and the root of the covariance."""
        return [means[0], *map(self._root, means[1:])]

    def _root(self, products: Tensor) -> Tensor:
        """Lower triangles of the roots, (n_sets, p (p + 1) / 2), from those of the covariances."""
        p = self.n_features
        row, column = torch.tril_indices(p, p, device=products.device)
        covariance = self.FLOOR**2 * torch.eye(p).to(products).expand(len(products), p, p)
        covariance = covariance.index_put(
            (torch.arange(len(products))[:, None], row, column), products, accumulate=True
        )
        covariance = covariance.tril() + covariance.tril(-1).mT
        factor = products.new_ones(len(row)).masked_fill(row != column, math.sqrt(2))
        return factor * matrix_root(covariance)[:, row, column]
