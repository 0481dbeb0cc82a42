"""Mean and covariance of a set."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gde.encoders.fixed_encoder import FixedEncoder


class Moments(FixedEncoder):
    r"""Mean and optionally covariance of the units of a set, the "pseudobulk" of the field; nothing is learnt.

    .. math:: m_1 = \sum_i w_i x_i, \qquad m_2 = \sum_i w_i\,\mathrm{tril}\big((x_i - m_1)(x_i - m_1)^\top\big), \qquad z = \big((m_1, m_2) - c\big) / s,

    with c and s from the training sets, see :class:`FixedEncoder`. The covariance is a pass of its own, around the mean, so that nothing cancels.

    Parameters
    ----------
    n_features
        Width p of a unit's features.
    n_latent
        p for the mean alone, or p (p + 3) / 2 for mean and covariance.

    Raises
    ------
    ValueError
        If ``n_latent`` is neither.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(torch.tensor([[0.0, 0.0], [2.0, 4.0]]), torch.tensor([0, 0]), torch.ones(2), n_sets=1)
    >>> Moments(n_features=2, n_latent=5)(batch)
    tensor([[1., 2., 1., 2., 4.]])
    """

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
        if not means:
            return units
        deviation = units - means[0].index_select(0, set_of_unit)
        row, column = torch.tril_indices(self.n_features, self.n_features, device=units.device)
        return deviation[:, row] * deviation[:, column]
