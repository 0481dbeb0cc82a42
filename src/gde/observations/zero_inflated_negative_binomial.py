"""Negative binomial counts with extra zeros."""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gde.nn import SetNoise, csr_rows
from gde.observations.negative_binomial import NegativeBinomial


class ZeroInflatedNegativeBinomial(NegativeBinomial):
    r"""A count is zero with probability :math:`\pi = \mathrm{sigmoid}(B h + b)`, negative binomial otherwise.

    .. math:: p(x) = \pi\,[x = 0] + (1 - \pi)\,NB(x; \mu, \theta)

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_genes
        Number of genes.
    """

    def __init__(self, n_hidden: int, n_genes: int):
        super().__init__(n_hidden, n_genes)
        self.zero_logit = nn.Linear(n_hidden, n_genes)

    def log_prob(self, x: Tensor, hidden: Tensor, library: Tensor) -> Tensor:
        """Log probability of each unit's counts in nats, shape (n_units,)."""
        logit = self.zero_logit(hidden)
        ratio = self.log_mean(hidden, library) - self.log_theta
        negative_binomial_zero = -softplus(ratio) * self.log_theta.exp()
        zero = torch.logaddexp(logit, negative_binomial_zero)  # log of π + (1 - π) NB(0), but for the normaliser of π

        rows, genes = csr_rows(x), x.col_indices()
        negative_binomial = negative_binomial_zero[rows, genes] + self._stored_term(x, ratio[rows, genes])
        at_stored = torch.where(x.values() > 0, negative_binomial - zero[rows, genes], 0.0)
        return (zero - softplus(logit)).sum(1).index_add(0, rows, at_stored)

    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Counts of each unit, shape (n_units, n_genes)."""
        counts = super().sample(hidden, library, noise)
        is_extra_zero = noise.uniform(counts.shape[1]) < torch.sigmoid(self.zero_logit(hidden))
        return counts.masked_fill(is_extra_zero, 0.0)

    def _stored_term(self, x: Tensor, ratio: Tensor) -> Tensor:
        r"""What NB(x) adds to NB(0) at each stored count, shape (nnz,), from :math:`\log \mu/\theta` there."""
        theta, genes, counts = self.log_theta.exp(), x.col_indices(), x.values()
        gammas = torch.lgamma(counts + theta[genes]) - torch.lgamma(theta)[genes] - torch.lgamma(counts + 1)
        return counts * (ratio - softplus(ratio)) + gammas
