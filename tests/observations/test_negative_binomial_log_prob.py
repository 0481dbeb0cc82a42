import pytest
import torch

from gde.observations import NegativeBinomialLogProb
from tests.observations.count_likelihood_contract import to_csr


def log_prob(logits, library, log_theta, x):
    """From logits, which are the hidden layer of a layer that changes nothing."""
    n_genes = logits.shape[1]
    return NegativeBinomialLogProb.apply(
        logits, torch.eye(n_genes).to(logits), logits.new_zeros(n_genes), library, log_theta, x
    )


def test_derivatives_are_those_of_finite_differences():
    torch.manual_seed(0)
    x = to_csr(torch.poisson(torch.full((4, 5), 1.5, dtype=torch.float64)), 0.3)
    hidden, weight, bias = (
        torch.randn(*size, dtype=torch.float64, requires_grad=True) for size in [(4, 3), (5, 3), (5,)]
    )
    library = (20 * torch.rand(4, dtype=torch.float64) + 1).requires_grad_()
    log_theta = torch.randn(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda *inputs: NegativeBinomialLogProb.apply(*inputs, x), (hidden, weight, bias, library, log_theta)
    )


def test_a_second_backward_pass_gives_the_same():
    """What is saved for the backward pass must not be overwritten by it."""
    logits = torch.randn(3, 4, requires_grad=True)
    x = to_csr(torch.ones(3, 4))
    value = log_prob(logits, torch.full((3,), 4.0), torch.zeros(4), x).sum()
    first, second = (torch.autograd.grad(value, logits, retain_graph=True)[0] for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_shares_too_small_for_float32_are_finite():
    logits = torch.tensor([[0.0, -300.0]], requires_grad=True)
    value = log_prob(logits, torch.tensor([5.0]), torch.zeros(2), to_csr(torch.tensor([[2.0, 3.0]])))
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    assert torch.isfinite(value).all() and torch.isfinite(gradient).all()
    assert gradient[0, 1] > 0


def test_coefficient_of_small_and_large_counts_is_that_of_torch():
    counts = torch.tensor([[0.0, 1, 2, 15], [16, 17, 18, 4000]], dtype=torch.float64)
    logits, library = torch.zeros(2, 4, dtype=torch.float64), counts.sum(1)
    log_theta = torch.tensor([-3.0, 0, 1, 4], dtype=torch.float64, requires_grad=True)
    theta = log_theta.exp()
    value = log_prob(logits, library, log_theta, to_csr(counts, 1.0))
    expected = torch.distributions.NegativeBinomial(theta, logits=torch.log(library / 4)[:, None] - log_theta)
    expected = expected.log_prob(counts).sum(1)
    torch.testing.assert_close(value, expected)
    for ours, theirs in zip(*(torch.autograd.grad(v.sum(), log_theta) for v in (value, expected)), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_units_do_not_depend_on_the_block_that_they_fall_into(monkeypatch):
    torch.manual_seed(0)
    counts = to_csr(torch.poisson(torch.ones(7, 4)), 0.3)
    logits, library = torch.randn(7, 4, requires_grad=True), torch.arange(1.0, 8.0)
    results = []
    for n_rows in (2, 7):
        monkeypatch.setattr("gde.observations.negative_binomial_log_prob.N_ROWS", n_rows)
        value = log_prob(logits, library, torch.zeros(4), counts)
        results.append((value, *torch.autograd.grad(value.square().sum(), logits)))
    for in_blocks, at_once in zip(*results, strict=True):
        torch.testing.assert_close(in_blocks, at_once)


def test_second_derivatives_are_refused_and_not_wrong():
    logits = torch.randn(3, 4, requires_grad=True)
    value = log_prob(logits, torch.full((3,), 4.0), torch.zeros(4), to_csr(torch.ones(3, 4))).square().sum()
    (gradient,) = torch.autograd.grad(value, logits, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()
