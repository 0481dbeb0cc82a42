"""What one unit is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal

from scvi import REGISTRY_KEYS
from torch import Tensor, nn

from gde.nn import Covariates, SetNoise

VectorKind = Literal["vector", "image", "tokens"]


class Observation(nn.Module, ABC):
    """How a unit is featurised for the encoder, turned into a vector for the generator, scored and written back.

    Attributes
    ----------
    kinds
        Kinds of vectors that it can make for a generator, the best first. A generator of another kind than the first gets the latent vectors
        of a unit autoencoder.
    key
        What a batch calls the units.
    n_features
        Width of the features that the set encoder sees.
    n_fixed_features
        Width of the features that a fixed encoder sees.
    n_vectors
        Width of the vectors that the generator models.
    feature_dropout
        Share of the features that training drops before the set encoder: nothing of plain variables, half of a learnt layer, which holds
        everything more than once.
    autoencoder
        The unit autoencoder, if units go through one.
    generator_arguments
        What the generator must know of the units, beside the width of their vectors, to build its network.
    """

    kinds: ClassVar[tuple[VectorKind, ...]] = ("vector",)
    key: str = REGISTRY_KEYS.X_KEY
    n_features: int
    n_fixed_features: int
    n_vectors: int
    feature_dropout: float = 0.0
    autoencoder: nn.Module | None

    @property
    def generator_arguments(self) -> dict[str, Any]:
        """Keyword arguments for a generator that models these units; none for plain vectors."""
        return {}

    @property
    def keys(self) -> list[str]:
        """What :meth:`read` takes from a batch."""
        return [self.key]

    def read(self, tensors: Mapping[str, Any]) -> Any:
        """The units of a batch."""
        return tensors[self.key]

    @abstractmethod
    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set the constants that come from training data (means, scales, library sizes).

        Parameters
        ----------
        chunks
            Gives the training units, a chunk of rows at a time; may be called more than once.
        """

    @abstractmethod
    def featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Features of each unit for the set encoder.

        Parameters
        ----------
        x
            Units as they are read, shape (n_units, n_vars); counts in CSR layout.
        observed
            Which variables were measured, shape (n_vars,), boolean; None: all of them.

        Returns
        -------
        Features, shape (n_units, n_features).
        """

    def fixed_features(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Features that training does not change, shape (n_units, n_fixed_features), for encoders without weights.

        Those of :meth:`featurise`, where nothing in them is learnt.
        """
        return self.featurise(x, observed)

    def drop(self, features: Tensor, noise: SetNoise) -> Tensor:
        """What is left of the features for the set encoder in training."""
        return noise.dropout(features, self.feature_dropout) if self.feature_dropout else features

    @abstractmethod
    def score(
        self, x: Tensor, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Vectors of the units, and the loss terms that are not the generator's.

        Parameters
        ----------
        x, features
            Units and their features.
        z
            Embeddings that the units are explained by, shape (n_sets, n_latent).
        set_of_unit
            The embedding of each unit, shape (n_units,).
        covariates, noise
            Covariates of the units, and where random numbers come from.

        Returns
        -------
        Vectors, shape (n_units, n_vectors), and terms by name, each (n_units,) in nats.
        """

    def coordinates(self, features: Tensor, vectors: Tensor) -> Tensor:
        """Where units lie when sets are compared: the vectors, if these are the same for all groups; shape (n_units, any)."""
        return vectors

    @abstractmethod
    def sample(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise, **kwargs: Any
    ) -> Tensor:
        """Units from vectors: the inverse of reading them, with the noise of the likelihood, shape (n_units, n_vars)."""
