"""An encoder that sees units in their own set's location and scale."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


class Framed(SetEncoder):
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

    FLOOR = 0.03
    N_FRAME_PASSES = 2

    def __init__(self, encoder: SetEncoder):
        super().__init__(encoder.n_features, encoder.n_latent)
        self.encoder = encoder
        self.n_passes = self.N_FRAME_PASSES + encoder.n_passes
        self.noise_sd = encoder.noise_sd
        self.linear = nn.Linear(2 * encoder.n_features, encoder.n_latent)

    @property
    def name(self) -> str:
        """Name in descriptions."""
        return f"Framed({self.encoder.name})"

    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Calibrate the inner encoder on standardised units."""
        frame: list[Tensor] = []

        def standardised() -> Iterable[SetBatch]:
            if not frame:
                frame.extend(pool_chunks(self, chunks, next(iter(chunks())).n_sets, self.N_FRAME_PASSES))
            for chunk in chunks():
                yield replace(chunk, units=self._standardise(chunk.units, frame, chunk.set_of_unit))

        self.encoder.calibrate(standardised)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """The unit, its squared deviations from the mean, then what the inner encoder makes of the standardised unit."""
        if not means:
            return units
        if len(means) == 1:
            return (units - means[0].index_select(0, set_of_unit)).square()
        standardised = self._standardise(units, means, set_of_unit)
        return self.encoder.features(standardised, means[self.N_FRAME_PASSES :], set_of_unit)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """The inner encoder's embedding plus the linear map of the frame, shape (n_sets, n_latent)."""
        return self._join(self.encoder.head(means[self.N_FRAME_PASSES :]), means)

    def forward(self, batch: SetBatch) -> Tensor:
        """Embed the sets of a batch, shape (n_sets, n_latent); the inner encoder goes its own way."""
        frame = self._pool(batch, self.N_FRAME_PASSES)
        inner = replace(batch, units=self._standardise(batch.units, frame, batch.set_of_unit))
        return self._join(self.encoder(inner), frame)

    def condition(self, z: Tensor) -> Tensor:
        """As the inner encoder conditions its own embeddings."""
        return self.encoder.condition(z)

    def _standardise(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        mean, variance = means[:2]
        scale = torch.rsqrt(variance + self.FLOOR**2)
        return (units - mean.index_select(0, set_of_unit)) * scale.index_select(0, set_of_unit)

    def _join(self, inner: Tensor, means: Sequence[Tensor]) -> Tensor:
        mean, variance = means[:2]
        return inner + self.linear(torch.cat([mean, 0.5 * torch.log(variance + self.FLOOR**2)], dim=1))
