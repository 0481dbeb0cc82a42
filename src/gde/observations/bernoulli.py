"""Sites that are open or not."""

import torch
from torch import Tensor

from gde.nn import SetNoise, csr_rows
from gde.observations.count_likelihood import CountLikelihood

SMALL = -6.0  # log of a mean below which a series is more exact
HIGHEST = 5.0  # log of a mean: e^5 counts are seen for certain


class Bernoulli(CountLikelihood):
    r"""Ones where a Poisson count that was not kept is at least one: accessible sites of chromatin.

    .. math:: p(x = 1) = 1 - e^{-\mu}, \qquad \log p(x) = -\sum_g \mu_g + \sum_{g:\, x_g = 1} \log(e^{\mu_g} - 1),
       \qquad \mu = \ell\, e^{A h + a}

    Fragments of open chromatin are counted with a rate in proportion to the depth :math:`\ell`, of which the number of ones is the measure (Martens et
    al. 2023, doi 10.1038/s41592-023-02112-6, on what binary values lose of the counts). The shares do not sum to one here, as they do for counts: the deeper a unit, the more
    of its fragments fall on a site that is open already. The second sum is over ones alone.

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_genes
        Number of sites.
    """

    def log_mean(self, hidden: Tensor, library: Tensor) -> Tensor:
        """Log of the expected counts behind the ones, shape (n_units, n_genes)."""
        return (self.share(hidden) + torch.log(library)[:, None]).clamp(max=HIGHEST)

    def log_prob(self, x: Tensor, hidden: Tensor, library: Tensor) -> Tensor:
        """Log probability of each unit's ones and zeros in nats, shape (n_units,)."""
        log_mean = self.log_mean(hidden, library)
        rows = csr_rows(x)
        at_stored = log_mean.reshape(-1).index_select(0, rows * x.shape[1] + x.col_indices())
        is_small = at_stored < SMALL
        mean = torch.exp(at_stored.clamp(min=SMALL))
        log_one_minus_zero = torch.where(is_small, at_stored - torch.exp(at_stored) / 2, torch.log(-torch.expm1(-mean)))
        gain = torch.where(x.values() > 0, log_one_minus_zero + torch.exp(at_stored), 0.0)
        return (-torch.exp(log_mean).sum(1)).index_add(0, rows, gain)

    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Ones and zeros, shape (n_units, n_genes)."""
        mean = torch.exp(self.log_mean(hidden, library))
        return (noise.uniform(mean.shape[1]) < -torch.expm1(-mean)).to(mean.dtype)
