import torch

from gde.encoders import ResNet
from tests.encoders.set_encoder_contract import SetEncoderContract, assert_same


class TestResNet(SetEncoderContract):
    def make(self):
        return ResNet(self.n_features, self.n_latent, n_hidden=8, n_layers=2)

    def test_forward_is_the_passes_of_the_base_class(self):
        encoder, batch = self.encoder_and_batch(0, [2, 5, 1], torch.float64)
        assert encoder.n_passes == 3
        assert_same(encoder(batch), super(ResNet, encoder).forward(batch))

    def test_a_unit_hears_of_its_own_set_and_of_no_other(self):
        encoder, batch = self.encoder_and_batch(1, [2, 3], torch.float64)
        means = [torch.randn(2, 8, dtype=torch.float64)]
        before = encoder.features(batch.units, means, batch.set_of_unit)
        means[0][0] += 1
        changed = (encoder.features(batch.units, means, batch.set_of_unit) != before).any(1)
        assert changed.tolist() == [True, True, False, False, False]
