"""Noise becomes vectors, trained by transport along random directions."""

import torch
from torch import Tensor

from gde.generators.implicit_generator import ImplicitGenerator
from gde.nn import sliced_wasserstein


class SlicedWasserstein(ImplicitGenerator):
    """An implicit generator trained by the sliced 2-Wasserstein distance (Deshpande et al. 2018, arXiv 1803.11188).

    Each of the first 16 units of a set brings a random direction. See :func:`gde.nn.sliced_wasserstein`; the parameters are those of
    :class:`gde.generators.ImplicitGenerator`.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import SlicedWasserstein
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> generator = SlicedWasserstein(n_vectors=2, n_latent=4)
    >>> generator.sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    MAX_DIRECTIONS = 16

    def distance(self, x: Tensor, y: Tensor, weight: Tensor, directions: Tensor) -> Tensor:
        """Sliced distance, times the root of the number of dimensions."""
        squared = sliced_wasserstein(x, weight, y, weight, directions[:, : self.MAX_DIRECTIONS])
        return torch.sqrt(squared + 1e-12)  # finite gradient where the sets coincide
