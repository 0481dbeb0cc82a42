"""How the embedding moves with the pooled means."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gde.encoders.set_encoder import SetEncoder


def head_derivatives(encoder: SetEncoder, means: Sequence[Tensor], directions: Tensor | None = None) -> list[Tensor]:
    r"""Partial derivatives of an encoder's head, :math:`\partial h / \partial m_k`, one vector–Jacobian product a direction.

    Parameters
    ----------
    encoder
        Any set encoder.
    means
        Pooled means of all passes, each (n_sets, width of the pass).
    directions
        What of the embedding to differentiate: its products with these rows, shape (n_directions, n_latent); None: each of its entries.

    Returns
    -------
    Derivatives for each pass, (n_sets, n_directions, width of the pass).

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Moments, head_derivatives
    >>> head_derivatives(Moments(1, 2), [torch.ones(3, 1), torch.ones(3, 1)])[0][0]
    tensor([[1.],
            [0.]])
    """
    leaves = [mean.detach().clone().requires_grad_() for mean in means]
    with torch.enable_grad():
        z = encoder.head(leaves)
    rows = torch.eye(encoder.n_latent).to(z) if directions is None else directions.to(z)
    products = [
        torch.autograd.grad(z, leaves, row.expand_as(z), retain_graph=True, materialize_grads=True) for row in rows
    ]
    return [torch.stack(of_pass, dim=1) for of_pass in zip(*products, strict=True)]
