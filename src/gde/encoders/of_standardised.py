"""What encoders are that give another one units in their own set's location and scale."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from gde.encoders.pool_chunks import pool_chunks
from gde.encoders.set_encoder import SetEncoder
from gde.nn import SetBatch


class OfStandardised(SetEncoder):
    """An encoder that pools statistics of a set, then lets an inner encoder see the units standardised by them, and joins both.

    The first two passes are of the statistics: the mean, then what has the variances in it. A subclass says what the second one pools, where the
    variances are in it, and how the two parts make an embedding.

    Parameters
    ----------
    encoder
        The inner encoder.
    n_latent
        Width of the embedding.
    """

    FLOOR = 0.03  # of a standard deviation: keeps a set of one unit finite
    N_STATISTICS = 2

    def __init__(self, encoder: SetEncoder, n_latent: int):
        super().__init__(encoder.n_features, n_latent)
        self.encoder = encoder
        self.n_passes = self.N_STATISTICS + encoder.n_passes

    @property
    def name(self) -> str:
        """Name in descriptions."""
        return f"{type(self).__name__}({self.encoder.name})"

    @abstractmethod
    def of_deviations(self, deviation: Tensor) -> Tensor:
        """What the second pass pools, from each unit's deviation from the mean of its set, shape (n_units, n_features)."""

    @abstractmethod
    def variance(self, means: Sequence[Tensor]) -> Tensor:
        """Variances in the pooled statistics, shape (n_sets, n_features)."""

    @abstractmethod
    def join(self, inner: Tensor, means: Sequence[Tensor]) -> Tensor:
        """Embedding, shape (n_sets, n_latent), from that of the inner encoder and the pooled statistics."""

    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Calibrate the inner encoder on standardised units."""
        statistics: list[Tensor] = []

        def standardised() -> Iterable[SetBatch]:
            if not statistics:
                statistics.extend(pool_chunks(self, chunks, next(iter(chunks())).n_sets, self.N_STATISTICS))
            for chunk in chunks():
                yield self._standardised(chunk, statistics)

        self.encoder.calibrate(standardised)

    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """The unit, what its deviation gives, then what the inner encoder makes of the standardised unit."""
        if not means:
            return units
        if len(means) == 1:
            return self.of_deviations(units - means[0].index_select(0, set_of_unit))
        standardised = self._standardise(units, means, set_of_unit)
        return self.encoder.features(standardised, means[self.N_STATISTICS :], set_of_unit)

    def head(self, means: Sequence[Tensor]) -> Tensor:
        """Both parts joined, shape (n_sets, n_latent)."""
        return self.join(self.encoder.head(means[self.N_STATISTICS :]), means)

    def forward(self, batch: SetBatch) -> Tensor:
        """Embed the sets of a batch, shape (n_sets, n_latent); the inner encoder goes its own way."""
        statistics = self._pool(batch, self.N_STATISTICS)
        return self.join(self.encoder(self._standardised(batch, statistics)), statistics)

    def _standardised(self, batch: SetBatch, means: Sequence[Tensor]) -> SetBatch:
        return replace(batch, units=self._standardise(batch.units, means, batch.set_of_unit))

    def _standardise(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        scale = torch.rsqrt(self.variance(means) + self.FLOOR**2)
        return (units - means[0].index_select(0, set_of_unit)) * scale.index_select(0, set_of_unit)
