"""Noise becomes vectors, trained by transport along random directions."""

from torch import Tensor

from gde.generators.implicit_generator import ImplicitGenerator
from gde.nn import sliced_wasserstein


class SlicedWasserstein(ImplicitGenerator):
    """An implicit generator trained by the squared sliced 2-Wasserstein distance (Deshpande et al. 2018, arXiv 1803.11188).

    Each of the first 32 units of a set brings a random direction. See :func:`gde.nn.sliced_wasserstein`; the parameters are those of
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

    MAX_DIRECTIONS = 32

    def distance(self, x: Tensor, y: Tensor, weight: Tensor, directions: Tensor) -> Tensor:
        """Squared sliced distance, times the number of dimensions."""
        return sliced_wasserstein(x, weight, y, weight, directions[:, : self.MAX_DIRECTIONS])
