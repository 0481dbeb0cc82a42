"""Gaussian sets: generation, geometry, geodesics and the central limit theorem."""

import numpy as np

from _synthetic.clt import clt_slope
from _synthetic.gaussians import DF, DIMENSIONS, Gaussians, fitted_gaussian, moments
from _synthetic.geometry import geometry, trivial_embedders
from _synthetic.task import Embed, Generate, Metrics, Task, mean_with_error, test_rng
from gde.metrics import bures_squared, gaussian_w2

N_UNITS = 10_000  # of a test set, and generated
N_SHAPES, N_SHAPE_UNITS = 200, 1000  # sets whose distances are compared, and their units
N_GEODESICS = 20


class Normal(Task):
    """μ ~ U(0, 5)^5, Σ the inverse of a Wishart(40, I) matrix, training sets of 64 units."""

    name, title = "normal", "Normal"
    n_vars, set_size, n_test = DIMENSIONS, 64, 200
    better = {"paper's metric": -1, "W2": -1, "geometry": 1, "geometry of shapes": 1}
    aims = {
        "paper's metric": "≤ 0.0085",
        "geometry": "≥ 0.985",
        "geometry of shapes": "≥ 0.95",
        "CLT slope": "−1 ± 0.1",
    }
    published = {"paper's metric": "GDE 0.0205, KME + DDPM 0.035, Wormhole 0.20", "geometry": "0.96, on training sets"}

    remark = (
        "Training reads 32 units of a set and tests embed 10⁴. Scored on the other half, the best answer to 32 units lies nearer to the prior than they do, "
        "and a decoder that has learnt this may go on so with 10⁴; a generator scored on the same units has no reason to, but its embeddings follow W2 less well."
    )

    def training_sets(self, rng: np.random.Generator, n_sets: int) -> np.ndarray:
        """One Gaussian a set."""
        return Gaussians.draw(rng, n_sets, 1, DF).units(rng, self.set_size)

    def measure(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Generation, geometry, geodesics and slope."""
        return (
            self.generation(embed, generate, seed)
            | geometry(embed, *self._shapes(seed))
            | self._geodesics(embed, generate, seed)
            | clt_slope(embed, Gaussians.draw(test_rng(seed), 5, 1, DF), test_rng(seed))
        )

    def generation(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Real sets against those generated from their embeddings, by sample moments."""
        return compare_moments(*self.moment_pairs(embed, generate, seed, N_UNITS))

    def moment_pairs(self, embed: Embed, generate: Generate, seed: int, n_units: int) -> tuple[np.ndarray, ...]:
        """Mean and covariance of each real set, then those of ``n_units`` generated from its embedding."""
        rng = test_rng(seed)
        sets = Gaussians.draw(rng, self.n_test, 1, DF)
        pairs = []
        for one in sets.each():
            real = one.units(rng, N_UNITS)
            pairs.append((*moments(real), *moments(generate(embed(real), n_units))))
        return tuple(np.concatenate(part) for part in zip(*pairs, strict=True))

    def trivial(self, seed: int) -> dict[str, Metrics]:
        """Other draws, Gaussians that know the family, a true mean with a wrong covariance; and simple embeddings."""
        rng = test_rng(seed)
        sets = Gaussians.draw(rng, self.n_test, 1, DF)
        real = sets.units(rng, N_UNITS)
        few, others = real[:, : self.set_size], Gaussians.draw(rng, self.n_test, 1, DF)
        generated = {
            "floor": sets.units(rng, N_UNITS),
            "Gaussian fitted to the test set": fitted_gaussian(real, N_UNITS, rng),
            f"Gaussian fitted to {self.set_size} of its units": fitted_gaussian(few, N_UNITS, rng),
            "mean of the test set, covariance of another": real.mean(1, keepdims=True)
            + (others.units(rng, N_UNITS) - others.mean),
        }
        rows = {name: compare_moments(*moments(real), *moments(units)) for name, units in generated.items()}
        shapes = self._shapes(seed)
        return rows | {name: geometry(embed, *shapes) for name, embed in trivial_embedders(shapes[0], seed).items()}

    def _shapes(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        rng = test_rng(seed)
        sets = Gaussians.draw(rng, N_SHAPES, 1, DF)
        centred = sets.centred()
        return (
            sets.units(rng, N_SHAPE_UNITS),
            _pairwise_w2(sets),
            centred.units(rng, N_SHAPE_UNITS),
            _pairwise_w2(centred),
        )

    def _geodesics(self, embed: Embed, generate: Generate, seed: int) -> Metrics:
        """Deviation of what is decoded between two embeddings from McCann's interpolation, as a share of their distance."""
        rng = test_rng(seed)
        ends = Gaussians.draw(rng, 2 * N_GEODESICS, 1, DF)
        z = embed(ends.units(rng, N_UNITS))
        mean, covariance = ends.mean[:, 0], ends.covariance[:, 0]
        first, last = slice(None, N_GEODESICS), slice(N_GEODESICS, None)
        length = gaussian_w2(mean[first], covariance[first], mean[last], covariance[last])
        deviations = []
        for time in (0.25, 0.5, 0.75):
            decoded = moments(generate((1 - time) * z[first] + time * z[last], 2000))
            between = mccann(mean[first], covariance[first], mean[last], covariance[last], time)
            deviations.append(gaussian_w2(*decoded, *between) / length)
        return {"off the geodesic": float(np.mean(deviations))}


def compare_moments(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> Metrics:
    """The paper's metric, ‖Δmean‖ + Bures², its two parts, and the Gaussian W2; means over the sets."""
    gap, shape = np.linalg.norm(mean_a - mean_b, axis=1), bures_squared(cov_a, cov_b)
    w2 = gaussian_w2(mean_a, cov_a, mean_b, cov_b)
    return {
        **mean_with_error("paper's metric", gap + shape),
        "distance of means": float(gap.mean()),
        "Bures²": float(shape.mean()),
        **mean_with_error("W2", w2),
    }


def mccann(
    mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray, time: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance on the geodesic of W2 from a to b (McCann 1997, example 1.7)."""
    root, inverse = _power(cov_a, 0.5), _power(cov_a, -0.5)
    transport = inverse @ _power(root @ cov_b @ root, 0.5) @ inverse
    path = (1 - time) * np.eye(cov_a.shape[-1]) + time * transport
    return (1 - time) * mean_a + time * mean_b, path @ cov_a @ np.swapaxes(path, -1, -2)


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values[..., None, :] ** exponent) @ np.swapaxes(vectors, -1, -2)


def _pairwise_w2(sets: Gaussians) -> np.ndarray:
    i, j = np.triu_indices(len(sets.weight), 1)
    mean, covariance = sets.mean[:, 0], sets.covariance[:, 0]
    return gaussian_w2(mean[i], covariance[i], mean[j], covariance[j])
