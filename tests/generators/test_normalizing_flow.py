import sys

import pytest
import torch

from gde.generators import NormalizingFlow
from tests.generators.generator_contract import GeneratorContract, no_covariates, sets


class TestNormalizingFlow(GeneratorContract):
    n_steps = 300

    def make(self, n_vectors, n_latent, covariates=None):
        return NormalizingFlow(n_vectors, n_latent, covariates, n_hidden=64)

    def test_loss_is_minus_the_log_of_a_density(self):
        """The density integrates to 1 over a fine grid."""
        generator, z = self.generator(), torch.randn(1, self.n_latent)
        side = torch.linspace(-8, 8, 200)
        grid = torch.cartesian_prod(side, side)
        n = len(grid)
        loss = generator.loss(grid, z.expand(n, -1), torch.arange(n), torch.ones(n), no_covariates(n), None)
        assert torch.exp(-loss).sum().item() * (side[1] - side[0]).item() ** 2 == pytest.approx(1, abs=0.01)

    def test_samples_have_the_density(self):
        """Their mean loss is the entropy, which the grid of the density gives too."""
        generator, z = self.generator(), torch.randn(1, self.n_latent)
        vectors = self.sample(generator, z, [4000], [1])
        side = torch.linspace(-8, 8, 200)
        grid = torch.cartesian_prod(side, side)
        context = generator.context(z, torch.zeros(len(grid), dtype=torch.long), no_covariates(len(grid)))
        log_density = generator.flow(context).log_prob(grid)
        entropy = -(log_density.exp() * log_density).sum() * (side[1] - side[0]) ** 2
        assert self.loss(generator, vectors, z, [4000], [1]).item() == pytest.approx(entropy.item(), abs=0.06)


def test_works_on_a_single_dimension():
    generator = NormalizingFlow(1, 3, n_hidden=8)
    loss = generator.loss(torch.randn(5, 1), torch.randn(2, 3), sets([2, 3]), torch.ones(5), no_covariates(5), None)
    assert loss.shape == (2,) and torch.isfinite(loss).all()


def test_without_zuko_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "zuko.flows", None)
    with pytest.raises(ImportError, match=r'pip install "gde-tools\[flows\]"'):
        NormalizingFlow(2, 3)
