from scvi import distributions

from gde.observations import NegativeBinomial
from tests.observations.count_likelihood_contract import CountLikelihoodContract


class TestNegativeBinomial(CountLikelihoodContract):
    def make(self, n_hidden, n_genes):
        return NegativeBinomial(n_hidden, n_genes)

    def oracle(self, likelihood, mean, hidden):
        return distributions.NegativeBinomial(mu=mean, theta=likelihood.log_theta.exp(), validate_args=False)

    def moments(self, likelihood, mean, hidden):
        theta = likelihood.log_theta.exp()
        return mean, mean + mean**2 / theta, (theta / (theta + mean)) ** theta
