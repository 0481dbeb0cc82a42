import pytest
import torch

from gde.encoders import DeepSets
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import SetEncoderContract


class TestDeepSets(SetEncoderContract):
    def make(self):
        return DeepSets(self.n_features, self.n_latent, n_hidden=8)

    def test_is_its_formula(self):
        encoder, batch = self.encoder_and_batch(0, [2, 3], torch.float64)
        mean = torch.stack([batch.weight[s] @ encoder.phi(batch.units[s]) / batch.weight[s].sum() for s in _slices()])
        torch.testing.assert_close(encoder(batch), encoder.rho(mean))


def _slices():
    return slice(0, 2), slice(2, 5)


class SumPooling(DeepSets):
    """Deep sets as published, with a sum: the embedding also says how many units there are."""

    def forward(self, batch: SetBatch) -> torch.Tensor:
        features = self.phi(batch.units) * batch.weight[:, None]
        return self.rho(features.new_zeros(batch.n_sets, features.shape[1]).index_add(0, batch.set_of_unit, features))


class SumPoolingContract(SetEncoderContract):
    def make(self):
        return SumPooling(self.n_features, self.n_latent, n_hidden=8)


@pytest.mark.parametrize(
    "clause",
    [
        "test_replicating_all_units_does_not_matter",
        "test_only_ratios_of_weights_matter",
        "test_streams_over_any_chunks",
    ],
)
def test_the_contract_catches_an_encoder_that_pools_by_a_sum(clause):
    with pytest.raises(AssertionError, match="not close"):
        getattr(SumPoolingContract(), clause)()


class BatchNormalised(DeepSets):
    """Looks at the other sets of the batch, in training."""

    def __init__(self, n_features, n_latent, n_hidden):
        super().__init__(n_features, n_latent, n_hidden=n_hidden)
        self.norm = torch.nn.BatchNorm1d(self.n_features)

    def features(self, units, means, set_of_unit):
        return self.phi(self.norm(units) if len(units) > 1 else units)


class BatchNormalisedContract(SetEncoderContract):
    def make(self):
        return BatchNormalised(self.n_features, self.n_latent, n_hidden=8)


def test_the_contract_catches_an_encoder_that_normalises_over_the_batch():
    with pytest.raises(AssertionError, match="not close"):
        BatchNormalisedContract().test_other_sets_of_the_batch_do_not_matter()
