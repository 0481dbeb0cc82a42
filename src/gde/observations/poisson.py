"""Poisson counts."""

import torch
from torch import Tensor

from gde.nn import SetNoise, csr_rows
from gde.observations.count_likelihood import CountLikelihood


class Poisson(CountLikelihood):
    r"""Poisson counts.

    .. math:: \log p(x) = -\mu + \big[x \log \mu - \log\Gamma(x + 1)\big]

    The means of a unit sum to its library size, and the bracket is zero at x = 0.

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_genes
        Number of genes.
    """

    def log_prob(self, x: Tensor, hidden: Tensor, library: Tensor) -> Tensor:
        """Log probability of each unit's counts in nats, shape (n_units,)."""
        rows, counts = csr_rows(x), x.values()
        log_mean = self.log_mean(hidden, library)[rows, x.col_indices()]
        return (-library).index_add(0, rows, counts * log_mean - torch.lgamma(counts + 1))

    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Counts of each unit, shape (n_units, n_genes)."""
        return noise.poisson(self.log_mean(hidden, library).exp())
