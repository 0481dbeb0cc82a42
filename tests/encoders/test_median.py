import numpy as np
import scipy.optimize
import torch

from gde.encoders import Median, embed_chunks
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import SetEncoderContract


def _plain(n_iterations):
    """φ and ρ are the identity."""
    encoder = Median(2, 2, n_iterations=n_iterations)
    encoder.phi = encoder.rho = torch.nn.Identity()
    return encoder.double()


class TestMedian(SetEncoderContract):
    def make(self):
        return Median(self.n_features, self.n_latent, n_hidden=8)

    def test_many_passes_find_the_geometric_median(self):
        rng = np.random.default_rng(0)
        units, weight = rng.standard_normal((15, 2)) + [2, -1], rng.random(15)
        sets = torch.zeros(15, dtype=torch.long)
        median = _plain(200)(SetBatch(torch.from_numpy(units), sets, torch.from_numpy(weight), 1))
        best = scipy.optimize.minimize(
            lambda m: weight @ np.sqrt(((units - m) ** 2).sum(1) + 0.01), np.zeros(2), tol=1e-10
        )
        np.testing.assert_allclose(median.numpy()[0], best.x, atol=1e-5)

    def test_outliers_do_not_carry_it_away(self):
        torch.manual_seed(0)
        units = torch.randn(100, 2, dtype=torch.float64)
        units[:20] += 1000
        batch = SetBatch(units, torch.zeros(100, dtype=torch.long), torch.ones(100, dtype=torch.float64), 1)
        assert units.mean(0).norm() > 200
        assert embed_chunks(_plain(10), lambda: [batch], 1).norm() < 1
