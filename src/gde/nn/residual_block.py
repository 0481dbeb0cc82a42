"""A pre-norm residual layer."""

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """``x + MLP(LayerNorm(x))``: normalises each unit by itself, so sets and batches never mix.

    Parameters
    ----------
    n_features
        Width of input, hidden layer and output.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import ResidualBlock
    >>> ResidualBlock(4)(torch.zeros(2, 4)).shape
    torch.Size([2, 4])
    """

    def __init__(self, n_features: int):
        super().__init__()
        self.norm = nn.LayerNorm(n_features)
        self.inner = nn.Linear(n_features, n_features)
        self.outer = nn.Linear(n_features, n_features)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to ``x``, shape (n_units, n_features)."""
        return x + self.outer(torch.nn.functional.gelu(self.inner(self.norm(x))))
