import pytest
import torch

from gde.generators import Diffusion
from gde.nn import SetNoise
from tests.generators.generator_contract import GeneratorContract, no_covariates, sets


class TestDiffusion(GeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None):
        return Diffusion(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)


class TestDiffusionOfImages(GeneratorContract):
    """The vectors are images of two pixels, and the network a U-Net."""

    def make(self, n_vectors, n_latent, covariates=None):
        return Diffusion(n_vectors, n_latent, covariates, n_steps=4, image_shape=(1, 1, 2), n_channels=8)

    test_learns_a_mixture_that_depends_on_the_embedding = None  # takes minutes; `benchmarks/images.py` shows it


class OfNormal(torch.nn.Module):
    """The best velocity where the vectors are normal with mean 2, in closed form."""

    def __init__(self, signal, sd):
        super().__init__()
        self.signal = signal
        self.sd = sd

    def context(self, z, set_of_unit, covariates):
        return None

    def forward(self, vectors, time, context):
        signal = self.signal[(time * len(self.signal)).round().long()][:, None]
        a, s = signal.sqrt(), (1 - signal).sqrt()
        centred = (vectors - 2 * a) / (a**2 * self.sd**2 + s**2)  # of v_t ~ N(2 a, a² sd² + s²)
        return a * (s * centred) - s * (2 + a * self.sd**2 * centred)


def _known(n_steps, sd=0.5):
    generator = Diffusion(1, 1, n_steps=n_steps)
    generator.field = OfNormal(generator.signal, sd)
    return generator


def test_schedule_ends_in_pure_noise():
    signal = Diffusion(1, 1).signal
    assert signal[-1] == 0 and signal[0] > 0.999
    assert (signal.diff() < 0).all()


def test_the_solver_turns_noise_into_the_distribution_that_the_velocity_belongs_to():
    n = 4000
    vectors = _known(25).sample(torch.zeros(1, 1), sets([n]), no_covariates(n), SetNoise([0], [n], "cpu"))
    assert vectors.mean().item() == pytest.approx(2, abs=0.03)
    assert vectors.std().item() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("sd", [0.1, 0.3, 1.0])
def test_groups_of_any_width_keep_it_in_25_steps(sd):
    n = 1000
    vectors = _known(25, sd).sample(torch.zeros(1, 1), sets([n]), no_covariates(n), SetNoise([0], [n], "cpu"))
    assert vectors.std().item() == pytest.approx(sd * SetNoise([0], [n], "cpu").normal(1).std().item(), rel=0.02)


def test_more_steps_change_little():
    def sample(n_steps):
        return _known(n_steps).sample(torch.zeros(1, 1), sets([500]), no_covariates(500), SetNoise([0], [500], "cpu"))

    exact = sample(1000)
    coarse, fine = ((sample(n) - exact).abs().mean() for n in (10, 25))
    assert fine < coarse < 0.1


def test_the_best_velocity_has_the_least_loss():
    n = 4000
    vectors = 2 + 0.5 * SetNoise([3], [n], "cpu").normal(1)
    generator = _known(25)

    def loss():
        noise = SetNoise([4], [n], "cpu")
        return generator.loss(vectors, torch.zeros(1, 1), sets([n]), torch.ones(n), no_covariates(n), noise).item()

    best = loss()
    generator.field.forward = lambda v, t, context: 1.05 * OfNormal.forward(generator.field, v, t, context)
    assert loss() > best


def test_a_unit_asks_the_network_at_most_25_times():
    generator, calls = Diffusion(2, 1), []
    generator.field.register_forward_hook(lambda *args: calls.append(1))
    generator.sample(torch.zeros(1, 1), sets([3]), no_covariates(3), SetNoise([0], [3], "cpu"))
    assert len(calls) == 25
