import pytest
import torch

from gde.encoders import Attention
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import SetEncoderContract


class TestAttention(SetEncoderContract):
    def make(self):
        return Attention(self.n_features, self.n_latent, n_hidden=8, n_queries=2)

    def test_is_the_softmax_over_the_units_of_a_set(self):
        encoder, batch = self.encoder_and_batch(0, [6], torch.float64)
        hidden = encoder.phi(batch.units)
        logits = 5 * torch.tanh(encoder.keys(hidden) / 5) + torch.log(batch.weight)[:, None]
        values = encoder.values(hidden).unflatten(1, (2, 4))
        pooled = torch.einsum("iq,iqd->qd", torch.softmax(logits, dim=0), values)
        torch.testing.assert_close(encoder(batch), encoder.rho(pooled.flatten()[None]))

    def test_a_rare_unit_that_is_looked_for_outweighs_the_rest(self):
        encoder, batch = self.encoder_and_batch(0, [10], torch.float64)
        torch.nn.init.zeros_(encoder.keys.weight), torch.nn.init.zeros_(encoder.keys.bias)
        encoder.keys.weight.data[0] = 1e3 * encoder.phi(batch.units)[0].detach()
        attention = encoder.features(batch.units, [], batch.set_of_unit)[:, -2:]
        assert attention[0, 0].item() == pytest.approx(torch.e**5, rel=1e-3)
        assert (attention[:, 1] == 1).all()

    def test_huge_features_stay_finite(self):
        encoder = self.make()
        batch = SetBatch(1e6 * torch.randn(4, 3), torch.zeros(4, dtype=torch.long), torch.ones(4), 1)
        assert torch.isfinite(encoder(batch)).all()

    def test_queries_that_do_not_divide_the_width_are_refused(self):
        with pytest.raises(ValueError, match="`n_queries` must divide"):
            Attention(3, 4, n_hidden=8, n_queries=3)
