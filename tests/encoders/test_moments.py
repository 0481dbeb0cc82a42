import numpy as np
import pytest
import torch

from gde.encoders import Moments, embed_chunks
from gde.nn import SetBatch
from tests.encoders.fixed_encoder_contract import FixedEncoderContract


class TestMean(FixedEncoderContract):
    n_latent = 3

    def make(self):
        return Moments(3, 3)


class TestMeanAndCovariance(FixedEncoderContract):
    n_latent = 9

    def make(self):
        return Moments(3, 9)

    def test_is_what_numpy_gives(self):
        _, batch = self.encoder_and_batch(0, [7], torch.float64)
        units, weight = batch.units.numpy(), batch.weight.numpy()
        covariance = np.cov(units.T, aweights=weight, ddof=0)[np.tril_indices(3)]
        expected = np.concatenate([np.average(units, axis=0, weights=weight), covariance])
        np.testing.assert_allclose(self.make().double()(batch)[0], expected, rtol=1e-10)

    def test_means_and_covariances_each_have_their_scale(self):
        _, batch = self.encoder_and_batch(0, [10] * 20, torch.float64)
        batch.units[:] = 100 * batch.units[::10].repeat_interleave(10, 0) + 0.01 * batch.units
        encoder = self.make().double()
        encoder.calibrate(lambda: [batch])
        z = encoder(batch)
        assert z[:, :3].square().mean().item() == pytest.approx(1)
        assert z[:, 3:].square().mean().item() == pytest.approx(1)

    def test_a_large_offset_does_not_spoil_the_covariance(self):
        torch.manual_seed(0)
        units = torch.randn(1000, 3) + 1e3
        parts = [SetBatch(part, torch.zeros(100, dtype=torch.long), torch.ones(100), 1) for part in units.split(100)]
        expected = np.cov(units.double().T.numpy(), ddof=0)[np.tril_indices(3)]
        np.testing.assert_allclose(embed_chunks(self.make(), lambda: parts, 1)[0, 3:], expected, atol=1e-3)


def test_a_width_that_does_not_fit_is_refused_with_those_that_do():
    with pytest.raises(ValueError, match="`n_latent=5` or `n_latent=20`, not 32"):
        Moments(5, 32)
