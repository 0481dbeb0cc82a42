import torch
from scvi import distributions

from gde.observations import ZeroInflatedNegativeBinomial
from tests.observations.count_likelihood_contract import CountLikelihoodContract, to_csr


class TestZeroInflatedNegativeBinomial(CountLikelihoodContract):
    def make(self, n_hidden, n_genes):
        return ZeroInflatedNegativeBinomial(n_hidden, n_genes)

    def oracle(self, likelihood, mean, hidden):
        return distributions.ZeroInflatedNegativeBinomial(
            mu=mean, theta=likelihood.log_theta.exp(), zi_logits=likelihood.zero_logit(hidden), validate_args=False
        )

    def moments(self, likelihood, mean, hidden):
        theta, extra = likelihood.log_theta.exp(), torch.sigmoid(likelihood.zero_logit(hidden))
        variance = (1 - extra) * (mean + mean**2 / theta) + extra * (1 - extra) * mean**2
        return (1 - extra) * mean, variance, extra + (1 - extra) * (theta / (theta + mean)) ** theta

    def test_without_extra_zeros_it_is_negative_binomial(self):
        likelihood, hidden = self.likelihood_and_hidden(0, 6, 5)
        torch.nn.init.zeros_(likelihood.zero_logit.weight)
        torch.nn.init.constant_(likelihood.zero_logit.bias, -50.0)
        x, library = to_csr(torch.poisson(torch.full((6, 5), 2.0).double())), torch.full((6,), 10.0).double()
        plain = super(type(likelihood), likelihood).log_prob(x, hidden, library)
        torch.testing.assert_close(likelihood.log_prob(x, hidden, library), plain)
