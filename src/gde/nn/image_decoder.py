"""Features to images."""

import math

from torch import Tensor, nn

from gde.nn.image_encoder import n_channels_at, n_halvings
from gde.nn.residual_convolution import ResidualConvolution


class ImageDecoder(nn.Module):
    """The way back from :class:`ImageEncoder`: one linear layer, then doubling by interpolation and convolutions.

    The last doubling rearranges channels as pixels (Shi et al. 2016, arXiv 1609.05158), which spares the dearest convolutions.

    Parameters
    ----------
    n_in
        Width of the features.
    shape
        Shape of an image: channel, height, width.
    n_channels
        Number of channels at full size, a multiple of 8.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import ImageDecoder
    >>> ImageDecoder(16, (1, 9, 7))(torch.zeros(3, 16)).shape
    torch.Size([3, 1, 9, 7])
    """

    def __init__(self, n_in: int, shape: tuple[int, int, int], *, n_channels: int = 16):
        super().__init__()
        self.shape = shape
        n_levels = n_halvings(shape)
        size = [math.ceil(pixels / 2**n_levels) for pixels in shape[1:]]
        n_here = n_channels_at(n_levels, n_channels)
        layers: list[nn.Module] = [nn.Linear(n_in, n_here * math.prod(size)), nn.Unflatten(1, (n_here, *size))]
        for level in reversed(range(1, n_levels)):
            n_next = n_channels_at(level, n_channels)
            layers += [
                ResidualConvolution(n_here),
                nn.Conv2d(n_here, 4 * n_next, 1),
                nn.PixelShuffle(2),
            ]
            n_here = n_next
        block = 2 if n_levels else 1
        last = nn.Conv2d(n_here, shape[0] * block**2, 3, padding=1)
        self.layers = nn.Sequential(*layers, nn.GroupNorm(n_here // 8, n_here), nn.GELU(), last, nn.PixelShuffle(block))

    def forward(self, features: Tensor) -> Tensor:
        """Images, shape (n_units, channel, height, width), of features (n_units, n_in)."""
        return self.layers(features)[:, :, : self.shape[1], : self.shape[2]]
