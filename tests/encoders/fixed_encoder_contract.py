"""What every encoder without weights must do beside."""

import pytest
import torch

from tests.encoders.set_encoder_contract import SetEncoderContract, take


class FixedEncoderContract(SetEncoderContract):
    """Statistics on the scale of the training sets, with nothing to train."""

    def encoder_and_batch(self, seed, sizes, dtype, training=False):
        """Calibrated on other sets than those of the batch."""
        encoder, batch = super().encoder_and_batch(seed, sizes, dtype, training)
        _, other = super().encoder_and_batch(1, [5] * 20, dtype)
        encoder.calibrate(lambda: [other])
        return encoder, batch

    def test_has_no_weights_and_says_so(self):
        encoder = self.make()
        assert encoder.is_fixed and encoder.noise_sd == 0
        assert not list(encoder.parameters())

    def test_embeddings_of_the_sets_of_calibration_are_centred_and_of_order_one(self):
        _, batch = self.encoder_and_batch(0, [30] * 40, torch.float64)
        encoder = self.make().double()
        encoder.calibrate(lambda: [take(batch, rows) for rows in torch.arange(batch.n_units).split(100)])
        z = encoder(batch)
        torch.testing.assert_close(z.mean(0), torch.zeros(self.n_latent).double(), atol=1e-10, rtol=0)
        assert z.square().mean().item() == pytest.approx(1)
        encoder.calibrate(lambda: [batch])
        torch.testing.assert_close(encoder(batch), z)

    def test_calibration_on_a_single_set_stays_finite(self):
        encoder, batch = self.encoder_and_batch(0, [5], torch.float64)
        encoder.calibrate(lambda: [batch])
        assert torch.isfinite(encoder(batch)).all()
