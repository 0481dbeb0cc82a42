"""What every set encoder is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from torch import Tensor, nn

from gde.nn import Recorded, SetBatch, segment_mean


class SetEncoder(Recorded, nn.Module, ABC):
    r"""A function of a weighted empirical measure, written as passes over its units.

    Pass :math:`k` computes features of each unit, which may depend on the pooled means of the passes before, and pools them by a
    weighted mean; ``head`` turns the means into the embedding:

    .. math:: m_k = \sum_i w_i\, f_k(x_i; m_1, \dots, m_{k-1}), \qquad z = h(m_1, \dots, m_K).

    Because units enter through weighted means alone, z depends on the empirical distribution alone: permuting or replicating units
    changes nothing, and a group of any size is embedded chunk by chunk (:func:`embed_chunks`). Nothing may look at other sets of the
    batch, so no BatchNorm. A set without units, such as the second half of a set of one, has means of zero, of which ``head`` makes some finite
    embedding that nobody reads. A subclass sets ``n_passes`` and writes ``features`` and ``head``. Training adds normal noise with standard deviation
    ``noise_sd`` to each embedding: an encoder with many weights and few groups otherwise learns to recognise single training units, and then
    embeds new units of the same group elsewhere.
    Fishman et al. 2025, arXiv 2505.18150, section 3.

    Parameters
    ----------
    n_features
        Width of a unit's features.
    n_latent
        Width of the embedding.

    Attributes
    ----------
    is_fixed
        Whether nothing in the encoder is learnt. It then reads features that training does not change, and all of them.
    """

    is_fixed: ClassVar[bool] = False
    n_passes: int = 1
    noise_sd: float = 0.0

    def __init__(self, n_features: int, n_latent: int):
        super().__init__()
        self.n_features = n_features
        self.n_latent = n_latent

    @property
    def name(self) -> str:
        """Name in descriptions of a model."""
        return type(self).__name__

    def calibrate(self, chunks: Callable[[], Iterable[SetBatch]]) -> None:
        """Set the constants that come from training data; most encoders have none.

        Parameters
        ----------
        chunks
            Gives the training sets, as in :func:`embed_chunks`; may be called more than once.
        """

    @abstractmethod
    def features(self, units: Tensor, means: Sequence[Tensor], set_of_unit: Tensor) -> Tensor:
        """Features of each unit in pass ``len(means)``.

        Parameters
        ----------
        units
            Units, shape (n_units, n_features).
        means
            Pooled features of the earlier passes, each (n_sets, width of that pass).
        set_of_unit
            Set of each unit, shape (n_units,).

        Returns
        -------
        Features, shape (n_units, width of this pass).
        """

    @abstractmethod
    def head(self, means: Sequence[Tensor]) -> Tensor:
        """Embedding of each set, shape (n_sets, n_latent), from the pooled features of all passes."""

    def condition(self, z: Tensor) -> Tensor:
        """What generators and decoders are given of embeddings, shape (n_sets, n_latent): z itself, unless its scales do not suit networks."""
        return z

    def forward(self, batch: SetBatch) -> Tensor:
        """Embed the sets of a batch.

        Returns
        -------
        Embeddings, shape (n_sets, n_latent).
        """
        return self.head(self._pool(batch, self.n_passes))

    def _pool(self, batch: SetBatch, n_passes: int) -> list[Tensor]:
        """Pooled means of the first passes."""
        means: list[Tensor] = []
        for _ in range(n_passes):
            features = self.features(batch.units, means, batch.set_of_unit)
            means.append(segment_mean(features, batch.set_of_unit, batch.weight, batch.n_sets))
        return means
