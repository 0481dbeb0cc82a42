"""What a network is told of each unit beside its input."""

from torch import Tensor, nn

from gde.nn.covariate_effect import CovariateEffect
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.covariates import Covariates


class Context(nn.Module):
    """What the embedding of a unit's set and the unit's covariates add to the activation of a layer.

    The embedding is projected once per set, which equals concatenating it to each unit's input and costs less.

    Parameters
    ----------
    n_latent
        Width of the embedding z.
    covariates
        Which covariates there are.
    n_out
        Width of the layer.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Context, Covariates, CovariateSizes
    >>> covariates = Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0))
    >>> context = Context(4, CovariateSizes(), n_out=8)
    >>> context(torch.zeros(1, 4), torch.zeros(3, dtype=torch.long), covariates).shape
    torch.Size([3, 8])
    """

    def __init__(self, n_latent: int, covariates: CovariateSizes, n_out: int):
        super().__init__()
        self.embedding = nn.Linear(n_latent, n_out, bias=False)
        self.covariate_effect = CovariateEffect(covariates, n_out)

    def forward(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """What is added, shape (n_units, n_out), from the embeddings (n_sets, n_latent) and the set of each unit (n_units,)."""
        return self.embedding(z).index_select(0, set_of_unit) + self.covariate_effect(covariates)
