"""Mean-pooled deep sets."""

from collections.abc import Sequence

from torch import Tensor

from gde.encoders.embedding_head import embedding_head
from gde.encoders.set_encoder import SetEncoder
from gde.nn import MLP


class DeepSets(SetEncoder):
    r"""One network per unit, a mean over the set, one network per set.

    .. math:: z = \rho\Big(\sum_i w_i\, \varphi(x_i)\Big), \qquad \sum_i w_i = 1.

    With noise, ρ ends in :class:`gde.nn.IntoBall`, so that the noise has a fixed size beside z.

    Zaheer et al. 2017, arXiv 1703.06114, theorem 2, with the sum replaced by the mean, so that z depends on the empirical
    distribution and not on the number of units.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Width of the embedding.
    n_hidden
        Width of the hidden layers and of the pooled features.
    noise_sd
        Standard deviation of the noise that training adds to z, whose entries then have a root mean square of at most 1; 0: neither noise nor
        bound, for fresh sets without end.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import DeepSets
    >>> from gde.nn import SetBatch
    >>> encoder = DeepSets(n_features=2, n_latent=4)
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 4])
    """

    def __init__(self, n_features: int, n_latent: int, *, n_hidden: int = 128, noise_sd: float = 0.5):
        super().__init__(n_features, n_latent)
        self.phi = MLP(n_features, n_hidden, n_hidden)
        self.rho = embedding_head(MLP(n_hidden, n_hidden, n_latent), noise_sd=noise_sd)
        self.noise_sd = noise_sd

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """φ of each unit, shape (n_units, n_hidden)."""
        return self.phi(units)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """ρ of each set's mean, shape (n_sets, n_latent)."""
        return self.rho(means[0])
