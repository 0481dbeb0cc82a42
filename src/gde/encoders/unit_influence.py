"""How each unit moves the embedding of its set."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gde.encoders.mapped_deviations import mapped_deviations
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


@torch.no_grad()
def unit_influence(
    encoder: SetEncoder, chunk: SetBatch, means: Sequence[Tensor], derivatives: Sequence[Tensor]
) -> Tensor:
    r"""The influence function of each unit of a chunk: the derivative of z as weight moves from the set to the unit.

    .. math:: \mathrm{IF}_i = \sum_k A_k \big(f_k(x_i; m_1, \dots, m_{k-1}) - m_k\big), \qquad \sum_i w_i\, \mathrm{IF}_i = 0.

    Hampel 1974, "The influence curve and its role in robust estimation", JASA 69. The influence does not know how much a unit weighs: leaving it out
    moves z by :math:`-w_i\,\mathrm{IF}_i / (1 - w_i)` to first order.

    Parameters
    ----------
    encoder
        Any set encoder.
    chunk
        Some units of the sets.
    means, derivatives
        From :func:`total_derivatives`.

    Returns
    -------
    Influences, shape (n_units, n_directions).

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, total_derivatives, unit_influence
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(torch.tensor([[1.0], [2.0], [6.0]]), torch.zeros(3, dtype=torch.long), torch.ones(3), 1)
    >>> encoder = Moments(1, 2)
    >>> unit_influence(encoder, batch, *total_derivatives(encoder, lambda: [batch], 1))[:, 0]
    tensor([-2., -1.,  3.])
    """
    influence = chunk.units.new_zeros(chunk.n_units, derivatives[0].shape[1])
    for k, (mean, derivative) in enumerate(zip(means, derivatives, strict=True)):
        features = encoder.features(chunk.units, means[:k], chunk.set_of_unit)
        influence += mapped_deviations(features, chunk.set_of_unit, mean, derivative)
    return influence
