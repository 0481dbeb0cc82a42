"""Time as features."""

import math

import torch
from torch import Tensor, nn


class TimeEmbedding(nn.Module):
    """Sines and cosines of a time in [0, 1] at log-spaced frequencies, then a small network.

    Parameters
    ----------
    n_out
        Width of the embedding.
    n_frequencies
        Number of frequencies, from 1 to 1000 radians per unit of time.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import TimeEmbedding
    >>> TimeEmbedding(8)(torch.rand(5)).shape
    torch.Size([5, 8])
    """

    frequencies: Tensor

    def __init__(self, n_out: int, *, n_frequencies: int = 16):
        super().__init__()
        self.register_buffer("frequencies", torch.exp(torch.linspace(0.0, math.log(1000.0), n_frequencies)))
        self.network = nn.Sequential(nn.Linear(2 * n_frequencies, n_out), nn.GELU(), nn.Linear(n_out, n_out))

    def forward(self, time: Tensor) -> Tensor:
        """Embed ``time``, shape (n_units,), to (n_units, n_out)."""
        angle = time[:, None] * self.frequencies
        return self.network(torch.cat([angle.sin(), angle.cos()], dim=1))
