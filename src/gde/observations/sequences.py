"""Units that are sequences: promoters, proteins."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import one_hot

from gde.nn import Covariates, CovariateSizes, SetNoise
from gde.observations.observation import Observation
from gde.observations.sequence_featuriser import SequenceFeaturiser


class Sequences(Observation):
    """Sequences of letters, as rows of codes that are filled up with the code of the end.

    The generator models the codes themselves. Fixed features are the shares of the letters.

    Parameters
    ----------
    n_vars
        Greatest length of a sequence.
    n_vectors
        Not used: there is no unit autoencoder.
    n_latent
        Width of the embedding of a group.
    n_letters
        Number of letters.
    featuriser
        What makes features of a sequence; None: nothing does, and features are the fixed ones.
    covariates
        Not used: the generator takes them.
    n_hidden
        Not used: the featuriser knows its width.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Convolution, Sequences
    >>> sequences = Sequences(n_vars=3, n_vectors=1, n_latent=2, n_letters=4, featuriser=Convolution(4))
    >>> sequences.featurise(torch.tensor([[0, 1, 2], [3, 4, 4]])).shape
    torch.Size([2, 128])
    """

    kinds: ClassVar = ("tokens",)

    def __init__(
        self,
        n_vars: int,
        n_vectors: int,
        n_latent: int,
        *,
        n_letters: int,
        featuriser: SequenceFeaturiser | None = None,
        covariates: CovariateSizes | None = None,
        n_hidden: int = 128,
    ):
        super().__init__()
        self.n_vectors, self.n_letters = n_vars, n_letters
        self.featuriser = featuriser
        self.n_features = n_letters if featuriser is None else featuriser.n_features
        self.feature_dropout = 0.0 if featuriser is None else 0.5
        self.n_fixed_features = n_letters
        self.autoencoder = None

    @property
    def generator_arguments(self) -> dict[str, Any]:
        """The number of letters."""
        return {"n_letters": self.n_letters}

    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Set what the featuriser takes from the training sequences."""
        if self.featuriser is not None:
            self.featuriser.calibrate(chunks)

    def featurise(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Features of the featuriser, shape (n_units, n_features)."""
        return self.fixed_features(x) if self.featuriser is None else self.featuriser(x)

    def fixed_features(self, x: Tensor, observed: Tensor | None = None) -> Tensor:
        """Share of each letter, shape (n_units, n_letters)."""
        counts = one_hot(x.long(), self.n_letters + 1).sum(1)[:, :-1].float()
        return counts / counts.sum(1, keepdim=True).clamp_min(1)

    def score(
        self, x: Tensor, features: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The codes themselves; all the loss is the generator's."""
        return x, {}

    def coordinates(self, features: Tensor, vectors: Tensor) -> Tensor:
        """One-hot letters, whose squared distance is the number of places that differ."""
        return one_hot(vectors.long(), self.n_letters + 1).flatten(1).to(features.dtype) / 2**0.5

    def sample(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise, **kwargs: Any
    ) -> Tensor:
        """The codes themselves, shape (n_units, n_vars)."""
        return vectors
