"""Negative binomial counts."""

import torch
from torch import Tensor, nn

from gde.nn import SetNoise
from gde.observations.count_likelihood import CountLikelihood
from gde.observations.negative_binomial_log_prob import NegativeBinomialLogProb


class NegativeBinomial(CountLikelihood):
    r"""Negative binomial counts with one inverse dispersion :math:`\theta` per gene.

    .. math:: \log p(x) = -\theta \log(1 + \mu/\theta)
       + \big[x \log\tfrac{\mu/\theta}{1 + \mu/\theta} + \log\Gamma(x + \theta) - \log\Gamma(\theta) - \log\Gamma(x + 1)\big]

    The bracket is zero at x = 0, so it is evaluated at the stored counts only; the first term is dense.

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_genes
        Number of genes.
    """

    def __init__(self, n_hidden: int, n_genes: int):
        super().__init__(n_hidden, n_genes)
        self.log_theta = nn.Parameter(torch.ones(n_genes))

    def log_prob(self, x: Tensor, hidden: Tensor, library: Tensor) -> Tensor:
        """Log probability of each unit's counts in nats, shape (n_units,)."""
        layer = self.share.weight, self.share.bias
        # Sums over genes need more digits than half precision has.
        with torch.autocast(hidden.device.type, enabled=False):
            return NegativeBinomialLogProb.apply(hidden.to(self.log_theta), *layer, library, self.log_theta, x)

    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Counts of each unit, shape (n_units, n_genes): Poisson with a gamma-distributed rate."""
        mean, theta = self.log_mean(hidden, library).exp(), self.log_theta.exp()
        return noise.poisson(noise.gamma(theta.expand_as(mean)) * mean / theta)
