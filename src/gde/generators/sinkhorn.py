"""Noise becomes vectors, trained by entropic transport."""

from torch import Tensor

from gde.generators.implicit_generator import ImplicitGenerator
from gde.nn import sinkhorn


class Sinkhorn(ImplicitGenerator):
    """An implicit generator trained by the Sinkhorn divergence (Genevay et al. 2018, arXiv 1706.00292).

    See :func:`gde.nn.sinkhorn`. The two terms by which the divergence differs from the transport cost depend on one set each: they
    cancel in the loss and are not computed, which leaves that of Salimans et al. 2018, arXiv 1803.05573. The parameters are those of
    :class:`gde.generators.ImplicitGenerator`.

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
        """Entropic transport cost."""
        return sinkhorn(x, weight, y, weight, debias=False)
