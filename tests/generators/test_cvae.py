import torch

from gde.encoders import DeepSets
from gde.generators import CVAE
from gde.module import GDEModule
from gde.nn import SetBatch, SetNoise
from gde.observations import Continuous
from tests.generators.generator_contract import GeneratorContract, no_covariates


class TestCVAE(GeneratorContract):
    max_energy_distance = 0.5  # clusters come out blurred: the latent normal is one piece

    def make(self, n_vectors, n_latent, covariates=None):
        return CVAE(n_vectors, n_latent, covariates)

    test_weights_of_a_set_are_relative_and_a_unit_of_no_weight_does_not_count = None  # there is no loss to weigh

    def test_loss_of_a_model_is_its_negative_evidence_lower_bound(self):
        torch.manual_seed(0)
        observation = Continuous(2, 2, 1, has_autoencoder=True, n_hidden=8)
        module = GDEModule(observation, DeepSets(2, 1), self.make(2, 1)).eval()
        x, halves = torch.randn(4, 2), torch.arange(4) // 2
        batch, z = SetBatch(x, halves, torch.ones(4), n_sets=2), torch.randn(2, 1)
        outputs = module.generative(x, batch, z, z, no_covariates(4), SetNoise([0], [4], "cpu"))
        loss = module.loss({}, {"halves": batch}, outputs).loss
        mean, sd = observation.autoencoder.encode(x, no_covariates(4), None)
        vectors = mean + sd * SetNoise([0], [4], "cpu").normal(2)
        hidden = observation.autoencoder.decode(vectors, z, halves, no_covariates(4), None)
        prior = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
        kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, sd), prior).sum(1)
        torch.testing.assert_close(loss, (kl - observation.likelihood.log_prob(x, hidden)).mean())

    def test_needs_an_autoencoder_whose_latent_vectors_are_standard_normal(self):
        assert CVAE.needs_autoencoder and CVAE.kl_weight == 1
