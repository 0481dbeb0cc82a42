"""What makes features of sequences."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from torch import Tensor, nn

from gde.nn import Recorded


class SequenceFeaturiser(Recorded, nn.Module, ABC):
    """Features of single sequences, for any set encoder.

    Attributes
    ----------
    n_features
        Number of features.
    """

    n_features: int

    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set constants from the training sequences; most featurisers have none."""

    @abstractmethod
    def forward(self, tokens: Tensor) -> Tensor:
        """Features of sequences.

        Parameters
        ----------
        tokens
            Codes of letters, shape (n_units, max_length), filled up with the code of the end.

        Returns
        -------
        Features, shape (n_units, n_features). Those of a sequence depend neither on how far it is filled up nor on the others.
        """
