import pytest
import torch

from gde.generators import MMD, ImplicitGenerator, Sinkhorn, SlicedWasserstein
from gde.nn import Covariates, CovariateSizes, SetNoise
from tests.generators.generator_contract import no_covariates, sets

ALL = pytest.mark.parametrize("cls", [MMD, SlicedWasserstein, Sinkhorn])


class Spread(torch.nn.Module):
    """Noise times a number."""

    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def context(self, z, set_of_unit, covariates):
        return set_of_unit[:, None]

    def forward(self, noise, context):
        return self.scale * noise


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        ImplicitGenerator(2, 3)


@ALL
@pytest.mark.parametrize("size", [1, 2, 8])
def test_the_loss_is_least_for_the_true_spread_however_small_the_sets(cls, size):
    """A distance without its third term asks for less spread, and of single units for none."""
    n_sets = 4000 // size
    n = size * n_sets
    vectors = SetNoise([0], [n], "cpu").normal(2)

    def loss(scale):
        generator = cls(2, 1)
        generator.network = Spread(scale)
        noise = SetNoise([1], [n], "cpu")
        arguments = (torch.zeros(n_sets, 1), sets([size] * n_sets), torch.ones(n), no_covariates(n), noise)
        return generator.loss(vectors, *arguments).mean().item()

    assert loss(1.0) < min(loss(0.6), loss(1.5))


@ALL
def test_the_gradient_is_finite_where_generated_and_real_sets_coincide(cls):
    generator = cls(2, 1, n_hidden=8)
    torch.nn.init.zeros_(generator.network.output[1].weight), torch.nn.init.zeros_(generator.network.output[1].bias)
    noise = SetNoise([1, 2], [3, 1], "cpu")
    arguments = (torch.zeros(2, 1), sets([3, 1]), torch.ones(4), no_covariates(4), noise)
    generator.loss(torch.zeros(4, 2), *arguments).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in generator.parameters() if p.grad is not None)


@ALL
def test_a_set_without_units_leaves_the_gradient_finite(cls):
    """Such is the second half of a set of one unit; it has no weight in the loss."""
    generator = cls(2, 1, n_hidden=8)
    arguments = (torch.zeros(2, 1), torch.zeros(3, dtype=torch.long), torch.ones(3), no_covariates(3))
    generator.loss(torch.randn(3, 2), *arguments, SetNoise([1], [3], "cpu")).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in generator.parameters() if p.grad is not None)


def test_covariates_reach_the_sample():
    generator = MMD(2, 3, CovariateSizes(n_categories=(2,)))
    torch.nn.init.normal_(generator.network.context.covariate_effect.categorical[0].weight)  # effects start at zero

    def sample(code):
        covariates = Covariates(torch.full((3, 1), code), torch.zeros(3, 0))
        return generator.sample(torch.zeros(1, 3), sets([3]), covariates, SetNoise([1], [3], "cpu"))

    assert (sample(0) != sample(1)).all()
