"""What every generator of vectors is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from torch import Tensor, nn

from gde.nn import Covariates, CovariateSizes, Recorded, SetNoise


class Generator(Recorded, nn.Module, ABC):
    """A conditional distribution of vectors given an embedding: p(v | z).

    The vectors are the units themselves, or the latent vectors of a unit autoencoder where the units are not plain vectors (counts).
    Fishman et al. 2025, arXiv 2505.18150, section 3: any conditional generative model serves.

    Parameters
    ----------
    n_vectors
        Width of the vectors.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z. None where a unit autoencoder takes them.

    Attributes
    ----------
    kinds
        Kinds of vectors that it can model: ``"vector"`` (plain ones, also the latent vectors of a unit autoencoder), ``"image"``, ``"tokens"``.
    needs_autoencoder
        Whether the vectors must be latent vectors with a standard normal prior, also for continuous units.
    kl_weight
        Default weight of the divergence of latent vectors from a standard normal. It is 1 where that normal is what is sampled from, and less
        where the generator learns what the latent vectors look like.
    """

    kinds: ClassVar[tuple[str, ...]] = ("vector",)
    needs_autoencoder: ClassVar[bool] = False
    kl_weight: ClassVar[float] = 0.2

    def __init__(self, n_vectors: int, n_latent: int, covariates: CovariateSizes | None = None):
        super().__init__()
        self.n_vectors = n_vectors
        self.n_latent = n_latent
        self.covariates = covariates or CovariateSizes()

    def calibrate(self, chunks: Callable[[], Iterable[Tensor]]) -> None:
        """Start from what training units are like, whatever their group; most generators start from nothing.

        Parameters
        ----------
        chunks
            Gives the training units as the observation reads them; may be called more than once.
        """

    @abstractmethod
    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """How badly z explains the vectors of each set.

        Parameters
        ----------
        vectors
            Vectors of the units, shape (n_units, n_vectors).
        z
            Embeddings, shape (n_sets, n_latent).
        set_of_unit, weight
            Set and weight of each unit, shape (n_units,).
        covariates
            Covariates of the units.
        noise
            Where random numbers come from.

        Returns
        -------
        Weighted mean over the units of each set, shape (n_sets,). That of a set does not depend on the other sets.
        """

    @abstractmethod
    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Draw a vector for each unit.

        Parameters
        ----------
        z
            Embeddings, shape (n_sets, n_latent).
        set_of_unit
            Set that each new unit belongs to, shape (n_units,).
        covariates
            Covariates of the new units.
        noise
            Where random numbers come from: its seeds decide the sample.

        Returns
        -------
        Vectors, shape (n_units, n_vectors).
        """
