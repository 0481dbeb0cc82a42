from gde.generators import MMD
from tests.generators.generator_contract import GeneratorContract


class TestMMD(GeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None):
        return MMD(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)
