import pytest
import torch

from gde.generators import FlowMatching
from gde.nn import Covariates, CovariateSizes, SetNoise
from tests.generators.generator_contract import GeneratorContract, no_covariates, sets


class TestFlowMatching(GeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None):
        return FlowMatching(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)

    def test_covariates_reach_the_sample(self):
        torch.manual_seed(0)
        generator = self.make(2, self.n_latent, CovariateSizes(n_categories=(2,)))
        torch.nn.init.normal_(generator.field.context.covariate_effect.categorical[0].weight)  # effects start at zero
        z, seeds = torch.zeros(1, self.n_latent), [1]

        def sample(code):
            covariates = Covariates(torch.full((3, 1), code), torch.zeros(3, 0))
            return generator.sample(z, sets([3]), covariates, SetNoise(seeds, [3], "cpu"))

        assert (sample(0) != sample(1)).all()


class TestFlowMatchingOfImages(GeneratorContract):
    """The vectors are images of two pixels, and the network a U-Net."""

    def make(self, n_vectors, n_latent, covariates=None):
        return FlowMatching(n_vectors, n_latent, covariates, n_steps=4, image_shape=(1, 1, 2), n_channels=8)

    test_learns_a_mixture_that_depends_on_the_embedding = None  # takes minutes; `benchmarks/images.py` shows it


class Field(torch.nn.Module):
    """A field that is known and needs no context."""

    def context(self, z, set_of_unit, covariates):
        return None


class Shift(Field):
    """The velocity of a shift: each path is a straight line."""

    def forward(self, vectors, time, context):
        return torch.full_like(vectors, 3.0)


class Shrink(Field):
    """The velocity that carries a standard normal to one of standard deviation 1/2."""

    def forward(self, vectors, time, context):
        time = time[:, None]
        return vectors * (0.25 * time - (1 - time)) / ((1 - time) ** 2 + 0.25 * time**2)


def _known(field, **kwargs):
    generator = FlowMatching(2, 1, **kwargs)
    generator.field = field
    return generator


def _sample(generator):
    noise = SetNoise([0], [200], "cpu")
    return generator.sample(torch.zeros(1, 1), sets([200]), no_covariates(200), noise)


@pytest.mark.parametrize("n_steps", [1, 2, 13])
def test_the_integrator_goes_from_time_0_to_time_1(n_steps):
    start = SetNoise([0], [200], "cpu").normal(2)
    torch.testing.assert_close(_sample(_known(Shift(), n_steps=n_steps)), start + 3)


def test_the_integrator_converges_to_the_flow():
    start = SetNoise([0], [200], "cpu").normal(2)
    errors = [(_sample(_known(Shrink(), n_steps=n)) - 0.5 * start).abs().max().item() for n in (13, 26, 52)]
    assert errors[0] < 0.05
    assert errors[2] < errors[1] < errors[0]


def test_loss_of_the_true_velocity_of_a_shrinking_flow_is_its_conditional_variance():
    # v ~ N(0, 1/4): E|u - (v - ε)|² = ∫ Var(v - ε | v_t) dt per dimension = ∫ σ²/((1-t)² + σ² t²) dt = σ π/2 at σ = 1/2.
    n = 20_000
    vectors = 0.5 * SetNoise([3], [n], "cpu").normal(2)
    generator = _known(Shrink())
    loss = generator.loss(
        vectors, torch.zeros(1, 1), sets([n]), torch.ones(n), no_covariates(n), SetNoise([4], [n], "cpu")
    )
    assert loss.item() == pytest.approx(2 * 0.5 * torch.pi / 2, rel=0.03)


def test_a_unit_asks_the_network_at_most_25_times():
    generator, calls = FlowMatching(2, 1), []
    generator.field.register_forward_hook(lambda *args: calls.append(1))
    generator.sample(torch.zeros(1, 1), sets([3]), no_covariates(3), SetNoise([0], [3], "cpu"))
    assert len(calls) == 25
