"""Brightness and contrast of single images."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


class Exposure(nn.Module):
    r"""Takes brightness and contrast out of each image, and puts them back.

    .. math:: u = (x - m) / s, \qquad s^2 = \mathrm{var}(x) + \epsilon^2,

    with mean m and variance over the pixels of each channel of one image, and :math:`\epsilon` a hundredth of the value range. The exposure is
    :math:`(m, \log s)`, standardised by its mean and standard deviation over the training units. So a dim image has its details as sharp as a bright
    one, and networks that normalise their layers do not lose what the norm takes away.

    Parameters
    ----------
    n_channels
        Number of channels of an image.
    value_range
        Smallest and largest value that a pixel can have.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Exposure
    >>> exposure, x = Exposure(1, (0, 255)), 255 * torch.rand(5, 1, 8, 8)
    >>> relative, values = exposure.take(x)
    >>> values.shape
    torch.Size([5, 2])
    >>> torch.allclose(exposure.give(relative, values), x, atol=1e-3)
    True
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, n_channels: int, value_range: tuple[float, float]):
        super().__init__()
        self.floor = 0.01 * (value_range[1] - value_range[0])
        self.register_buffer("mean", torch.zeros(2 * n_channels))
        self.register_buffer("sd", torch.ones(2 * n_channels))

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set the constants from the training units."""
        values = torch.cat([self._measure(x) for x in chunks()])
        self.mean.copy_(values.mean(0))
        sd = values.std(0, correction=0)
        self.sd.copy_(torch.where(sd > 1e-6, sd, torch.ones_like(sd)))

    def take(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images without exposure, of the shape of ``x`` (n_units, channel, height, width), and exposures, (n_units, 2 × channel)."""
        values = self._measure(x)
        mean, log_sd = values[:, :, None, None].chunk(2, dim=1)
        return (x - mean) * torch.exp(-log_sd), (values - self.mean) / self.sd

    def give(self, relative: Tensor, exposure: Tensor) -> Tensor:
        """The inverse of :meth:`take`."""
        mean, log_sd = (exposure * self.sd + self.mean)[:, :, None, None].chunk(2, dim=1)
        return mean + torch.exp(log_sd) * relative

    def _measure(self, x: Tensor) -> Tensor:
        """Mean and log standard deviation of each channel of each image."""
        pixels = x.flatten(2)
        variance = pixels.var(2, correction=0) + self.floor**2
        return torch.cat([pixels.mean(2), 0.5 * torch.log(variance)], dim=1)
