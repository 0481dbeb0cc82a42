from gde.generators import SlicedWasserstein
from tests.generators.generator_contract import GeneratorContract


class TestSlicedWasserstein(GeneratorContract):
    n_steps = 300

    def make(self, n_vectors, n_latent, covariates=None):
        return SlicedWasserstein(n_vectors, n_latent, covariates, n_hidden=64, n_layers=2)
