"""Normal likelihood of continuous units."""

import math

import torch
from torch import Tensor, nn

from gde.nn import SetNoise


class Normal(nn.Module):
    r"""Independent normals whose mean and scale are read from the decoder's last hidden layer.

    .. math:: \log p(x) = -\tfrac12 \sum_j \Big[\big((x_j - \mu_j)/\sigma_j\big)^2 + 2\log\sigma_j + \log 2\pi\Big]

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_vars
        Width of a unit.
    """

    def __init__(self, n_hidden: int, n_vars: int):
        super().__init__()
        self.mean = nn.Linear(n_hidden, n_vars)
        self.log_sd = nn.Linear(n_hidden, n_vars)

    def log_prob(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Log density of each unit, shape (n_units,)."""
        return self.log_density(x, *self.mean_and_log_sd(hidden))

    def sample(self, hidden: Tensor, noise: SetNoise) -> Tensor:
        """Units with the noise of the likelihood: the mean alone would be under-dispersed. Shape (n_units, n_vars)."""
        mean, log_sd = self.mean_and_log_sd(hidden)
        return mean + torch.exp(log_sd) * noise.normal(mean.shape[1])

    @staticmethod
    def log_density(x: Tensor, mean: Tensor, log_sd: Tensor) -> Tensor:
        """The formula, shape (n_units,)."""
        return -0.5 * (((x - mean) * torch.exp(-log_sd)) ** 2 + 2 * log_sd + math.log(2 * math.pi)).sum(1)

    def mean_and_log_sd(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The parameters, each (rows of ``hidden``, n_vars)."""
        return self.mean(hidden), self.log_sd(hidden).clamp(-5, 3)
