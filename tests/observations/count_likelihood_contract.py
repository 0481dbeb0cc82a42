"""What every count likelihood must do; a test class for one likelihood inherits it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gde.nn import SetNoise
from gde.observations import CountLikelihood

N_HIDDEN = 4
seeds = st.integers(0, 2**32 - 1)


def to_csr(x: Tensor, stored_zeros: float = 0.0) -> Tensor:
    """CSR tensor in which that share of the zeros is stored."""
    is_stored = (x != 0) | (torch.rand(x.shape) < stored_zeros)
    crow = torch.cat([torch.zeros(1, dtype=torch.long), is_stored.sum(1).cumsum(0)])
    return torch.sparse_csr_tensor(crow, is_stored.nonzero()[:, 1], x[is_stored], x.shape)


class CountLikelihoodContract:
    """A distribution over counts whose parameters are read from a hidden layer."""

    def make(self, n_hidden: int, n_genes: int) -> CountLikelihood:
        """A new likelihood."""
        raise NotImplementedError

    def oracle(self, likelihood: CountLikelihood, mean: Tensor, hidden: Tensor) -> torch.distributions.Distribution:
        """The same distribution by scvi-tools, given the means of the counts."""
        raise NotImplementedError

    def moments(self, likelihood: CountLikelihood, mean: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variance and share of zeros in closed form."""
        raise NotImplementedError

    def likelihood_and_hidden(self, seed, n_units, n_genes, dtype=torch.float64) -> tuple[CountLikelihood, Tensor]:
        """A likelihood with random parameters, and random hidden layers."""
        torch.manual_seed(seed)
        likelihood = self.make(N_HIDDEN, n_genes).to(dtype)
        for parameter in likelihood.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        return likelihood, torch.randn(n_units, N_HIDDEN, dtype=dtype)

    def mean(self, likelihood, hidden, library):
        return library[:, None] * torch.softmax(likelihood.share(hidden), dim=1)

    @settings(max_examples=25)
    @given(seeds, st.integers(1, 8), st.integers(1, 9), st.sampled_from([0.0, 0.3, 1.0]))
    def test_value_and_gradient_are_those_of_scvi(self, seed, n_units, n_genes, stored_zeros):
        likelihood, hidden = self.likelihood_and_hidden(seed, n_units, n_genes)
        hidden.requires_grad_()
        library = (50 * torch.rand(n_units, dtype=torch.float64) + 1).requires_grad_()
        x = torch.poisson(torch.rand(n_units, n_genes, dtype=torch.float64) * 8) * (torch.rand(n_units, n_genes) < 0.6)
        inputs = [hidden, library, *likelihood.parameters()]

        ours = likelihood.log_prob(to_csr(x, stored_zeros), hidden, library)
        theirs = self.oracle(likelihood, self.mean(likelihood, hidden, library), hidden).log_prob(x).sum(1)
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)  # scvi adds 1e-8 within logarithms
        score = torch.randn(n_units, dtype=torch.float64)
        gradients = [torch.autograd.grad(score @ value, inputs) for value in (ours, theirs)]
        for our_gradient, their_gradient in zip(*gradients, strict=True):
            torch.testing.assert_close(our_gradient, their_gradient, rtol=1e-4, atol=1e-4)

    def test_float32_is_float64_to_rounding(self):
        likelihood, hidden = self.likelihood_and_hidden(0, 20, 30)
        x = torch.poisson(torch.rand(20, 30, dtype=torch.float64) * 30)
        library = x.sum(1)
        exact = likelihood.log_prob(to_csr(x), hidden, library)
        rounded = likelihood.float().log_prob(to_csr(x.float()), hidden.float(), library.float())
        assert rounded.dtype == torch.float32
        torch.testing.assert_close(rounded.double(), exact, rtol=1e-4, atol=1e-4)

    def test_extreme_hidden_layers_have_finite_values_and_gradients(self):
        likelihood, hidden = self.likelihood_and_hidden(1, 6, 5, torch.float32)
        hidden = (100 * hidden).requires_grad_()
        x = torch.tensor(
            [[0.0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 1e4, 0, 0], [1, 1, 1, 1, 1], [0] * 5, [0, 3, 0, 0, 9]]
        )
        value = likelihood.log_prob(to_csr(x, 0.5), hidden, x.sum(1).clamp_min(1))
        assert torch.isfinite(value).all()
        gradients = torch.autograd.grad(value.sum(), [hidden, *likelihood.parameters()])
        assert all(torch.isfinite(gradient).all() for gradient in gradients)

    def test_probabilities_of_all_counts_sum_to_one(self):
        likelihood, hidden = self.likelihood_and_hidden(2, 1, 2)
        counts = torch.cartesian_prod(torch.arange(120.0), torch.arange(120.0)).double()
        log_prob = likelihood.log_prob(
            to_csr(counts), hidden.expand(len(counts), -1), torch.full((len(counts),), 4.0).double()
        )
        assert log_prob.exp().sum().item() == pytest.approx(1, abs=1e-4)

    def test_sample_has_the_mean_variance_and_zeros_of_the_closed_form(self):
        likelihood, hidden = self.likelihood_and_hidden(3, 1, 4, torch.float32)
        n = 20_000
        library = torch.full((n,), 20.0)
        with torch.no_grad():
            counts = likelihood.sample(hidden.expand(n, -1), library, SetNoise([0], [n], "cpu")).numpy()
            mean, variance, zeros = self.moments(likelihood, self.mean(likelihood, hidden, library[:1]), hidden)
        assert counts.shape == (n, 4)
        assert (counts >= 0).all() and (counts == np.rint(counts)).all()
        error = np.sqrt(variance.numpy()[0] / n)
        assert (np.abs(counts.mean(0) - mean.numpy()[0]) < 5 * error).all()
        np.testing.assert_allclose(counts.var(0), variance[0], rtol=0.12)
        np.testing.assert_allclose((counts == 0).mean(0), zeros[0], atol=0.02)

    def test_sample_is_a_function_of_the_seed_and_of_the_own_set(self):
        likelihood, hidden = self.likelihood_and_hidden(4, 5, 3, torch.float32)
        library = torch.full((5,), 30.0)
        both = likelihood.sample(hidden, library, SetNoise([1, 2], [2, 3], "cpu"))
        torch.testing.assert_close(likelihood.sample(hidden, library, SetNoise([1, 2], [2, 3], "cpu")), both)
        torch.testing.assert_close(likelihood.sample(hidden[2:], library[2:], SetNoise([2], [3], "cpu")), both[2:])
        assert (likelihood.sample(hidden, library, SetNoise([1, 9], [2, 3], "cpu"))[2:] != both[2:]).any()

    def test_samples_have_a_higher_likelihood_under_their_own_parameters(self):
        likelihood, hidden = self.likelihood_and_hidden(5, 200, 10, torch.float32)
        library = torch.full((200,), 100.0)
        x = to_csr(likelihood.sample(hidden, library, SetNoise([0], [200], "cpu")))
        own, other = likelihood.log_prob(x, hidden, library), likelihood.log_prob(x, hidden.flip(0), library)
        assert own.mean() > other.mean()
