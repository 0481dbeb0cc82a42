"""Random Gaussians, mixtures of them, and their moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import ot

DIMENSIONS = 5
LARGEST_MEAN = 5.0
DF = 40  # of the Wishart matrices whose inverses are covariances of training sets


@dataclass(frozen=True)
class Gaussians:
    """Mixtures of Gaussians, each component N(mean, root rootᵀ).

    Parameters
    ----------
    weight
        Weights of the components, shape (n_sets, k).
    mean
        Means, shape (n_sets, k, d).
    root
        Roots of the covariances, shape (n_sets, k, d, d).
    """

    weight: np.ndarray
    mean: np.ndarray
    root: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator, n_sets: int, n_components: int, df: int) -> Gaussians:
        """Weights from Dirichlet(1), means uniform, covariances inverses of Wishart(df, I) matrices."""
        d = DIMENSIONS
        factor = np.zeros((n_sets, n_components, d, d))  # Bartlett 1933: the Wishart matrix is factor factorᵀ
        lower = np.tril_indices(d, -1)
        factor[..., lower[0], lower[1]] = rng.standard_normal((n_sets, n_components, len(lower[0])))
        diagonal = np.sqrt(rng.chisquare(df - np.arange(d), size=(n_sets, n_components, d)))
        factor[..., np.arange(d), np.arange(d)] = diagonal
        return cls(
            weight=rng.dirichlet(np.ones(n_components), n_sets),
            mean=rng.uniform(0, LARGEST_MEAN, (n_sets, n_components, d)),
            root=np.swapaxes(np.linalg.inv(factor), -1, -2),
        )

    @property
    def covariance(self) -> np.ndarray:
        """Covariances of the components, shape (n_sets, k, d, d)."""
        return self.root @ np.swapaxes(self.root, -1, -2)

    def each(self) -> list[Gaussians]:
        """One mixture at a time."""
        return [Gaussians(self.weight[[i]], self.mean[[i]], self.root[[i]]) for i in range(len(self.weight))]

    def centred(self) -> Gaussians:
        """The same shapes, each mixture with its mean at the centre of all."""
        shift = LARGEST_MEAN / 2 - np.einsum("sk,skd->sd", self.weight, self.mean)
        return Gaussians(self.weight, self.mean + shift[:, None], self.root)

    def units(self, rng: np.random.Generator, n_units: int) -> np.ndarray:
        """Units of each mixture in random order, shape (n_sets, n_units, d)."""
        noise = rng.standard_normal((len(self.weight), n_units, self.mean.shape[-1]))
        if self.weight.shape[1] == 1:
            return self.mean + noise @ np.swapaxes(self.root[:, 0], -1, -2)
        uniform = rng.random((len(self.weight), n_units, 1))
        component = (uniform > self.weight.cumsum(1)[:, None, :-1]).sum(2)
        own = np.arange(len(self.weight))[:, None]
        return self.mean[own, component] + (self.root[own, component] @ noise[..., None])[..., 0]


def units_w2(a: np.ndarray, b: np.ndarray) -> float:
    """W2 of two sets (n_units, d), by optimal transport of their units, which count equally."""
    return float(np.sqrt(ot.emd2([], [], ot.dist(a, b))))


def moments(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (n_sets, d) and unbiased covariance (n_sets, d, d) of each set of ``units`` (n_sets, n_units, d)."""
    mean = units.mean(1)
    rest = units - mean[:, None]
    return mean, np.swapaxes(rest, 1, 2) @ rest / (units.shape[1] - 1)


def fitted_gaussian(units: np.ndarray, n_units: int, rng: np.random.Generator) -> np.ndarray:
    """New units from a Gaussian with mean and covariance of each set of ``units`` (n_sets, n, d)."""
    mean, covariance = moments(units)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))[:, None, :]
    noise = rng.standard_normal((len(units), n_units, units.shape[2]))
    return mean[:, None] + noise @ np.swapaxes(root, 1, 2)
