"""Noise becomes vectors, trained by entropic transport."""

import torch
from torch import Tensor

from gde.generators.implicit_generator import ImplicitGenerator
from gde.nn import sinkhorn


class Sinkhorn(ImplicitGenerator):
    """An implicit generator trained by Sinkhorn's approximation of the 2-Wasserstein distance (Genevay et al. 2018, arXiv 1706.00292).

    See :func:`gde.nn.sinkhorn`. The distance is the root of the transport cost, as in Salimans et al. 2018, arXiv 1803.05573: the two
    terms by which the Sinkhorn divergence differs from it would double the time, and the mixture of the tests is learnt as well
    without. The parameters are those of :class:`gde.generators.ImplicitGenerator`.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import Sinkhorn
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = Sinkhorn(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    def distance(self, x: Tensor, y: Tensor, weight: Tensor, directions: Tensor) -> Tensor:
        """Root of the entropic transport cost."""
        squared = sinkhorn(x, weight, y, weight, debias=False)
        return torch.sqrt(squared.clamp_min(0) + 1e-12)  # finite gradient where the sets coincide
