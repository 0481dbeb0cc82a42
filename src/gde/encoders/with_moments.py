"""A trained encoder beside the moments of a set, which give the distances."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from gde.encoders.moments import Moments
from gde.encoders.of_standardised import OfStandardised
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


class WithMoments(OfStandardised):
    r"""Mean and root of the covariance of a set, and beside them what any encoder makes of the standardised units.

    .. math:: z = \Big(z_\mathrm{moments},\ r\,h(\{(x_i - \mu) / \sigma\})\Big), \qquad r = 10^{-3},

    where :math:`z_\mathrm{moments}` is that of :class:`Moments`, and h the encoder. Distances of z are those of the moments, up to the small
    r, and so follow W2; what is more in a set than its moments can still be told apart, and generators read it in full, see :meth:`condition`. Two
    more passes than h. No noise is added to z in training, so this is for many sets.

    Parameters
    ----------
    encoder
        The encoder h.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders import DeepSets, WithMoments
    >>> from gde.nn import SetBatch
    >>> encoder = WithMoments(DeepSets(n_features=2, n_latent=4, noise_sd=0.0))
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> encoder(batch).shape
    torch.Size([2, 9])
    """

    WEIGHT = 1e-3

    def __init__(self, encoder: SetEncoder):
        n_features = encoder.n_features
        n_moments = n_features * (n_features + 3) // 2
        super().__init__(encoder, n_moments + encoder.n_latent)
        self.moments = Moments(n_features, n_moments)

    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Calibrate the moments, and the inner encoder on standardised units."""
        self.moments.calibrate(chunks)
        super().calibrate(chunks)

    def of_deviations(self, deviation: Tensor) -> Tensor:
        """The products that :class:`Moments` pools."""
        return self.moments.products(deviation)

    def variance(self, means: Sequence[Tensor]) -> Tensor:
        """The diagonal of the covariance."""
        row, column = torch.tril_indices(self.n_features, self.n_features, device=means[1].device)
        return means[1][:, row == column]

    def join(self, inner: Tensor, means: Sequence[Tensor]) -> Tensor:
        """The moments, then the inner encoder's embedding made small, shape (n_sets, n_latent)."""
        moments = self.moments.head(means[: self.N_STATISTICS])
        return torch.cat([moments, self.WEIGHT * inner], dim=1)

    def condition(self, z: Tensor) -> Tensor:
        """Moments as :class:`Moments` gives them, and the inner embedding in its own size."""
        moments, inner = z.split([self.moments.n_latent, self.encoder.n_latent], dim=1)
        return torch.cat([self.moments.condition(moments), self.encoder.condition(inner / self.WEIGHT)], dim=1)
