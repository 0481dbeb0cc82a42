"""The adjoint driver: how the embedding moves when units do."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from gde.encoders.head_derivatives import head_derivatives
from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


@torch.no_grad()
def total_derivatives(
    encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], n_sets: int, directions: Tensor | None = None
) -> tuple[list[Tensor], list[Tensor]]:
    r"""Pooled means of sets whose units come in chunks, and the total derivatives of the embeddings in them.

    A mean moves the embedding through the head and through the means of all later passes, whose features depend on it:

    .. math::
        A_k = \frac{\partial h}{\partial m_k} + \sum_{l > k} A_l \sum_i w_i \frac{\partial f_l(x_i; m_1, \dots, m_{l-1})}{\partial m_k}.

    This is the adjoint method (reverse accumulation) with the passes as its steps. From last to first, each pass but the first goes through the chunks once
    more, with one vector–Jacobian product a direction; nothing grows with the number of units. :func:`unit_influence` turns the result into
    influences.

    Parameters
    ----------
    encoder
        Any set encoder.
    chunks, n_sets
        See :func:`embed_chunks`; called 2 ``n_passes`` − 1 times.
    directions
        See :func:`head_derivatives`.

    Returns
    -------
    Means of each pass, (n_sets, width of the pass), and derivatives :math:`A_k`, (n_sets, n_directions, width of the pass).

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, total_derivatives
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(torch.tensor([[1.0], [3.0]]), torch.zeros(2, dtype=torch.long), torch.ones(2), 1)
    >>> means, derivatives = total_derivatives(Moments(1, 2), lambda: [batch], 1)
    >>> derivatives[1][0].round(decimals=2).tolist()  # of mean and standard deviation in the variance, 1
    [[0.0], [0.5]]
    """
    means = [mean.clone() for mean in pool_chunks(encoder, chunks, n_sets)]  # out of inference mode
    derivatives = head_derivatives(encoder, means, directions)
    for last in range(len(means) - 1, 0, -1):
        passed_on = _pull_back(encoder, chunks, means[:last], derivatives[last])
        derivatives[:last] = [own + more for own, more in zip(derivatives, passed_on, strict=False)]
    return means, derivatives


def _pull_back(
    encoder: SetEncoder, chunks: Callable[[], Iterable[SetBatch]], means: Sequence[Tensor], derivative: Tensor
) -> list[Tensor]:
    """What a pass with these means before it, whose own mean has this derivative, passes on to each of them."""
    n_sets, n_directions, _ = derivative.shape
    weight = torch.zeros(n_sets, dtype=torch.float64)
    sums = [torch.zeros(n_sets, n_directions, mean.shape[1], dtype=torch.float64) for mean in means]
    for chunk in chunks():
        sets, local = torch.unique(chunk.set_of_unit, return_inverse=True)  # a chunk holds few of many sets
        weight.index_add_(0, chunk.set_of_unit.cpu(), chunk.weight.cpu().double())
        leaves = [mean[sets].requires_grad_() for mean in means]
        with torch.enable_grad():
            features = encoder.features(chunk.units, leaves, local)
        if not features.requires_grad:
            continue  # a pass that does not look at the means
        for direction in range(n_directions):
            pulled = derivative[sets, direction].index_select(0, local) * chunk.weight.to(features)[:, None]
            products = torch.autograd.grad(features, leaves, pulled, retain_graph=True, allow_unused=True)
            for total, product in zip(sums, products, strict=True):
                if product is not None:
                    total[sets.cpu(), direction] += product.cpu().double()
    return [(total / weight.clamp_min(torch.finfo(torch.float64).tiny)[:, None, None]).to(derivative) for total in sums]
