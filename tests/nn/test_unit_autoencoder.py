import pytest
import torch
from torch.distributions import Normal, kl_divergence

from gde.nn import Covariates, CovariateSizes, SetNoise, UnitAutoencoder

SIZES = CovariateSizes(n_categories=(2,), n_continuous=1)
SET_OF_UNIT = torch.tensor([0, 0, 1, 1, 1])


@pytest.fixture
def autoencoder():
    torch.manual_seed(0)
    autoencoder = UnitAutoencoder(6, 2, 3, 8, SIZES)
    for module in (autoencoder.encoder_covariates, autoencoder.decoder_context.covariate_effect):
        for parameter in module.parameters():  # these start at zero
            torch.nn.init.normal_(parameter)
    return autoencoder.eval()


@pytest.fixture
def inputs():
    torch.manual_seed(1)
    covariates = Covariates(torch.tensor([[0], [1], [0], [1], [1]]), torch.randn(5, 1))
    return torch.randn(5, 6), torch.randn(5, 2), torch.randn(2, 3), covariates


def _noise(seed=0):
    return SetNoise([seed, seed + 1], [2, 3], "cpu")


def test_divergence_is_that_of_torch():
    mean, sd = torch.randn(7, 3), torch.rand(7, 3) + 0.1
    expected = kl_divergence(Normal(mean, sd), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(UnitAutoencoder.divergence(mean, sd), expected)
    assert UnitAutoencoder.divergence(torch.zeros(1, 3), torch.ones(1, 3)).item() == 0


def test_standard_deviations_are_positive_also_for_extreme_units(autoencoder, inputs):
    features, _, _, covariates = inputs
    _, sd = autoencoder.encode(1e4 * features, covariates, _noise())
    assert (sd > 0).all() and torch.isfinite(torch.log(sd)).all()


def test_covariates_reach_encoder_and_decoder(autoencoder, inputs):
    features, vectors, z, covariates = inputs
    other = Covariates(1 - covariates.categorical, covariates.continuous)
    moved = Covariates(covariates.categorical, covariates.continuous + 1)
    for changed in (other, moved):
        encoded = [autoencoder.encode(features, c, _noise())[0] for c in (covariates, changed)]
        decoded = [autoencoder.decode(vectors, z, SET_OF_UNIT, c, _noise()) for c in (covariates, changed)]
        assert (encoded[0] != encoded[1]).any(1).all()
        assert (decoded[0] != decoded[1]).any(1).all()


def test_a_unit_is_decoded_from_its_own_set_s_embedding(autoencoder, inputs):
    _, vectors, z, covariates = inputs
    before = autoencoder.decode(vectors, z, SET_OF_UNIT, covariates, _noise())
    after = autoencoder.decode(vectors, z + torch.tensor([[1.0], [0.0]]), SET_OF_UNIT, covariates, _noise())
    assert (before[:2] != after[:2]).any(1).all()
    torch.testing.assert_close(before[2:], after[2:], rtol=0, atol=0)


def test_dropout_acts_in_training_only_and_follows_the_sets_seeds(autoencoder, inputs):
    _, vectors, z, covariates = inputs

    def decode(seed):
        return autoencoder.decode(vectors, z, SET_OF_UNIT, covariates, _noise(seed))

    torch.testing.assert_close(decode(0), decode(9), rtol=0, atol=0)
    autoencoder.train()
    torch.testing.assert_close(decode(0), decode(0), rtol=0, atol=0)
    assert (decode(0) != decode(9)).any()
