import pytest
import torch

from gde.observations import Bernoulli
from tests.observations.count_likelihood_contract import CountLikelihoodContract, to_csr


class OnesOfCounts(torch.distributions.Poisson):
    """Whether Poisson counts are positive."""

    def log_prob(self, x):
        return torch.where(x > 0, torch.log(-torch.expm1(-self.rate)), -self.rate)


class TestBernoulli(CountLikelihoodContract):
    def make(self, n_hidden, n_genes):
        return Bernoulli(n_hidden, n_genes)

    def mean(self, likelihood, hidden, library):
        return library[:, None] * torch.exp(likelihood.share(hidden)).clamp(max=torch.e**5 / library[:, None])

    def oracle(self, likelihood, mean, hidden):
        return OnesOfCounts(mean, validate_args=False)

    def moments(self, likelihood, mean, hidden):
        zero = torch.exp(-mean)
        return 1 - zero, zero * (1 - zero), zero

    def likelihood_and_hidden(self, seed, n_units, n_genes, dtype=torch.float64):
        """Sites that are rarely open, so that neither ones nor zeros are certain."""
        likelihood, hidden = super().likelihood_and_hidden(seed, n_units, n_genes, dtype)
        torch.nn.init.normal_(likelihood.share.bias, mean=-3.5, std=0.7)
        return likelihood, hidden

    def test_probabilities_of_all_counts_sum_to_one(self):
        likelihood, hidden = self.likelihood_and_hidden(2, 1, 3)
        x = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).double()
        log_prob = likelihood.log_prob(to_csr(x), hidden.expand(8, -1), torch.full((8,), 4.0).double())
        assert log_prob.exp().sum().item() == pytest.approx(1)

    def test_twice_the_depth_squares_the_probability_of_a_closed_site(self):
        likelihood, hidden = self.likelihood_and_hidden(7, 5, 4)
        closed = to_csr(torch.zeros(5, 4, dtype=torch.float64))
        once, twice = (likelihood.log_prob(closed, hidden, torch.full((5,), depth).double()) for depth in (2.0, 4.0))
        torch.testing.assert_close(twice, 2 * once)

    def test_with_up_to_148_counts_behind_it_a_zero_costs_as_many_nats(self):
        likelihood, hidden = self.likelihood_and_hidden(8, 1, 1)
        torch.nn.init.zeros_(likelihood.share.weight), torch.nn.init.zeros_(likelihood.share.bias)
        depth = torch.tensor([140.0], dtype=torch.float64)
        closed = likelihood.log_prob(to_csr(torch.zeros(1, 1, dtype=torch.float64)), hidden, depth)
        torch.testing.assert_close(closed, -depth)
