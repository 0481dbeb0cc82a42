import torch

from gde.generators import CVAE
from tests.generators.generator_contract import GeneratorContract


class TestCVAE(GeneratorContract):
    max_energy_distance = 0.5  # clusters come out blurred: the latent normal is one piece

    def make(self, n_vectors, n_latent, covariates=None):
        return CVAE(n_vectors, n_latent, covariates)

    def test_loss_is_minus_the_log_density_of_a_standard_normal(self):
        vectors = torch.randn(5, 2)
        loss = self.loss(self.generator(), vectors, torch.zeros(2, self.n_latent), [2, 3], [1, 2])
        expected = -torch.distributions.Normal(0.0, 1.0).log_prob(vectors).sum(1)
        torch.testing.assert_close(loss, torch.stack([expected[:2].mean(), expected[2:].mean()]))

    def test_needs_an_autoencoder_whose_latent_vectors_are_standard_normal(self):
        assert CVAE.needs_autoencoder and CVAE.kl_weight == 1
