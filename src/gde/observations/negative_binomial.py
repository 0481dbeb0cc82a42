"""Negative binomial counts."""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gde.nn import SetNoise, csr_rows
from gde.observations.count_likelihood import CountLikelihood


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
        ratio = self.log_mean(hidden, library) - self.log_theta
        zero_term = softplus(ratio) @ self.log_theta.exp()
        rows = csr_rows(x)
        at_stored = self.stored_term(x, ratio[rows, x.col_indices()])
        return (-zero_term).index_add(0, rows, at_stored)

    def stored_term(self, x: Tensor, ratio: Tensor) -> Tensor:
        r"""The bracket of the formula at each stored count, shape (nnz,), from :math:`\log \mu/\theta` there."""
        theta, genes, counts = self.log_theta.exp(), x.col_indices(), x.values()
        gammas = torch.lgamma(counts + theta[genes]) - torch.lgamma(theta)[genes] - torch.lgamma(counts + 1)
        return counts * (ratio - softplus(ratio)) + gammas

    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Counts of each unit, shape (n_units, n_genes): Poisson with a gamma-distributed rate."""
        mean, theta = self.log_mean(hidden, library).exp(), self.log_theta.exp()
        return noise.poisson(noise.gamma(theta.expand_as(mean)) * mean / theta)
