import torch
from scvi import distributions

from gde.observations import NegativeBinomial
from tests.observations.count_likelihood_contract import CountLikelihoodContract, to_csr


class TestNegativeBinomial(CountLikelihoodContract):
    def make(self, n_hidden, n_genes):
        return NegativeBinomial(n_hidden, n_genes)

    def oracle(self, likelihood, mean, hidden):
        return distributions.NegativeBinomial(mu=mean, theta=likelihood.log_theta.exp(), validate_args=False)

    def moments(self, likelihood, mean, hidden):
        theta = likelihood.log_theta.exp()
        return mean, mean + mean**2 / theta, (theta / (theta + mean)) ** theta


def test_half_precision_of_the_layers_before_leaves_the_sums_over_genes_exact():
    likelihood, x = NegativeBinomial(3, 50), to_csr(torch.poisson(torch.ones(4, 50)), 0.3)
    hidden, library = torch.ones(4, 3), torch.full((4,), 50.0)
    exact = likelihood.log_prob(x, hidden, library)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(likelihood.log_prob(x, hidden.bfloat16(), library), exact)
