"""Embeddings on one scale, whatever the weights before them."""

import torch
from torch import Tensor, nn


class IntoBall(nn.Module):
    r"""Map vectors of width p into the ball of radius :math:`\sqrt p`.

    .. math:: u \mapsto u / \sqrt{\epsilon^2 + \lVert u \rVert^2 / p}, \qquad \epsilon = 0.01

    All but the shortest vectors end near the sphere, as LayerNorm would leave them, but the map is invertible, so that no dimension is lost
    and p = 1 and p = 2 work too. Noise of a fixed standard deviation, added to the result, cannot be made harmless by larger weights:
    that bounds what a vector can tell.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import IntoBall
    >>> IntoBall()(torch.tensor([[0.3, -0.4], [3e3, -4e3]])).norm(dim=1)
    tensor([1.4136, 1.4142])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Apply the map to the rows of ``x``, shape (n_vectors, p)."""
        return x / torch.sqrt(1e-4 + x.square().mean(1, keepdim=True))
