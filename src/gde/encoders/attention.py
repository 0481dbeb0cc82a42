"""Learnt queries that look for units."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gde.encoders.embedding_head import embedding_head
from gde.encoders.set_encoder import SetEncoder
from gde.nn import MLP


class Attention(SetEncoder):
    r"""Pooling by attention: each of a few learnt queries takes its own weighted mean of the units' values.

    .. math::
        a_q(x) = \exp\big(c \tanh(k_q(x) / c)\big), \qquad
        p_q = \frac{\sum_i w_i\, a_q(x_i)\, v_q(x_i)}{\sum_i w_i\, a_q(x_i)}, \qquad
        z = \rho(p_1, \dots, p_Q).

    Pooling by multihead attention (Lee et al. 2019, arXiv 1810.00825, section 3.2) with the softmax written as a ratio of two means, so that it
    takes weights, streams and costs one pass. The bound c on the logits keeps the exponential in range without a running maximum.
    With noise, ρ ends in :class:`gde.nn.IntoBall`.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Width of the embedding.
    n_hidden
        Width of the hidden layers, and of the values of all queries together.
    n_queries
        Number of queries Q; divides ``n_hidden``.
    noise_sd
        Standard deviation of the noise that training adds to z, whose entries then have a root mean square of at most 1; 0: neither noise nor
        bound, for fresh sets without end.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Attention
    >>> from gde.nn import SetBatch
    >>> encoder = Attention(n_features=2, n_latent=4)
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 4])
    """

    BOUND = 5.0

    def __init__(
        self, n_features: int, n_latent: int, *, n_hidden: int = 128, n_queries: int = 8, noise_sd: float = 0.5
    ):
        super().__init__(n_features, n_latent)
        if n_hidden % n_queries:
            raise ValueError(f"`n_queries` must divide `n_hidden`, got {n_queries} and {n_hidden}.")
        self.n_queries = n_queries
        self.noise_sd = noise_sd
        self.phi = nn.Sequential(MLP(n_features, n_hidden, n_hidden), nn.GELU())
        self.keys = nn.Linear(n_hidden, n_queries)
        self.values = nn.Linear(n_hidden, n_hidden)
        self.rho = embedding_head(MLP(n_hidden, n_hidden, n_latent), noise_sd=noise_sd)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """Numerators and denominators of all queries, shape (n_units, n_hidden + n_queries)."""
        hidden = self.phi(units)
        attention = torch.exp(self.BOUND * torch.tanh(self.keys(hidden) / self.BOUND))
        values = self.values(hidden).unflatten(1, (self.n_queries, -1))
        return torch.cat([(attention[:, :, None] * values).flatten(1), attention], dim=1)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """ρ of the queries' means, shape (n_sets, n_latent)."""
        numerator, denominator = means[0][:, : -self.n_queries], means[0][:, -self.n_queries :]
        denominator = denominator.clamp_min(torch.finfo(denominator.dtype).tiny)  # a set without units has none
        return self.rho((numerator.unflatten(1, (self.n_queries, -1)) / denominator[:, :, None]).flatten(1))
