"""An encoder that sees units in their own set's location and scale."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gde.encoders.of_standardised import OfStandardised
from gde.encoders.set_encoder import SetEncoder


class Framed(OfStandardised):
    r"""Any encoder in a location–scale frame: it sees the units of a set standardised by the set, and the frame itself goes to z by a linear map.

    .. math::
        z = h\Big(\Big\{\frac{x_i - \mu}{\sigma}\Big\}\Big) + A\,(\mu, \log\sigma), \qquad
        \mu = \sum_i w_i x_i, \qquad \sigma^2 = \sum_i w_i (x_i - \mu)^2 + \epsilon^2, \qquad \epsilon = 0.03.

    So what h has learnt of shapes holds wherever the set lies, and location and scale are carried over linearly, beyond the training sets too. The floor ε
    keeps a set of one unit finite. Two more passes than h, so that nothing cancels in σ. If h adds noise to z, h alone is bounded.

    Parameters
    ----------
    encoder
        The encoder h.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import DeepSets, Framed
    >>> from gde.nn import SetBatch
    >>> encoder = Framed(DeepSets(n_features=2, n_latent=4))
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 4])
    """

    def __init__(self, encoder: SetEncoder):
        super().__init__(encoder, encoder.n_latent)
        self.noise_sd = encoder.noise_sd
        self.linear = nn.Linear(2 * encoder.n_features, encoder.n_latent)

    def of_deviations(self, deviation: Tensor) -> Tensor:
        """Their squares."""
        return deviation.square()

    def variance(self, means: Sequence[Tensor]) -> Tensor:
        """The second mean."""
        return means[1]

    def join(self, inner: Tensor, means: Sequence[Tensor]) -> Tensor:
        """The inner encoder's embedding plus the linear map of the frame, shape (n_sets, n_latent)."""
        return inner + self.linear(torch.cat([means[0], 0.5 * torch.log(means[1] + self.FLOOR**2)], dim=1))

    def condition(self, z: Tensor) -> Tensor:
        """As the inner encoder conditions its own embeddings."""
        return self.encoder.condition(z)
