from gde.generators import Sinkhorn
from tests.generators.generator_contract import GeneratorContract


class TestSinkhorn(GeneratorContract):
    def make(self, n_vectors, n_latent, covariates=None):
        return Sinkhorn(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)
