import torch
from scvi import distributions

from gde.observations import Poisson
from tests.observations.count_likelihood_contract import CountLikelihoodContract


class TestPoisson(CountLikelihoodContract):
    def make(self, n_hidden, n_genes):
        return Poisson(n_hidden, n_genes)

    def oracle(self, likelihood, mean, hidden):
        return distributions.Poisson(mean, validate_args=False)

    def moments(self, likelihood, mean, hidden):
        return mean, mean, torch.exp(-mean)
