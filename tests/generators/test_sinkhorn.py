from gde.generators import Sinkhorn
from tests.generators.generator_contract import GeneratorContract


class TestSinkhorn(GeneratorContract):
    n_steps = 200  # costs more a step than the others, and learns more in it

    def make(self, n_vectors, n_latent, covariates=None):
        return Sinkhorn(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)
