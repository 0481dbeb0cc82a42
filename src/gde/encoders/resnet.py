"""Units that hear of their set, layer by layer."""

from collections.abc import Sequence

from torch import Tensor, nn

from gde.encoders.embedding_head import embedding_head
from gde.encoders.set_encoder import SetEncoder
from gde.nn import MLP, SetBatch, segment_mean


class ResNet(SetEncoder):
    r"""Mean-pooled messages with skips: each layer adds to every unit a function of itself and of its set's mean.

    .. math::
        h_i^{0} = A x_i, \qquad
        h_i^{k+1} = h_i^k + f_k\big(\mathrm{LN}(h_i^k) + B_k m^k\big), \qquad
        m^k = \sum_i w_i h_i^k, \qquad
        z = \rho(\mathrm{LN}(m^K)).

    A layer costs one more pass over a large group. Fishman et al. 2025, arXiv 2505.18150, use mean-pooled residual networks too; the form here is
    our own. With noise, ρ ends in :class:`gde.nn.IntoBall`.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Width of the embedding.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of layers K.
    noise_sd
        Standard deviation of the noise that training adds to z, whose entries then have a root mean square of at most 1; 0: neither noise nor
        bound, for fresh sets without end.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import ResNet
    >>> from gde.nn import SetBatch
    >>> encoder = ResNet(n_features=2, n_latent=4)
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 4])
    """

    def __init__(
        self, n_features: int, n_latent: int, *, n_hidden: int = 128, n_layers: int = 3, noise_sd: float = 0.5
    ):
        super().__init__(n_features, n_latent)
        self.n_passes = n_layers + 1
        self.noise_sd = noise_sd
        self.input = nn.Linear(n_features, n_hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(n_hidden) for _ in range(n_layers))
        self.messages = nn.ModuleList(nn.Linear(n_hidden, n_hidden, bias=False) for _ in range(n_layers))
        self.layers = nn.ModuleList(MLP(n_hidden, n_hidden, n_hidden) for _ in range(n_layers))
        self.rho = embedding_head(nn.LayerNorm(n_hidden), MLP(n_hidden, n_hidden, n_latent), noise_sd=noise_sd)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """Hidden layer of each unit after as many layers as there are means, shape (n_units, n_hidden)."""
        hidden = self.input(units)
        for layer, mean in enumerate(means):
            hidden = self._advance(layer, hidden, mean, set_of_unit)
        return hidden

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """ρ of the last mean, shape (n_sets, n_latent)."""
        return self.rho(means[-1])

    def forward(self, batch: SetBatch) -> Tensor:
        """Embed the sets of a batch, shape (n_sets, n_latent); hidden layers are kept from pass to pass."""
        hidden = self.input(batch.units)
        mean = segment_mean(hidden, batch.set_of_unit, batch.weight, batch.n_sets)
        for layer in range(len(self.layers)):
            hidden = self._advance(layer, hidden, mean, batch.set_of_unit)
            mean = segment_mean(hidden, batch.set_of_unit, batch.weight, batch.n_sets)
        return self.head([mean])

    def _advance(self, layer: int, hidden: Tensor, mean: Tensor, set_of_unit: Tensor) -> Tensor:
        message = self.messages[layer](mean).index_select(0, set_of_unit)
        return hidden + self.layers[layer](self.norms[layer](hidden) + message)
