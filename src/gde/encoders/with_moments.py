"""A trained encoder beside the moments of a set, which give the distances."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from gde.encoders.moments import Moments
from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import IntoBall, SetBatch


class WithMoments(SetEncoder):
    r"""Mean and root of the covariance of a set, and beside them what any encoder makes of the standardised units.

    .. math:: z = \Big(z_\mathrm{moments},\ r\,b\big(h(\{(x_i - \mu) / \sigma\})\big)\Big), \qquad r = 10^{-3},

    where :math:`z_\mathrm{moments}` is that of :class:`Moments`, h the encoder and b the map of :class:`gde.nn.IntoBall`. Distances of z are those of the moments, up to the small
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
    N_MOMENTS = 2

    def __init__(self, encoder: SetEncoder):
        n_features = encoder.n_features
        n_moments = n_features * (n_features + 3) // 2
        super().__init__(n_features, n_moments + encoder.n_latent)
        self.moments = Moments(n_features, n_moments)
        self.encoder = encoder
        self.into_ball = IntoBall()
        self.n_passes = self.N_MOMENTS + encoder.n_passes

    @property
    def name(self) -> str:
        """Name in descriptions."""
        return f"WithMoments({self.encoder.name})"

    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Calibrate the moments, and the inner encoder on standardised units."""
        self.moments.calibrate(chunks)
        means: list[Tensor] = []

        def standardised() -> Iterable[SetBatch]:
            if not means:
                means.extend(pool_chunks(self, chunks, next(iter(chunks())).n_sets, self.N_MOMENTS))
            for chunk in chunks():
                yield replace(chunk, units=self._standardise(chunk.units, means, chunk.set_of_unit))

        self.encoder.calibrate(standardised)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """Those of the moments, then what the inner encoder makes of the standardised unit."""
        if len(means) < self.N_MOMENTS:
            return self.moments.features(units, means, set_of_unit)
        standardised = self._standardise(units, means, set_of_unit)
        return self.encoder.features(standardised, means[self.N_MOMENTS :], set_of_unit)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """The moments, then the inner encoder's embedding made small, shape (n_sets, n_latent)."""
        return self._join(self.encoder.head(means[self.N_MOMENTS :]), means)

    def forward(self, batch: SetBatch) -> Tensor:
        """Embed the sets of a batch, shape (n_sets, n_latent); the inner encoder goes its own way."""
        means = self._pool(batch, self.N_MOMENTS)
        inner = replace(batch, units=self._standardise(batch.units, means, batch.set_of_unit))
        return self._join(self.encoder(inner), means)

    def condition(self, z: Tensor) -> Tensor:
        """Moments as :class:`Moments` gives them, and the inner embedding in its own size."""
        moments, inner = z.split([self.moments.n_latent, self.encoder.n_latent], dim=1)
        return torch.cat([self.moments.condition(moments), self.encoder.condition(inner / self.WEIGHT)], dim=1)

    def _standardise(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        row, column = torch.tril_indices(self.n_features, self.n_features, device=units.device)
        scale = torch.rsqrt(means[1][:, row == column] + Moments.FLOOR**2)
        return (units - means[0].index_select(0, set_of_unit)) * scale.index_select(0, set_of_unit)

    def _join(self, inner: Tensor, means: Sequence[Tensor]) -> Tensor:
        moments = self.moments.head(means[: self.N_MOMENTS])
        return torch.cat([moments, self.WEIGHT * self.into_ball(inner)], dim=1)
