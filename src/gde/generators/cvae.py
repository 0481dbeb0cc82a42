"""The standard normal prior of a conditional variational autoencoder."""

from torch import Tensor

from gde.generators.generator import Generator
from gde.nn import Covariates, SetNoise


class CVAE(Generator):
    r"""Latent vectors are standard normal, whatever z: :math:`p(v \mid z) = N(0, I)`.

    The group then shapes the units through the decoder alone, and the unit autoencoder is the conditional variational autoencoder of
    Sohn, Lee & Yan 2015 with z as its condition. There is nothing to learn here, and the divergence that the autoencoder pays with weight 1
    has :math:`-\log p(v \mid z)` in it already: ``loss`` is 0, so that the loss of a model is its negative evidence lower bound.

    Examples
    --------
    >>> import torch
    >>> from gde.generators import CVAE
    >>> from gde.nn import Covariates, SetNoise
    >>> covariates = Covariates(torch.zeros(5, 0, dtype=torch.long), torch.zeros(5, 0))
    >>> noise = SetNoise(seeds=[0, 1], sizes=[3, 2], device="cpu")
    >>> CVAE(n_vectors=2, n_latent=4).sample(torch.zeros(2, 4), torch.tensor([0, 0, 0, 1, 1]), covariates, noise).shape
    torch.Size([5, 2])
    """

    needs_autoencoder = True
    kl_weight = 1.0

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Zeros, shape (n_sets,)."""
        return vectors.new_zeros(len(z))

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Standard normal vectors, shape (n_units, n_vectors)."""
        return noise.normal(self.n_vectors)
