"""A pre-norm residual layer of images."""

import torch
from torch import Tensor, nn


class ResidualConvolution(nn.Module):
    """``x + conv(GELU(GroupNorm(x)))``: normalises each unit by itself (Wu & He 2018, arXiv 1803.08494), so sets and batches never mix.

    What is added to passes unchanged, so that brightness, which the norm takes away, goes on beside it.

    Parameters
    ----------
    n_channels
        Number of channels, in and out; a multiple of 8.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import ResidualConvolution
    >>> ResidualConvolution(8)(torch.zeros(2, 8, 5, 5)).shape
    torch.Size([2, 8, 5, 5])
    """

    def __init__(self, n_channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(n_channels // 8, n_channels)
        self.convolution = nn.Conv2d(n_channels, n_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to ``x``, shape (n_units, n_channels, height, width)."""
        return x + self.convolution(torch.nn.functional.gelu(self.norm(x)))
