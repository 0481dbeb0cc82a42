"""Unit to latent vector and back to the last hidden layer."""

import torch
from torch import Tensor, nn

from gde.nn.context import Context
from gde.nn.covariate_effect import CovariateEffect
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.covariates import Covariates
from gde.nn.mlp import MLP
from gde.nn.set_noise import SetNoise


class UnitAutoencoder(nn.Module):
    r"""Variational autoencoder of single units, without its likelihood.

    ``encode`` gives the posterior :math:`q(v \mid x) = N(\mu, \sigma^2)` of a unit's latent vector, ``decode`` the hidden layer from which a
    likelihood reads its parameters. The group's embedding z and the covariates are projected once and added to the decoder's first
    layer. Kingma & Welling 2014, arXiv 1312.6114.

    Parameters
    ----------
    n_features
        Width of the features that are encoded.
    n_vectors
        Width of the latent vector v.
    n_latent
        Width of the embedding z.
    n_hidden
        Width of the hidden layers.
    covariates
        Which covariates there are.
    dropout_rate
        Share of the hidden activations that are dropped in training. A few thousand units are overfitted within minutes without it.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Covariates, CovariateSizes, SetNoise, UnitAutoencoder
    >>> autoencoder = UnitAutoencoder(6, 2, 3, 8, CovariateSizes())
    >>> covariates = Covariates(torch.zeros(4, 0, dtype=torch.long), torch.zeros(4, 0))
    >>> noise = SetNoise(seeds=[0], sizes=[4], device="cpu")
    >>> mean, sd = autoencoder.encode(torch.randn(4, 6), covariates, noise)
    >>> autoencoder.decode(mean, torch.zeros(1, 3), torch.zeros(4, dtype=torch.long), covariates, noise).shape
    torch.Size([4, 8])
    """

    def __init__(
        self,
        n_features: int,
        n_vectors: int,
        n_latent: int,
        n_hidden: int,
        covariates: CovariateSizes,
        *,
        dropout_rate: float = 0.1,
    ):
        super().__init__()
        self.dropout_rate = dropout_rate
        self.encoder_input = nn.Linear(n_features, n_hidden)
        self.encoder_covariates = CovariateEffect(covariates, n_hidden)
        self.encoder_output = nn.Linear(n_hidden, 2 * n_vectors)
        self.decoder_input = nn.Linear(n_vectors, n_hidden)
        self.decoder_context = Context(n_latent, covariates, n_hidden)
        self.decoder_norm = nn.LayerNorm(n_hidden)
        self.decoder_hidden = MLP(n_hidden, n_hidden)

    def encode(self, features: Tensor, covariates: Covariates, noise: SetNoise) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of the latent vectors, each (n_units, n_vectors)."""
        hidden = nn.functional.gelu(self.encoder_input(features) + self.encoder_covariates(covariates))
        mean, raw_sd = self.encoder_output(self._dropout(hidden, noise)).chunk(2, dim=1)
        return mean, nn.functional.softplus(raw_sd) + 1e-3

    def decode(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Hidden layer of each unit, (n_units, n_hidden), from its latent vector and its set's embedding z (n_sets, n_latent)."""
        context = self.decoder_context(z, set_of_unit, covariates)
        hidden = nn.functional.gelu(self.decoder_norm(self.decoder_input(vectors) + context))
        return self._dropout(hidden + nn.functional.gelu(self.decoder_hidden(hidden)), noise)

    @staticmethod
    def divergence(mean: Tensor, sd: Tensor) -> Tensor:
        r""":math:`KL(N(\mu, \sigma^2) \,\|\, N(0, I))` of each unit, shape (n_units,)."""
        return 0.5 * (mean**2 + sd**2 - 1 - 2 * torch.log(sd)).sum(1)

    def _dropout(self, values: Tensor, noise: SetNoise) -> Tensor:
        return noise.dropout(values, self.dropout_rate) if self.training else values
