"""What covariates add to a network's first layer."""

import torch
from torch import Tensor, nn

from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.covariates import Covariates


class CovariateEffect(nn.Module):
    """Sum of one learnt vector per category and a linear map of the continuous covariates.

    It is added to the activation of a first layer, which equals concatenating one-hot codes to that layer's input. Effects start at
    zero.

    Parameters
    ----------
    sizes
        Which covariates there are.
    n_out
        Width of the layer that the effect is added to.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import CovariateEffect, Covariates, CovariateSizes
    >>> effect = CovariateEffect(CovariateSizes(n_categories=(2,)), 4)
    >>> effect(Covariates(torch.tensor([[0], [1]]), torch.zeros(2, 0))).shape
    torch.Size([2, 4])
    """

    def __init__(self, sizes: CovariateSizes, n_out: int):
        super().__init__()
        self.n_out = n_out
        self.categorical = nn.ModuleList(nn.Embedding(n, n_out) for n in sizes.n_categories)
        self.continuous = nn.Linear(sizes.n_continuous, n_out, bias=False) if sizes.n_continuous else None
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, covariates: Covariates) -> Tensor:
        """Effect of each unit's covariates, shape (n_units, n_out)."""
        effect = torch.zeros((), device=covariates.continuous.device).expand(len(covariates.continuous), self.n_out)
        for column, table in enumerate(self.categorical):
            effect = effect + table(covariates.categorical[:, column])
        if self.continuous is not None:
            effect = effect + self.continuous(covariates.continuous)
        return effect
