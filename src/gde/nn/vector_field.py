"""The network of generators that move vectors through time."""

from torch import Tensor, nn

from gde.nn.covariate_effect import CovariateEffect
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.covariates import Covariates
from gde.nn.residual_block import ResidualBlock
from gde.nn.time_embedding import TimeEmbedding


class VectorField(nn.Module):
    """A residual network that gives each vector another one, from its time, its set's embedding and its covariates.

    Parameters
    ----------
    n_vectors
        Width of the vectors, in and out.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates there are.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of residual layers.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Covariates, CovariateSizes, VectorField
    >>> field = VectorField(2, 4, CovariateSizes(), n_hidden=8, n_layers=1)
    >>> covariates = Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0))
    >>> context = field.context(torch.zeros(1, 4), torch.zeros(3, dtype=torch.long), covariates)
    >>> field(torch.randn(3, 2), torch.rand(3), context).shape
    torch.Size([3, 2])
    """

    def __init__(self, n_vectors: int, n_latent: int, covariates: CovariateSizes, *, n_hidden: int, n_layers: int):
        super().__init__()
        self.input = nn.Linear(n_vectors, n_hidden)
        self.embedding = nn.Linear(n_latent, n_hidden, bias=False)
        self.covariate_effect = CovariateEffect(covariates, n_hidden)
        self.time = TimeEmbedding(n_hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(n_hidden) for _ in range(n_layers)))
        self.output = nn.Sequential(nn.LayerNorm(n_hidden), nn.Linear(n_hidden, n_vectors))

    def context(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates) -> Tensor:
        """What does not change with time, (n_units, n_hidden): z (n_sets, n_latent) is projected once per set."""
        return self.embedding(z).index_select(0, set_of_unit) + self.covariate_effect(covariates)

    def forward(self, vectors: Tensor, time: Tensor, context: Tensor) -> Tensor:
        """Vectors, shape (n_units, n_vectors), at times in [0, 1], shape (n_units,)."""
        return self.output(self.blocks(self.input(vectors) + context + self.time(time)))
