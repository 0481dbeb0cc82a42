import numpy as np
import pytest
import torch

from gde.nn import SetNoise
from gde.observations import Normal


@pytest.fixture
def likelihood():
    torch.manual_seed(0)
    return Normal(4, 3)


def _oracle(likelihood, hidden):
    return torch.distributions.Normal(likelihood.mean(hidden), likelihood.log_sd(hidden).exp())


def test_value_and_gradient_are_those_of_torch(likelihood):
    hidden, x = torch.randn(6, 4, requires_grad=True), torch.randn(6, 3)
    ours, theirs = likelihood.log_prob(x, hidden), _oracle(likelihood, hidden).log_prob(x).sum(1)
    torch.testing.assert_close(ours, theirs)
    for pair in zip(
        *(torch.autograd.grad(value.sum(), [hidden, *likelihood.parameters()]) for value in (ours, theirs)), strict=True
    ):
        torch.testing.assert_close(*pair)


def test_a_unit_on_its_mean_cannot_make_the_density_infinite(likelihood):
    torch.nn.init.constant_(likelihood.log_sd.bias, -1000.0)
    hidden = torch.randn(2, 4, requires_grad=True)
    value = likelihood.log_prob(likelihood.mean(hidden).detach(), hidden)
    value.sum().backward()
    assert torch.isfinite(value).all() and torch.isfinite(hidden.grad).all()


def test_sample_has_mean_and_standard_deviation_of_the_likelihood(likelihood):
    hidden, n = torch.randn(1, 4), 20_000
    with torch.no_grad():
        sample = likelihood.sample(hidden.expand(n, -1), SetNoise([0], [n], "cpu")).numpy()
        oracle = _oracle(likelihood, hidden)
    sd = oracle.stddev.numpy()[0]
    assert (np.abs(sample.mean(0) - oracle.mean.numpy()[0]) < 5 * sd / np.sqrt(n)).all()
    np.testing.assert_allclose(sample.std(0), sd, rtol=0.03)
