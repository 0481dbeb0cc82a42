"""How deep a unit is sequenced."""

import torch
from torch import Tensor, nn

from gde.nn import SetNoise


class LibrarySize(nn.Module):
    r"""Distribution of a unit's library size given its latent vector v and its group's embedding z.

    The log library size is a mixture of K normals, whose weights, means and scales are linear in (v, z):

    .. math:: p(\log \ell \mid v, z) = \sum_k \pi_k(v, z)\, N(\log \ell;\, \mu_k(v, z), \sigma_k(v, z)^2).

    It is fitted to the observed library sizes (Bishop 1994, mixture density networks) without changing v, and used when units are generated.

    Parameters
    ----------
    n_vectors
        Width of the latent vector v.
    n_latent
        Width of the embedding z.
    n_components
        Number of normals.
    """

    log_mean: Tensor
    log_sd: Tensor

    def __init__(self, n_vectors: int, n_latent: int, *, n_components: int = 3):
        super().__init__()
        self.linear = nn.Linear(n_vectors + n_latent, 3 * n_components)
        self.register_buffer("log_mean", torch.zeros(()))
        self.register_buffer("log_sd", torch.ones(()))

    def calibrate(self, library: Tensor) -> None:
        """Set location and scale from the library sizes of the training units, shape (n_units,)."""
        logs = torch.log(library)
        self.log_mean.copy_(logs.mean())
        self.log_sd.copy_(logs.std(correction=0).clamp_min(1e-2))

    def log_prob(self, library: Tensor, vectors: Tensor, z: Tensor) -> Tensor:
        """Log density of the standardised log library sizes, shape (n_units,); ``z`` has a row per unit."""
        return self._mixture(vectors, z).log_prob((torch.log(library) - self.log_mean) / self.log_sd)

    def sample(self, vectors: Tensor, z: Tensor, noise: SetNoise) -> Tensor:
        """Library sizes, shape (n_units,); ``z`` has a row per unit."""
        mixture = self._mixture(vectors, z)
        component = (noise.uniform(1) > mixture.mixture_distribution.probs.cumsum(1)[:, :-1]).sum(1, keepdim=True)
        normals = mixture.component_distribution
        mean, sd = (parameter.gather(1, component).squeeze(1) for parameter in (normals.mean, normals.stddev))
        return torch.exp((mean + sd * noise.normal(1).squeeze(1)) * self.log_sd + self.log_mean)

    def _mixture(self, vectors: Tensor, z: Tensor) -> torch.distributions.MixtureSameFamily:
        logits, mean, log_sd = self.linear(torch.cat([vectors, z], dim=1)).chunk(3, dim=1)
        normals = torch.distributions.Normal(mean, torch.exp(log_sd.clamp(-3, 2)), validate_args=False)
        weights = torch.distributions.Categorical(logits=logits, validate_args=False)
        return torch.distributions.MixtureSameFamily(weights, normals, validate_args=False)
