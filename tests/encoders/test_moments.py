import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from gde.encoders import Moments, embed_chunks
from gde.metrics import gaussian_w2
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

    def test_is_what_scipy_gives(self):
        _, batch = self.encoder_and_batch(0, [7], torch.float64)
        units, weight = batch.units.numpy(), batch.weight.numpy()
        covariance = np.cov(units.T, aweights=weight, ddof=0) + Moments.FLOOR**2 * np.eye(3)
        root = np.where(np.eye(3), 1, np.sqrt(2)) * sqrtm(covariance)
        expected = np.concatenate([np.average(units, axis=0, weights=weight), root[np.tril_indices(3)]])
        np.testing.assert_allclose(self.make().double()(batch)[0], expected, rtol=1e-10)

    def test_distances_are_those_of_gaussians(self):
        rng, encoder = np.random.default_rng(0), self.make().double()
        roots = np.eye(3) + 0.1 * rng.normal(size=(30, 3, 3))
        means = 0.3 * rng.normal(size=(30, 1, 3))
        units = torch.from_numpy((means + rng.normal(size=(30, 5000, 3)) @ roots).reshape(-1, 3))
        batch = SetBatch(units, torch.arange(30).repeat_interleave(5000), torch.ones(len(units)).double(), 30)
        encoder.calibrate(lambda: [batch])
        sets = units.view(30, 5000, 3).numpy()
        mean, covariance = sets.mean(1), np.stack([np.cov(units.T, ddof=0) for units in sets])
        i, j = np.triu_indices(30, 1)
        w2 = gaussian_w2(mean[i], covariance[i], mean[j], covariance[j])
        ratio = torch.pdist(encoder(batch)).numpy() * encoder.scale.item() / w2
        assert 0.999 < ratio.min() and ratio.max() < 1.01

    def test_generators_are_given_means_and_roots_each_in_their_scale(self):
        _, batch = self.encoder_and_batch(0, [10] * 20, torch.float64)
        batch.units[:] = 100 * batch.units[::10].repeat_interleave(10, 0) + 0.01 * batch.units
        encoder = self.make().double()
        encoder.calibrate(lambda: [batch])
        z = encoder(batch)
        given = encoder.condition(z)
        assert z[:, 3:].square().mean().item() < 1e-6
        assert given[:, :3].square().mean().item() == pytest.approx(1)
        assert given[:, 3:].square().mean().item() == pytest.approx(1)

    def test_a_large_offset_does_not_spoil_the_covariance(self):
        torch.manual_seed(0)
        units = torch.randn(1000, 3) + 1e3
        parts = [SetBatch(part, torch.zeros(100, dtype=torch.long), torch.ones(100), 1) for part in units.split(100)]
        near = [SetBatch(part.units - 1e3, part.set_of_unit, part.weight, 1) for part in parts]
        far = embed_chunks(self.make(), lambda: parts, 1)
        torch.testing.assert_close(far[0, 3:], embed_chunks(self.make(), lambda: near, 1)[0, 3:], atol=1e-3, rtol=0)


def test_a_width_that_does_not_fit_is_refused_with_those_that_do():
    with pytest.raises(ValueError, match="`n_latent=5` or `n_latent=20`, not 32"):
        Moments(5, 32)
