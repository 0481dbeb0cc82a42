"""A network that maps units, given the embedding of their set."""

from torch import Tensor, nn

from gde.nn.context import Context
from gde.nn.covariate_sizes import CovariateSizes
from gde.nn.residual_block import ResidualBlock


class ConditionalNetwork(nn.Module):
    """A residual network that maps each unit's input, given its set's embedding and its covariates.

    Parameters
    ----------
    n_in, n_out
        Width of input and output.
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
    >>> from gde.nn import ConditionalNetwork, Covariates, CovariateSizes
    >>> network = ConditionalNetwork(3, 2, 4, CovariateSizes(), n_hidden=8, n_layers=1)
    >>> covariates = Covariates(torch.zeros(3, 0, dtype=torch.long), torch.zeros(3, 0))
    >>> context = network.context(torch.zeros(1, 4), torch.zeros(3, dtype=torch.long), covariates)
    >>> network(torch.randn(3, 3), context).shape
    torch.Size([3, 2])
    """

    def __init__(
        self, n_in: int, n_out: int, n_latent: int, covariates: CovariateSizes, *, n_hidden: int, n_layers: int
    ):
        super().__init__()
        self.input = nn.Linear(n_in, n_hidden)
        self.context = Context(n_latent, covariates, n_hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(n_hidden) for _ in range(n_layers)))
        self.output = nn.Sequential(nn.LayerNorm(n_hidden), nn.Linear(n_hidden, n_out))

    def forward(self, inputs: Tensor, context: Tensor) -> Tensor:
        """Map inputs, shape (n_units, n_in), to (n_units, n_out), given what ``self.context`` says of each unit."""
        return self.output(self.blocks(self.input(inputs) + context))
