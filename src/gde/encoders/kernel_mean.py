"""The mean of random features: a kernel mean embedding."""

import math
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from gde.encoders.fixed_encoder import FixedEncoder
from gde.nn import SetBatch

N_UNITS = 1000  # half a million distances tell their median well


class KernelMean(FixedEncoder):
    r"""Kernel mean embedding by random Fourier features; nothing is learnt.

    .. math::
        m = \sum_i w_i \sqrt{2 / D}\,\cos(\omega x_i / \sigma + b), \qquad \omega \sim N(0, I), \qquad b \sim U(0, 2\pi), \qquad z = (m - c) / s.

    Distances of m approximate the maximum mean discrepancy with the Gaussian kernel :math:`\exp(-\lVert x - y \rVert^2 / 2\sigma^2)` (Rahimi & Recht
    2007; Muandet et al. 2017, arXiv 1605.09522, section 3.1), and those of z are proportional to them. The bandwidth :math:`\sigma` is the median
    distance between training units; c and s come from the training sets too, see :class:`FixedEncoder`. Both are set by :meth:`calibrate`.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Number of random features D. The approximation's error falls like :math:`1 / \sqrt D`: some hundreds are usual.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import KernelMean
    >>> from gde.nn import SetBatch
    >>> encoder = KernelMean(n_features=2, n_latent=64)
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder.calibrate(lambda: [batch])
    >>> encoder(batch).shape
    torch.Size([2, 64])
    """

    frequency: Tensor
    phase: Tensor
    bandwidth: Tensor

    def __init__(self, n_features: int, n_latent: int):
        super().__init__(n_features, [n_latent])
        self.register_buffer("frequency", torch.randn(n_features, n_latent))
        self.register_buffer("phase", 2 * math.pi * torch.rand(n_latent))
        self.register_buffer("bandwidth", torch.ones(()))

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Set the bandwidth, then shift and scale."""
        distances = torch.pdist(_some_units(chunks))
        positive = distances[distances > 0]
        if len(positive):
            self.bandwidth.copy_(positive.median())
        super().calibrate(chunks)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """Random features of each unit, shape (n_units, n_latent)."""
        angle = (units / self.bandwidth) @ self.frequency + self.phase
        return math.sqrt(2 / self.n_latent) * torch.cos(angle)


def _some_units(chunks: Callable[[], Iterable[SetBatch]]) -> Tensor:
    """At most ``N_UNITS`` units, evenly spaced."""
    stride = -(-sum(chunk.n_units for chunk in chunks()) // N_UNITS)
    taken, start = [], 0
    for chunk in chunks():
        taken.append(chunk.units[-start % stride :: stride])
        start += chunk.n_units
    return torch.cat(taken)
