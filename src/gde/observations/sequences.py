"""Units that are sequences: promoters, proteins."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from gde.nn import Covariates, CovariateSizes, SetNoise
from gde.observations.observation import Observation
from gde.observations.sequence_featuriser import SequenceFeaturiser


class Sequences(Observation):
    """Sequences of letters, as rows of codes that are filled up with the code of the end.

    The generator models the codes themselves. Fixed features are the shares of the letters. As a part of a :class:`Joint` they have a decoder: a generator of
    sequences that takes each unit for a set of its own, whose embedding is the hidden layer that the unit autoencoder makes of its latent vector.

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
    decoder
        The :class:`gde.generators.TokenGenerator` that makes sequences from hidden layers, if this is a part of a :class:`Joint`, which has the unit autoencoder.

    Examples
    --------
    >>> import torch
    >>> from gde.observations import Convolution, Sequences
    >>> sequences = Sequences(n_vars=3, n_vectors=1, n_latent=2, n_letters=4, featuriser=Convolution(4))
    >>> sequences.featurise(torch.tensor([[0, 1, 2], [3, 4, 4]])).shape
    torch.Size([2, 128])
    """

    kinds: ClassVar = ("tokens",)
    decoder: Any  # generators are not known here

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
        decoder: nn.Module | None = None,
    ):
        super().__init__()
        self.n_vars = self.n_vectors = n_vars
        self.n_letters = n_letters
        self.decoder = decoder
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
        """Set what the featuriser and the decoder take from the training sequences."""
        for network in (self.featuriser, self.decoder):
            if network is not None:
                network.calibrate(chunks)

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

    def terms(self, x: Tensor, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> dict[str, Tensor]:
        """Reconstruction of each unit, letter by letter given those before, from the hidden layer of an autoencoder that this is a part of."""
        return {"reconstruction": self.decoder.nats(x, self.decoder.read_context(*_as_sets(hidden)), noise)}

    def draw(self, hidden: Tensor, vectors: Tensor, z: Tensor, noise: SetNoise) -> Tensor:
        """Codes of new sequences from the hidden layer of an autoencoder that this is a part of."""
        return self.decoder.sample(*_as_sets(hidden), noise)


def _as_sets(hidden: Tensor) -> tuple[Tensor, Tensor, Covariates]:
    """Each unit as a set of its own; covariates are in the hidden layer already."""
    return hidden, torch.arange(len(hidden), device=hidden.device), Covariates(hidden[:, :0], hidden[:, :0])
