"""Noise becomes vectors in one step, and sets are compared as wholes."""

from abc import abstractmethod

import torch
from torch import Tensor

from gde.generators.generator import Generator
from gde.nn import ConditionalNetwork, Covariates, CovariateSizes, SetNoise, pad_sets


class ImplicitGenerator(Generator):
    r"""A network that carries noise to the vectors of a group, given z, trained by a distance D of whole sets.

    For each real set X, two sets Y and Y' are generated with the units' own weights, and the loss is

    .. math:: D(X, Y) + D(X, Y') - D(Y, Y').

    Two samples of one distribution are apart, and the more so the fewer units they have: D alone would be lowest for too little spread,
    and for a set of one unit without any. The last term takes this away (Salimans et al. 2018, arXiv 1803.05573; for single
    units it is the energy score of Gneiting & Raftery 2007). The loss of a perfect generator is therefore not 0 but E D(X, X'), the
    distance of two real sets of that size. D must not be the square of a distance, by which means alone would be compared.

    Parameters
    ----------
    n_vectors
        Width of the vectors, which should have unit scale.
    n_latent
        Width of the embedding z.
    covariates
        Which covariates the vectors depend on beside z.
    n_noise
        Width of the noise; None: of the vectors.
    n_hidden
        Width of the hidden layers.
    n_layers
        Number of residual layers.
    """

    def __init__(
        self,
        n_vectors: int,
        n_latent: int,
        covariates: CovariateSizes | None = None,
        *,
        n_noise: int | None = None,
        n_hidden: int = 128,
        n_layers: int = 3,
    ):
        super().__init__(n_vectors, n_latent, covariates)
        self.n_noise = n_noise or n_vectors
        self.network = ConditionalNetwork(
            self.n_noise, n_vectors, n_latent, self.covariates, n_hidden=n_hidden, n_layers=n_layers
        )

    @abstractmethod
    def distance(self, x: Tensor, y: Tensor, weight: Tensor, directions: Tensor) -> Tensor:
        """Distance of pairs of sets of the same weights.

        Parameters
        ----------
        x, y
            Vectors, shape (n_pairs, n_rows, n_vectors).
        weight
            Weight of the rows, shape (n_pairs, n_rows), with sum 1 in each set.
        directions
            Standard normal numbers, shape (n_pairs, n_rows, n_vectors); zero in rows that have no unit.

        Returns
        -------
        Shape (n_pairs,). Terms that depend on x alone or on y alone may be left out: there is nothing to learn in them.
        """

    def loss(
        self, vectors: Tensor, z: Tensor, set_of_unit: Tensor, weight: Tensor, covariates: Covariates, noise: SetNoise
    ) -> Tensor:
        """Distance of the generated sets, shape (n_sets,)."""
        context = self.network.context(z, set_of_unit, covariates)
        draws = [noise.normal(self.n_noise) for _ in range(2)]
        first, second = self.network(torch.cat(draws), torch.cat([context, context])).chunk(2)
        columns = torch.cat([vectors, first, second, noise.normal(self.n_vectors)], dim=1)
        rows, share = pad_sets(columns, set_of_unit, weight, len(z))
        real, first, second, directions = rows.chunk(4, dim=2)
        to_first, to_second, within = self.distance(
            torch.cat([real, real, first]),
            torch.cat([first, second, second]),
            share.repeat(3, 1),
            directions.repeat(3, 1, 1),
        ).chunk(3)
        return to_first + to_second - within

    def sample(self, z: Tensor, set_of_unit: Tensor, covariates: Covariates, noise: SetNoise) -> Tensor:
        """Carry noise to vectors, shape (n_units, n_vectors)."""
        return self.network(noise.normal(self.n_noise), self.network.context(z, set_of_unit, covariates))
