"""The network of generators that move vectors through time."""

from torch import Tensor

from gde.nn.conditional_network import ConditionalNetwork
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.time_embedding import TimeEmbedding


class VectorField(ConditionalNetwork):
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
        super().__init__(n_vectors, n_vectors, n_latent, covariates, n_hidden=n_hidden, n_layers=n_layers)
        self.time = TimeEmbedding(n_hidden)

    def forward(self, vectors: Tensor, time: Tensor, context: Tensor) -> Tensor:  # type: ignore[override]
        """Vectors, shape (n_units, n_vectors), at times in [0, 1], shape (n_units,), or (1,) if all have one time."""
        return super().forward(vectors, context + self.time(time))
