import pytest
import torch

from gde.encoders import SetEncoder
from gde.nn import MLP
from tests.encoders.set_encoder_contract import SetEncoderContract


class Standardised(SetEncoder):
    """Two passes: mean and second moment of a set, then a network of its units in the set's own location and scale."""

    n_passes = 2

    def __init__(self, n_features, n_latent):
        super().__init__(n_features, n_latent)
        self.phi = MLP(n_features, 8, 8)
        self.rho = MLP(8 + 2 * n_features, 8, n_latent)

    def features(self, units, means, set_of_unit):
        if not means:
            return torch.cat([units, units**2], dim=1)
        mean, square = means[0].chunk(2, dim=1)
        sd = torch.sqrt((square - mean**2).clamp_min(0) + 0.1)
        return self.phi((units - mean[set_of_unit]) / sd[set_of_unit])

    def head(self, means):
        return self.rho(torch.cat(means, dim=1))


class TestTwoPasses(SetEncoderContract):
    def make(self):
        return Standardised(self.n_features, self.n_latent)


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        SetEncoder(2, 3)
