"""Losses in float32 against float64, and gradients against finite differences, of every encoder and every generator of vectors."""

import copy
import sys

import pytest
import torch

from gde import encoders
from gde.nn import SetBatch
from tests.numerics.losses import GENERATORS, SETS, SIZES, inputs, loss_of

# Sinkhorn's iterations stop before their limit, whose gradient is taken (by the envelope theorem).
STOPPED_EARLY = ["sinkhorn", "wormhole"]
ENCODERS = {
    "deep_sets": lambda: encoders.DeepSets(3, 2, n_hidden=8),
    "resnet": lambda: encoders.ResNet(3, 2, n_hidden=8),
    "attention": lambda: encoders.Attention(3, 2, n_hidden=8),
    "median": lambda: encoders.Median(3, 2, n_hidden=8),
    "kernel_mean": lambda: encoders.KernelMean(3, 2),
    "moments": lambda: encoders.Moments(3, 3),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generators_loss_in_float32_is_that_in_float64(name):
    generator, vectors, z = inputs(name)
    exact = loss_of(copy.deepcopy(generator).double(), vectors.double(), z.double())
    torch.testing.assert_close(loss_of(generator, vectors, z).double(), exact, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "name", [name for name in GENERATORS if name not in ("cvae", *STOPPED_EARLY)]
)  # a cvae has no loss of its own
def test_a_generators_gradient_is_that_of_finite_differences(name):
    generator, vectors, z = inputs(name)
    generator, vectors, z = generator.double(), vectors.double(), z.double()
    assert torch.autograd.gradcheck(lambda z: loss_of(generator, vectors, z), z.requires_grad_(), eps=1e-6, atol=1e-5)
    parameter = next(p for p in generator.parameters() if p.numel() > 1)
    slope = torch.autograd.grad(loss_of(generator, vectors, z).sum(), parameter)[0]
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
        values.append(loss_of(moved, vectors, z).sum().detach())
    return (values[0] - values[1]) / (2 * step)


def _both_slopes(name):
    """Gradient by z, and finite differences of the loss."""
    generator, vectors, z = inputs(name)
    generator, vectors, z = generator.double(), vectors.double(), z.double().requires_grad_()
    slope = torch.autograd.grad(loss_of(generator, vectors, z).sum(), z)[0]
    moves = torch.eye(z.numel(), dtype=z.dtype).reshape(-1, *z.shape) * 1e-5
    with torch.no_grad():
        found = [(loss_of(generator, vectors, z + m) - loss_of(generator, vectors, z - m)).sum() / 2e-5 for m in moves]
    return slope.ravel(), torch.stack(found)


@pytest.mark.parametrize("name", STOPPED_EARLY)
def test_the_gradient_of_stopped_iterations_points_where_finite_differences_do(name):
    assert torch.nn.functional.cosine_similarity(*_both_slopes(name), dim=0) > 0.9


@pytest.mark.parametrize("name", STOPPED_EARLY)
def test_the_gradient_of_iterations_that_reach_their_limit_is_that_of_finite_differences(name, monkeypatch):
    """With smaller steps down to a wider blur, where they converge within two hundred."""
    monkeypatch.setattr(sys.modules["gde.nn.sinkhorn"], "BLUR", 0.5)
    monkeypatch.setattr(sys.modules["gde.nn.sinkhorn"], "SCALING", 0.99)
    slope, found = _both_slopes(name)
    assert (slope - found).norm() < 1e-3 * found.norm()


def _embed(encoder, x):
    weight = torch.linspace(0.5, 1.5, len(x), dtype=x.dtype)
    return encoder(SetBatch(x, SETS, weight, len(SIZES)))


@pytest.mark.parametrize("name", ENCODERS)
def test_an_embedding_in_float32_is_that_in_float64_and_its_gradient_that_of_finite_differences(name):
    torch.manual_seed(0)
    encoder, x = ENCODERS[name]().eval(), torch.randn(sum(SIZES), 3)
    exact = copy.deepcopy(encoder).double()
    torch.testing.assert_close(_embed(encoder, x).double(), _embed(exact, x.double()), rtol=1e-4, atol=1e-5)
    assert torch.autograd.gradcheck(lambda x: _embed(exact, x), x.double().requires_grad_(), eps=1e-6, atol=1e-5)
