import torch

from gde.generators import Wormhole
from tests.generators.generator_contract import GeneratorContract


class TestWormhole(GeneratorContract):
    n_steps = 200
    max_energy_distance = (
        0.5  # sets of one or two units pull the whole cloud to them, so that there is too little spread
    )

    def make(self, n_vectors, n_latent, covariates=None):
        return Wormhole(n_vectors, n_latent, covariates, n_points=64, n_hidden=64)

    def test_units_of_a_sample_differ(self):
        """As far as there are points: the same point may be drawn twice."""
        vectors = self.sample(self.generator(), torch.randn(1, self.n_latent), [1000], [1])
        assert len(vectors.unique(dim=0)) == 64
