import math

import pytest
import torch

from gde.encoders import KernelMean
from gde.nn import SetBatch
from tests.encoders.fixed_encoder_contract import FixedEncoderContract


def _one_set(units):
    return SetBatch(units, torch.zeros(len(units), dtype=torch.long), torch.ones(len(units)), 1)


class TestKernelMean(FixedEncoderContract):
    def make(self):
        return KernelMean(self.n_features, self.n_latent)

    def test_products_of_features_are_the_gaussian_kernel(self):
        torch.manual_seed(0)
        encoder, units = KernelMean(3, 20_000), torch.randn(5, 3)
        encoder.bandwidth.fill_(1.5)
        features = encoder.features(units, [], torch.zeros(5, dtype=torch.long))
        kernel = torch.exp(-torch.cdist(units, units).square() / (2 * 1.5**2))
        torch.testing.assert_close(features @ features.T, kernel, atol=0.03, rtol=0)

    def test_distances_of_embeddings_are_proportional_to_the_mean_discrepancy(self):
        torch.manual_seed(0)
        units = torch.randn(90, 3) + torch.tensor([0.0, 1.0, 3.0]).repeat_interleave(30)[:, None]
        batch = SetBatch(units, torch.arange(3).repeat_interleave(30), torch.ones(90), 3)
        encoder = KernelMean(3, 20_000)
        encoder.calibrate(lambda: [batch])
        kernel = torch.exp(-torch.cdist(units, units).square() / (2 * encoder.bandwidth**2))
        blocks = kernel.unflatten(0, (3, 30)).unflatten(2, (3, 30)).mean((1, 3))
        discrepancy = torch.stack([blocks[i, i] + blocks[j, j] - 2 * blocks[i, j] for i, j in [(0, 1), (0, 2), (1, 2)]])
        ratio = torch.pdist(encoder(batch)) / discrepancy.sqrt()
        assert (ratio / ratio.mean()).tolist() == pytest.approx([1, 1, 1], abs=0.05)

    def test_bandwidth_is_the_median_distance_whatever_the_chunks(self):
        torch.manual_seed(0)
        units = torch.randn(5000, 3) * 7
        expected = 7 * math.sqrt(2 * 2.366)  # the median of a chi-squared with 3 degrees of freedom is 2.366
        for size in (5000, 777, 1):
            encoder = KernelMean(3, 4)
            encoder.calibrate(lambda size=size: map(_one_set, units.split(size)))
            assert encoder.bandwidth.item() == pytest.approx(expected, rel=0.03)

    def test_units_that_all_coincide_leave_the_bandwidth_at_one(self):
        encoder = KernelMean(3, 4)
        encoder.calibrate(lambda: [_one_set(torch.ones(5, 3))])
        assert encoder.bandwidth == 1
        assert torch.isfinite(encoder(_one_set(torch.randn(2, 3)))).all()
