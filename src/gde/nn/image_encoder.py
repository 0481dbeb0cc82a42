"""Images to features."""

import math

from torch import Tensor, nn

from gde.nn.residual_convolution import ResidualConvolution

SMALLEST = 4  # height and width of the last layer are at most this


def n_halvings(shape: tuple[int, int, int]) -> int:
    """How often an image (channel, height, width) is halved until it is 4 × 4 or smaller."""
    return max(0, math.ceil(math.log2(max(shape[1:]) / SMALLEST)))


def n_channels_at(level: int, n_channels: int) -> int:
    """Number of channels of an image that was halved ``level`` times: twice as many each time, at most four times."""
    return n_channels * min(2**level, 4)


class ImageEncoder(nn.Module):
    """A small convolutional network without batch normalisation: halves images by strided convolutions, then one linear layer.

    Parameters
    ----------
    shape
        Shape of an image: channel, height, width.
    n_out
        Width of the features.
    n_channels
        Number of channels at full size, a multiple of 8.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import ImageEncoder
    >>> ImageEncoder((1, 8, 8), 16)(torch.zeros(3, 1, 8, 8)).shape
    torch.Size([3, 16])
    """

    def __init__(self, shape: tuple[int, int, int], n_out: int, *, n_channels: int = 16):
        super().__init__()
        layers: list[nn.Module] = []
        n_in, size = shape[0], list(shape[1:])
        for level in range(n_halvings(shape)):
            n_here = n_channels_at(level, n_channels)
            layers += [nn.Conv2d(n_in, n_here, 3, stride=2, padding=1), ResidualConvolution(n_here)]
            n_in, size = n_here, [math.ceil(pixels / 2) for pixels in size]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_in * math.prod(size), n_out))

    def forward(self, images: Tensor) -> Tensor:
        """Features, shape (n_units, n_out), of images (n_units, channel, height, width)."""
        return self.layers(images)
