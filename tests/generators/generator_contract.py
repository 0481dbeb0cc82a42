"""What every generator must do; a test class for one generator inherits it."""

import numpy as np
import pytest
import torch

from gde.encoders import DeepSets
from gde.generators import Generator
from gde.metrics import energy_distance
from gde.module import GDEModule
from gde.nn import Covariates, CovariateSizes, SetBatch, SetNoise
from gde.observations import Continuous

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"))]
SIZES = [4, 1, 17]


def no_covariates(n_units: int, device: str = "cpu") -> Covariates:
    return Covariates(torch.zeros(n_units, 0, dtype=torch.long, device=device), torch.zeros(n_units, 0, device=device))


def sets(sizes: list[int], device: str = "cpu") -> torch.Tensor:
    """Set of each unit."""
    return torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)).to(device)


def mixture(s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A unit for each condition s in [-1, 1]: two clusters, whose shares and places depend on s."""
    is_right = rng.random(len(s)) < 1 / (1 + np.exp(-3 * s))
    centre = np.where(is_right[:, None], np.stack([np.full(len(s), 5.0), 2 * s], 1), np.stack([-1 - s, -2 * s], 1))
    return (centre + rng.normal(0, 0.4, (len(s), 2))).astype(np.float32)


class GeneratorContract:
    """A generator is a conditional distribution of vectors, trained and sampled set by set."""

    n_latent = 3
    n_steps = 500
    max_energy_distance = 0.1  # of the mixture below; real units of opposite conditions are 1.6 to 6 apart

    def make(self, n_vectors: int, n_latent: int, covariates: CovariateSizes | None = None) -> Generator:
        """A new generator."""
        raise NotImplementedError

    def generator(self) -> Generator:
        torch.manual_seed(0)
        return self.make(2, self.n_latent).eval()

    def loss(self, generator, vectors, z, sizes, seeds, weight=None):
        set_of_unit = sets(sizes)
        weight = torch.ones(len(vectors)) if weight is None else weight
        noise = SetNoise(seeds, sizes, "cpu")
        return generator.loss(vectors, z, set_of_unit, weight, no_covariates(len(vectors)), noise)

    def sample(self, generator, z, sizes, seeds, device="cpu"):
        noise = SetNoise(seeds, sizes, device)
        return generator.sample(z, sets(sizes, device), no_covariates(sum(sizes), device), noise)

    def test_loss_has_a_value_for_each_set_and_a_finite_gradient(self):
        generator = self.generator().train()
        vectors, z = torch.randn(22, 2), torch.randn(3, self.n_latent, requires_grad=True)
        vectors[5:] = vectors[5]  # units that coincide
        loss = self.loss(generator, vectors, z, SIZES, [1, 2, 3])
        assert loss.shape == (3,) and loss.dtype == torch.float32 and torch.isfinite(loss).all()
        gradients = (
            torch.autograd.grad(loss.sum(), [z, *generator.parameters()], allow_unused=True, materialize_grads=True)
            if loss.requires_grad
            else []
        )
        assert all(torch.isfinite(gradient).all() for gradient in gradients)

    @pytest.mark.parametrize("training", [True, False])
    def test_loss_of_a_set_does_not_depend_on_the_other_sets(self, training):
        generator = self.generator().train(training)
        vectors, z, seeds = torch.randn(22, 2), torch.randn(3, self.n_latent), [1, 2, 3]
        together = self.loss(generator, vectors, z, SIZES, seeds)
        for s, own in enumerate(torch.split(vectors, SIZES)):
            alone = self.loss(generator, own, z[[s]], [SIZES[s]], [seeds[s]])
            torch.testing.assert_close(alone[0], together[s])

    def test_weights_of_a_set_are_relative_and_a_unit_of_no_weight_does_not_count(self):
        generator, z = self.generator(), torch.randn(3, self.n_latent)
        vectors, weight = torch.randn(22, 2), torch.rand(22)
        weight[[0, 10]] = 0
        loss = self.loss(generator, vectors, z, SIZES, [1, 2, 3], weight)
        torch.testing.assert_close(self.loss(generator, vectors, z, SIZES, [1, 2, 3], 7 * weight), loss)
        vectors[[0, 10]] += 5
        torch.testing.assert_close(self.loss(generator, vectors, z, SIZES, [1, 2, 3], weight), loss)
        assert (self.loss(generator, vectors, z, SIZES, [1, 2, 3])[[0, 2]] != loss[[0, 2]]).all()

    @pytest.mark.parametrize("device", DEVICES)
    def test_sample_has_the_right_shape_dtype_and_device(self, device):
        z = torch.randn(3, self.n_latent, device=device)
        vectors = self.sample(self.generator().to(device), z, SIZES, [1, 2, 3], device)
        assert vectors.shape == (22, 2)
        assert vectors.dtype == z.dtype and vectors.device.type == device
        assert torch.isfinite(vectors).all()

    def test_sample_is_a_function_of_the_sets_seeds(self):
        generator, z = self.generator(), torch.randn(3, self.n_latent)
        first = self.sample(generator, z, SIZES, [1, 2, 3])
        torch.testing.assert_close(self.sample(generator, z, SIZES, [1, 2, 3]), first, rtol=0, atol=0)
        changed = self.sample(generator, z, SIZES, [1, 9, 3])
        is_other = sets(SIZES) == 1
        assert (changed[is_other] != first[is_other]).all()
        torch.testing.assert_close(changed[~is_other], first[~is_other])

    def test_sample_of_a_set_does_not_depend_on_the_other_sets(self):
        generator, z = self.generator(), torch.randn(3, self.n_latent)
        together = torch.split(self.sample(generator, z, SIZES, [1, 2, 3]), SIZES)
        for s, expected in enumerate(together):
            torch.testing.assert_close(self.sample(generator, z[[s]], [SIZES[s]], [s + 1]), expected)

    def test_units_of_a_sample_differ(self):
        vectors = self.sample(self.generator(), torch.randn(1, self.n_latent), [30], [1])
        assert torch.pdist(vectors).min() > 0

    def test_learns_a_mixture_that_depends_on_the_embedding(self):
        """Sets of very different sizes, each from its own condition, which is also its embedding."""
        rng = np.random.default_rng(0)
        module = self.train_on_mixture(rng)
        distances, swapped = [], []
        for s in (-0.9, -0.3, 0.3, 0.9):
            real = mixture(np.full(500, s), rng)
            distances.append(energy_distance(self.generate(module, s), real))
            swapped.append(energy_distance(self.generate(module, -s), real))
        assert np.mean(distances) < self.max_energy_distance
        assert min(swapped) > 1

    def train_on_mixture(self, rng: np.random.Generator) -> GDEModule:
        """Train as the module does: through the observation, and with the module's loss."""
        torch.manual_seed(0)
        has_autoencoder = self.generator().needs_autoencoder
        observation = Continuous(2, 2, 1, has_autoencoder=has_autoencoder, n_hidden=64)
        module = GDEModule(observation, DeepSets(2, 1), self.make(observation.n_vectors, 1))
        observation.calibrate(lambda: [torch.from_numpy(mixture(rng.uniform(-1, 1, 2000), rng))])
        optimiser = torch.optim.AdamW(module.parameters(), lr=4e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=self.n_steps)
        for step in range(self.n_steps):
            sizes, s = [1, 2, 40, 100, 157], rng.uniform(-1, 1, 5)
            x = torch.from_numpy(mixture(np.repeat(s, sizes), rng))
            halves, _ = SetBatch(observation.featurise(x), sets(sizes), torch.ones(len(x)), len(sizes)).halves()
            z = torch.tensor(s, dtype=torch.float32).repeat_interleave(2)[:, None]
            noise = SetNoise(5 * step + np.arange(5), sizes, "cpu")
            outputs = module.generative(x, halves, z, z, no_covariates(len(x)), noise)
            loss = module.loss({}, {"halves": halves}, outputs).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        return module.eval()

    def generate(self, module: GDEModule, s: float) -> np.ndarray:
        noise = SetNoise([0], [500], "cpu")
        return module.sample(torch.tensor([[s]]), sets([500]), no_covariates(500), noise).numpy()
