from dataclasses import replace

import pytest
import torch

from gde.encoders import DeepSets, KernelMean, Moments, ResNet, SetEncoder, WithMoments
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import SetEncoderContract, assert_same, make_batch


class TestWithMomentsOfTwo(SetEncoderContract):
    n_features = 2
    n_latent = 8

    def make(self):
        return WithMoments(DeepSets(2, 3, n_hidden=8, noise_sd=0.0))

    def test_forward_is_the_passes_of_the_base_class(self):
        encoder, batch = self.encoder_and_batch(0, [2, 5, 1], torch.float64)
        assert encoder.n_passes == 3
        assert_same(encoder(batch), SetEncoder.forward(encoder, batch))

    def test_distances_are_those_of_the_moments_and_generators_read_the_rest_in_full(self):
        encoder, batch = self.encoder_and_batch(0, [9] * 20, torch.float64)
        encoder.calibrate(lambda: [batch])
        moments = Moments(2, 5).double()
        moments.calibrate(lambda: [batch])
        z, expected = encoder(batch), moments(batch)
        assert_same(z[:, :5], expected)
        torch.testing.assert_close(torch.pdist(z), torch.pdist(expected), rtol=0, atol=0.005)
        given = encoder.condition(z)
        assert_same(given[:, :5], moments.condition(expected))
        sets, weight = batch.units.reshape(20, 9, 2), batch.weight.reshape(20, 9, 1)
        weight = weight / weight.sum(1, keepdim=True)
        deviation = sets - (weight * sets).sum(1, keepdim=True)
        scale = torch.sqrt((weight * deviation**2).sum(1, keepdim=True) + encoder.FLOOR**2)
        standardised = replace(batch, units=(deviation / scale).reshape(-1, 2))
        assert_same(given[:, 5:], encoder.encoder(standardised))

    def test_moving_and_stretching_a_set_changes_nothing_but_the_moments(self):
        encoder, batch = self.encoder_and_batch(0, [9], torch.float64)
        batch.units[:] *= 100  # so that the floor is nothing beside the scale
        moved = SetBatch(50 * batch.units + 1000, batch.set_of_unit, batch.weight, 1)
        torch.testing.assert_close(encoder(moved)[:, 5:], encoder(batch)[:, 5:], rtol=0, atol=1e-6)


@pytest.mark.parametrize("inner", [ResNet(3, 4, n_hidden=8, n_layers=1, noise_sd=0.0), KernelMean(3, 4)])
def test_goes_beside_encoders_of_any_kind(inner):
    encoder, batch = WithMoments(inner), make_batch([9, 1, 4], 3, torch.float32)
    encoder.calibrate(lambda: [batch])
    assert encoder(batch).shape == (3, 13) and torch.isfinite(encoder(batch)).all()
    assert encoder.name == f"WithMoments({inner.name})"
