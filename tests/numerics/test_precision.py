"""Losses in float32 against float64, and gradients against finite differences, of every encoder and every generator of vectors."""

import copy

import pytest
import torch

from gde import encoders, generators
from gde.nn import SetBatch, SetNoise
from tests.generators.generator_contract import no_covariates, sets

SIZES = [5, 3]
GENERATORS = {
    "cvae": lambda: generators.CVAE(2, 3),
    "diffusion": lambda: generators.Diffusion(2, 3, n_hidden=8, n_layers=1),
    "flow_matching": lambda: generators.FlowMatching(2, 3, n_hidden=8, n_layers=1),
    "normalizing_flow": lambda: generators.NormalizingFlow(2, 3),
    "mmd": lambda: generators.MMD(2, 3),
    "sinkhorn": lambda: generators.Sinkhorn(2, 3),
    "sliced_wasserstein": lambda: generators.SlicedWasserstein(2, 3),
    "wormhole": lambda: generators.Wormhole(2, 3),
}
# Sinkhorn's iterations stop before their limit, whose gradient is taken (by the envelope theorem): near it, but not that of the value.
STOPPED_EARLY = ["sinkhorn", "wormhole"]
ENCODERS = {
    "deep_sets": lambda: encoders.DeepSets(3, 2, n_hidden=8),
    "resnet": lambda: encoders.ResNet(3, 2, n_hidden=8),
    "attention": lambda: encoders.Attention(3, 2, n_hidden=8),
    "median": lambda: encoders.Median(3, 2, n_hidden=8),
    "kernel_mean": lambda: encoders.KernelMean(3, 2),
    "moments": lambda: encoders.Moments(3, 3),
}


class NoiseIn(SetNoise):
    """The same numbers in another precision."""

    def __init__(self, dtype):
        super().__init__([1, 2], SIZES, "cpu")
        self._dtype = dtype

    def _draw(self, draw):
        return super()._draw(draw).to(self._dtype)

    def normal_of_sets(self, n_columns):
        return super().normal_of_sets(n_columns).to(self._dtype)

    def uniform_of_sets(self, n_columns):
        return super().uniform_of_sets(n_columns).to(self._dtype)


def _loss(generator, vectors, z):
    dtype = z.dtype
    covariates = no_covariates(len(vectors))
    covariates = type(covariates)(covariates.categorical, covariates.continuous.to(dtype))
    return generator.loss(vectors, z, sets(SIZES), torch.ones(len(vectors), dtype=dtype), covariates, NoiseIn(dtype))


def _inputs(name):
    torch.manual_seed(0)
    generator = GENERATORS[name]().eval()
    for parameter in generator.parameters():  # some networks begin at zero, where nothing depends on z
        torch.nn.init.normal_(parameter, std=0.3)
    return generator, torch.randn(sum(SIZES), 2), torch.randn(len(SIZES), 3)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generators_loss_in_float32_is_that_in_float64(name):
    generator, vectors, z = _inputs(name)
    exact = _loss(copy.deepcopy(generator).double(), vectors.double(), z.double())
    torch.testing.assert_close(_loss(generator, vectors, z).double(), exact, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name", [name for name in GENERATORS if name not in ("cvae", *STOPPED_EARLY)]
)  # a cvae has no loss of its own
def test_a_generators_gradient_is_that_of_finite_differences(name):
    generator, vectors, z = _inputs(name)
    generator, vectors, z = generator.double(), vectors.double(), z.double()
    assert torch.autograd.gradcheck(lambda z: _loss(generator, vectors, z), z.requires_grad_(), eps=1e-6, atol=1e-5)
    parameter = next(p for p in generator.parameters() if p.numel() > 1)
    slope = torch.autograd.grad(_loss(generator, vectors, z).sum(), parameter)[0]
    direction = torch.randn_like(slope) / slope.numel() ** 0.5
    torch.testing.assert_close(
        (slope * direction).sum(), _difference(generator, vectors, z, direction), rtol=1e-4, atol=1e-6
    )


def _difference(generator, vectors, z, direction, step=1e-5):
    """Derivative of the loss along a direction of the first matrix of weights."""
    values = []
    for sign in (1, -1):
        moved = copy.deepcopy(generator)
        next(p for p in moved.parameters() if p.numel() > 1).data += sign * step * direction
        values.append(_loss(moved, vectors, z).sum().detach())
    return (values[0] - values[1]) / (2 * step)


@pytest.mark.parametrize("name", STOPPED_EARLY)
def test_the_gradient_of_stopped_iterations_points_where_finite_differences_do(name):
    generator, vectors, z = _inputs(name)
    generator, vectors, z = generator.double(), vectors.double(), z.double().requires_grad_()
    slope = torch.autograd.grad(_loss(generator, vectors, z).sum(), z)[0]
    moves = torch.eye(z.numel(), dtype=z.dtype).reshape(-1, *z.shape) * 1e-5
    found = torch.stack(
        [(_loss(generator, vectors, z + move) - _loss(generator, vectors, z - move)).sum() / 2e-5 for move in moves]
    )
    assert torch.nn.functional.cosine_similarity(slope.ravel(), found, dim=0) > 0.9


def _embed(encoder, x):
    weight = torch.linspace(0.5, 1.5, len(x), dtype=x.dtype)
    return encoder(SetBatch(x, sets(SIZES), weight, len(SIZES)))


@pytest.mark.parametrize("name", ENCODERS)
def test_an_embedding_in_float32_is_that_in_float64_and_its_gradient_that_of_finite_differences(name):
    torch.manual_seed(0)
    encoder, x = ENCODERS[name]().eval(), torch.randn(sum(SIZES), 3)
    exact = copy.deepcopy(encoder).double()
    torch.testing.assert_close(_embed(encoder, x).double(), _embed(exact, x.double()), rtol=1e-4, atol=1e-5)
    assert torch.autograd.gradcheck(lambda x: _embed(exact, x), x.double().requires_grad_(), eps=1e-6, atol=1e-5)
