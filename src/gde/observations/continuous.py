"""Units that are plain vectors: principal components, a foundation model's embedding, morphometry."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from gde.nn import Covariates, CovariateSizes, SetNoise, UnitAutoencoder
from gde.observations.frame import Frame
from gde.observations.normal import Normal
from gde.observations.observation import Observation


class Continuous(Observation):
    """Real vectors, standardised by the mean and standard deviation of the training units.

    The generator models the standardised units themselves. A generator that needs a standard normal latent (``cvae``) gets a unit
    autoencoder with a normal likelihood of learnt variance in between.

    Parameters
    ----------
    n_vars
        Width of a unit.
    n_vectors
        Width of the latent vector of a unit, if there is an autoencoder.
    n_latent
        Width of the embedding of a group.
    has_autoencoder
        Whether units go through an autoencoder.
    covariates
        Which covariates the autoencoder takes.
    n_hidden
        Width of the autoencoder's hidden layers.
    location_scale
        Whether the generator, or the autoencoder, models units relative to a mean and standard deviations that are predicted from z.
    is_part
        Whether this is a part of a :class:`Joint`, which has the unit autoencoder.
    common_scale
        Whether all variables are divided by the same number, the root of their mean variance. Their proportions are then kept: right for
        features that someone has scaled on purpose, such as principal components, one-hot letters or a network's embedding.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Continuous
    >>> Continuous(n_vars=3, n_vectors=2, n_latent=4).featurise(torch.randn(5, 3)).shape
    torch.Size([5, 3])
    """

    mean: Tensor
    sd: Tensor

    def __init__(
        self,
        n_vars: int,
        n_vectors: int,
        n_latent: int,
        *,
        has_autoencoder: bool = False,
        covariates: CovariateSizes | None = None,
        n_hidden: int = 128,
        location_scale: bool = False,
        is_part: bool = False,
        common_scale: bool = False,
    ):
        super().__init__()
        self.common_scale = common_scale
        self.n_vars = self.n_features = self.n_fixed_features = n_vars
        self.n_vectors = n_vectors if has_autoencoder else n_vars
        self.register_buffer("mean", torch.zeros(n_vars))
        self.register_buffer("sd", torch.ones(n_vars))
        self.frame = Frame(n_latent, n_vars) if location_scale else None
        self.autoencoder: UnitAutoencoder | None = None
        if has_autoencoder:
            self.autoencoder = UnitAutoencoder(n_vars, n_vectors, n_latent, n_hidden, covariates or CovariateSizes())
        if has_autoencoder or is_part:
            self.likelihood = Normal(n_hidden, n_vars)

    @torch.no_grad()
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set mean and standard deviation of each variable from the training units."""
        n_units, total = 0, torch.zeros_like(self.mean, dtype=torch.float64)
        for x in map(_dense, chunks()):
            n_units, total = n_units + len(x), total + x.double().sum(0)
        mean = total / n_units
        squares = torch.zeros_like(total)
        for x in map(_dense, chunks()):
            squares += ((x - mean) ** 2).sum(0)
        sd = torch.sqrt(squares / n_units)
        if self.common_scale:
            sd = sd.square().mean().sqrt().expand_as(sd)
        self.mean.copy_(mean)
        # A variable that never changes stays as it is: dividing by its rounding error would make noise of it.
        self.sd.copy_(torch.where(sd > 1e-6 * (1 + mean.abs()), sd, torch.ones_like(sd)))

    def featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Standardised units, shape (n_units, n_vars); a variable that was not measured gets the training mean."""
        features = (_dense(x) - self.mean) / self.sd
        return features if observed is None else features * observed

    def score(
        self, x: Tensor, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Standardised units; with an autoencoder, latent vectors with reconstruction and divergence. A frame adds its own term."""
        terms = {}
        if self.frame is not None:
            terms["frame"] = -self.frame.log_prob(features, z, set_of_unit)
            features = self.frame.enter(features, z, set_of_unit)
        if self.autoencoder is None:
            return features, terms
        mean, sd = self.autoencoder.encode(features, covariates, noise)
        vectors = mean + sd * noise.normal(self.n_vectors)
        hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
        return vectors, terms | {
            "reconstruction": -self.likelihood.log_prob(features, hidden),
            "kl": self.autoencoder.divergence(mean, sd),
        }

    def coordinates(self, features: Tensor, vectors: Tensor) -> Tensor:
        """The standardised units: vectors may be relative to a group's own frame."""
        return features

    def sample(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise, **kwargs: Any
    ) -> Tensor:
        """Units in their own scale, shape (n_units, n_vars)."""
        if self.autoencoder is not None:
            hidden = self.autoencoder.decode(vectors, z, set_of_unit, covariates, noise)
            vectors = self.likelihood.sample(hidden, noise)
        if self.frame is not None:
            vectors = self.frame.leave(vectors, z, set_of_unit)
        return vectors * self.sd + self.mean

    def terms(self, x: Tensor, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> dict[str, Tensor]:
        """Reconstruction of each unit from the decoder's hidden layer."""
        return {"reconstruction": -self.likelihood.log_prob(self.featurise(x), hidden)}

    def draw(self, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> Tensor:
        """Units in their own scale from the decoder's hidden layer."""
        return self.likelihood.sample(hidden, noise) * self.sd + self.mean


def _dense(x: Tensor) -> Tensor:
    return x if x.layout == torch.strided else x.to_dense()
