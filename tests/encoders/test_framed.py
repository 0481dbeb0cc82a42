import pytest
import torch

from gde.encoders import Attention, DeepSets, Framed, KernelMean, Median, Moments, ResNet, SetEncoder, embed_chunks
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import SetEncoderContract, assert_same, make_batch, take


class FramedContract(SetEncoderContract):
    def test_forward_is_the_passes_of_the_base_class(self):
        encoder, batch = self.encoder_and_batch(0, [2, 5, 1], torch.float64)
        assert encoder.n_passes == encoder.encoder.n_passes + 2
        assert_same(encoder(batch), SetEncoder.forward(encoder, batch))

    def test_moving_and_stretching_a_set_changes_nothing_but_the_linear_part(self):
        encoder, batch = self.encoder_and_batch(0, [9], torch.float64)
        batch.units[:] *= 100  # so that the floor is nothing beside the scale
        moved = SetBatch(50 * batch.units + 1000, batch.set_of_unit, batch.weight, 1)
        torch.nn.init.zeros_(encoder.linear.weight)
        torch.testing.assert_close(encoder(moved), encoder(batch), rtol=0, atol=1e-6)

    def test_calibration_does_not_depend_on_the_chunks(self):
        _, batch = self.encoder_and_batch(0, [20] * 5, torch.float64)
        one, many = self.make().double(), self.make().double()
        many.load_state_dict(one.state_dict())
        one.calibrate(lambda: [batch])
        many.calibrate(lambda: [take(batch, rows) for rows in torch.arange(100).split(7)])
        assert_same(many(batch), one(batch))


class TestFramedDeepSets(FramedContract):
    def make(self):
        return Framed(DeepSets(self.n_features, self.n_latent, n_hidden=8))


class TestFramedResNet(FramedContract):
    def make(self):
        return Framed(ResNet(self.n_features, self.n_latent, n_hidden=8, n_layers=2))


class TestFramedKernelMean(FramedContract):
    def make(self):
        return Framed(KernelMean(self.n_features, self.n_latent))

    def test_the_kernel_sees_standardised_units(self):
        _, batch = self.encoder_and_batch(0, [20] * 5, torch.float64)
        encoder = self.make().double()
        encoder.calibrate(lambda: [SetBatch(1e3 * batch.units, batch.set_of_unit, batch.weight, 5)])
        # Two units of one standardised set are about the root of 2 p apart.
        assert encoder.encoder.bandwidth.item() == pytest.approx(6**0.5, rel=0.2)


class TestFramedMoments(FramedContract):
    n_latent = 9

    def make(self):
        return Framed(Moments(self.n_features, self.n_latent))

    def test_generators_are_given_what_the_inner_encoder_would_give(self):
        encoder, batch = self.encoder_and_batch(0, [20] * 5, torch.float64)
        encoder.calibrate(lambda: [batch])
        z = encoder(batch)
        assert_same(encoder.condition(z), encoder.encoder.condition(z))
        assert (encoder.condition(z) != z).any()


@pytest.mark.parametrize("encoder", [Attention(3, 4, n_hidden=8, n_queries=2), Median(3, 4, n_hidden=8)])
def test_encoders_of_any_kind_stream_in_a_frame(encoder):
    framed, batch = Framed(encoder).double(), make_batch([9, 1, 4], 3, torch.float64)
    chunks = [take(batch, rows) for rows in torch.arange(14).split(4)]
    assert_same(embed_chunks(framed, lambda: chunks, 3), framed(batch).detach())


def test_says_what_is_in_the_frame():
    assert Framed(DeepSets(3, 4)).name == "Framed(DeepSets)"


def test_location_and_scale_go_to_the_embedding_linearly_however_far_they_are():
    torch.manual_seed(0)
    encoder, units = Framed(DeepSets(3, 4, n_hidden=8, noise_sd=0)).double(), torch.randn(30, 3, dtype=torch.float64)
    sets = [scale * units + shift for scale, shift in [(1, 0), (1, 1e4), (1, 2e4), (1e2, 0), (1e4, 0)]]
    z = torch.cat([encoder(SetBatch(x, torch.zeros(30).long(), torch.ones(30).double(), 1)) for x in sets])
    torch.testing.assert_close(z[2] - z[1], z[1] - z[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("noise_sd", [0.0, 0.5])
def test_noise_is_that_of_the_inner_encoder_and_location_stays_linear_with_it(noise_sd):
    encoder = Framed(DeepSets(3, 4, noise_sd=noise_sd))
    far = SetBatch(1e6 + torch.randn(5, 3), torch.zeros(5, dtype=torch.long), torch.ones(5), 1)
    assert encoder.noise_sd == noise_sd
    further = SetBatch(far.units + 1e6, far.set_of_unit, far.weight, 1)
    step = 1e6 * encoder.linear.weight[:, :3].sum(1)
    torch.testing.assert_close((encoder(further) - encoder(far))[0], step, rtol=1e-3, atol=1.0)
