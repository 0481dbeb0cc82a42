"""What every likelihood of counts is."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from gde.nn import SetNoise


class CountLikelihood(nn.Module, ABC):
    r"""Distribution of a unit's counts given the decoder's last hidden layer h and the library size :math:`\ell`.

    The mean is :math:`\mu = \ell\,\mathrm{softmax}(A h + a)`, as in scVI (Lopez et al. 2018, doi 10.1038/s41592-018-0229-2). Counts are sparse: what a
    zero count contributes is summed over all genes by dense arithmetic, and only the difference is computed at the stored counts.

    Parameters
    ----------
    n_hidden
        Width of the hidden layer.
    n_genes
        Number of genes.
    """

    def __init__(self, n_hidden: int, n_genes: int):
        super().__init__()
        self.share = nn.Linear(n_hidden, n_genes)

    def log_mean(self, hidden: Tensor, library: Tensor) -> Tensor:
        """Log of the expected counts, shape (n_units, n_genes)."""
        return torch.log_softmax(self.share(hidden), dim=1) + torch.log(library)[:, None]

    @abstractmethod
    def log_prob(self, x: Tensor, hidden: Tensor, library: Tensor) -> Tensor:
        """Log probability of each unit's counts in nats, shape (n_units,).

        Parameters
        ----------
        x
            Counts in CSR layout, shape (n_units, n_genes).
        hidden
            Hidden layer, shape (n_units, n_hidden).
        library
            Library sizes, shape (n_units,), positive.
        """

    @abstractmethod
    def sample(self, hidden: Tensor, library: Tensor, noise: SetNoise) -> Tensor:
        """Counts of each unit, shape (n_units, n_genes)."""
