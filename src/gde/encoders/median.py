"""A set's centre that outliers do not move."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gde.encoders.embedding_head import embedding_head
from gde.encoders.set_encoder import SetEncoder
from gde.nn import MLP


class Median(SetEncoder):
    r"""Deep sets with the geometric median in place of the mean.

    .. math:: m = \arg\min_m \sum_i w_i \sqrt{\lVert \varphi(x_i) - m \rVert^2 + \epsilon^2}, \qquad z = \rho(m),

    by a fixed number of Weiszfeld's reweighting passes from the mean (Weiszfeld 1937; Vardi & Zhang 2000,
    doi 10.1073/pnas.97.4.1423), each a ratio of two weighted means. At convergence up to half of the weight may lie anywhere without carrying m
    away; each pass shrinks the pull of an outlier, and a few passes leave some of it.
    With noise, ρ ends in :class:`gde.nn.IntoBall`.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Width of the embedding.
    n_hidden
        Width of the hidden layers and of the pooled features.
    n_iterations
        Number of reweighting passes after the mean.
    noise_sd
        Standard deviation of the noise that training adds to z, whose entries then have a root mean square of at most 1; 0: neither noise nor
        bound, for fresh sets without end.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import Median
    >>> from gde.nn import SetBatch
    >>> encoder = Median(n_features=2, n_latent=4)
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 4])
    """

    EPSILON = 0.1

    def __init__(
        self, n_features: int, n_latent: int, *, n_hidden: int = 128, n_iterations: int = 4, noise_sd: float = 0.5
    ):
        super().__init__(n_features, n_latent)
        self.n_passes = 1 + n_iterations
        self.noise_sd = noise_sd
        self.phi = MLP(n_features, n_hidden, n_hidden)
        self.rho = embedding_head(MLP(n_hidden, n_hidden, n_latent), noise_sd=noise_sd)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """φ of each unit over its distance to the last centre, and one over that distance, shape (n_units, n_hidden + 1)."""
        phi = self.phi(units)
        if not means:
            return torch.cat([phi, torch.ones_like(phi[:, :1])], dim=1)
        offset = phi - self._centre(means).index_select(0, set_of_unit)
        closeness = torch.rsqrt(offset.square().sum(1, keepdim=True) + self.EPSILON**2)
        return torch.cat([closeness * phi, closeness], dim=1)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """ρ of the last centre, shape (n_sets, n_latent)."""
        return self.rho(self._centre(means))

    @staticmethod
    def _centre(means: Sequence[Tensor]) -> Tensor:
        numerator, denominator = means[-1][:, :-1], means[-1][:, -1:]
        return numerator / denominator.clamp_min(torch.finfo(denominator.dtype).tiny)  # a set without units has none
