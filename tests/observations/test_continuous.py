import numpy as np
import pytest
import torch

from gde.nn import Covariates, SetNoise
from gde.observations import Continuous

SET_OF_UNIT = torch.tensor([0, 0, 0, 1, 1, 1, 1])


def _make(**kwargs):
    torch.manual_seed(0)
    return Continuous(3, 2, 4, n_hidden=8, **kwargs).eval()


@pytest.fixture
def x():
    torch.manual_seed(1)
    return torch.randn(7, 3) * torch.tensor([1.0, 10.0, 0.1]) + torch.tensor([0.0, -50.0, 3.0])


def _covariates(n=7):
    return Covariates(torch.zeros(n, 0, dtype=torch.long), torch.zeros(n, 0))


def test_a_common_scale_keeps_the_proportions_of_variables(x):
    observation = _make(common_scale=True)
    observation.calibrate(lambda: x.split(2))
    features = observation.featurise(x)
    assert features.var(0, correction=0).mean() == pytest.approx(1, rel=1e-5)
    torch.testing.assert_close(features.std(0) / features.std(0)[0], x.std(0) / x.std(0)[0], rtol=1e-4, atol=0)
    observation.calibrate(lambda: [torch.full((4, 3), 7.0)])
    assert (observation.sd == 1).all()


@pytest.mark.parametrize("size", [1, 3, 7])
def test_calibrate_gives_what_numpy_gives_whatever_the_chunks(x, size):
    observation = _make()
    observation.calibrate(lambda: x.split(size))
    np.testing.assert_allclose(observation.mean, x.double().mean(0), rtol=1e-5)
    np.testing.assert_allclose(observation.sd, x.double().std(0, correction=0), rtol=1e-5)


def test_a_large_offset_does_not_spoil_the_standard_deviation():
    x = torch.from_numpy(np.random.default_rng(0).normal(1e4, 1, (500, 3)).astype(np.float32))
    observation = _make()
    observation.calibrate(lambda: x.split(100))
    np.testing.assert_allclose(observation.sd, x.double().std(0, correction=0), rtol=1e-5)


def test_a_variable_that_never_changes_is_only_centred(x):
    x[:, 1] = 1e5 / 3
    observation = _make()
    observation.calibrate(lambda: [x])
    features = observation.featurise(x)
    assert observation.sd[1] == 1
    assert features[:, 1].abs().max() < 0.01


def test_sparse_units_are_read_like_dense_ones(x):
    x = x * (torch.arange(21).reshape(7, 3) % 2)
    dense, sparse = _make(), _make()
    dense.calibrate(lambda: x.split(2))
    sparse.calibrate(lambda: [part.to_sparse_csr() for part in x.split(2)])
    torch.testing.assert_close(sparse.state_dict(), dense.state_dict())
    torch.testing.assert_close(sparse.featurise(x.to_sparse_csr()), dense.featurise(x))


def test_features_are_standardised_and_a_missing_variable_is_at_its_mean(x):
    observation = _make()
    observation.calibrate(lambda: [x])
    features = observation.featurise(x)
    torch.testing.assert_close(features.mean(0), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(features.std(0, correction=0), torch.ones(3))
    observed = torch.tensor([True, False, True])
    imputed = torch.where(observed, x, observation.mean)
    without = torch.where(observed, x, torch.zeros(()))
    torch.testing.assert_close(observation.featurise(without, observed), observation.featurise(imputed))


def test_without_autoencoder_the_vectors_are_the_standardised_units(x):
    observation = _make()
    observation.calibrate(lambda: [x])
    features, z, noise = observation.featurise(x), torch.randn(2, 4), SetNoise([1, 2], [3, 4], "cpu")
    vectors, terms = observation.score(x, features, z, SET_OF_UNIT, _covariates(), noise)
    assert observation.n_vectors == 3 and terms == {}
    torch.testing.assert_close(vectors, features)
    torch.testing.assert_close(observation.sample(vectors, z, SET_OF_UNIT, _covariates(), noise), x)


def test_with_autoencoder_there_are_latent_vectors_and_terms(x):
    observation = _make(has_autoencoder=True)
    observation.calibrate(lambda: [x])
    z, noise = torch.randn(2, 4), SetNoise([1, 2], [3, 4], "cpu")
    vectors, terms = observation.score(x, observation.featurise(x), z, SET_OF_UNIT, _covariates(), noise)
    assert vectors.shape == (7, 2) == (7, observation.n_vectors)
    assert set(terms) == {"reconstruction", "kl"}
    assert all(term.shape == (7,) and torch.isfinite(term).all() for term in terms.values())


def test_sample_of_an_autoencoder_has_the_noise_of_its_likelihood_in_the_scale_of_the_units(x):
    observation, n = _make(has_autoencoder=True), 4000
    observation.calibrate(lambda: [x])
    vectors, z, set_of_unit = torch.zeros(n, 2), torch.zeros(1, 4), torch.zeros(n, dtype=torch.long)
    with torch.no_grad():
        sample = observation.sample(vectors, z, set_of_unit, _covariates(n), SetNoise([0], [n], "cpu"))
        hidden = observation.autoencoder.decode(
            vectors[:1], z, set_of_unit[:1], _covariates(1), SetNoise([0], [1], "cpu")
        )
        mean, sd = observation.likelihood.mean(hidden), observation.likelihood.log_sd(hidden).exp()
    np.testing.assert_allclose(sample.std(0), (sd * observation.sd)[0], rtol=0.1)
    error = 5 * (sd * observation.sd)[0] / np.sqrt(n)
    assert ((sample.mean(0) - (mean * observation.sd + observation.mean)[0]).abs() < error).all()


@pytest.mark.parametrize("has_autoencoder", [False, True])
def test_a_frame_adds_its_term_and_moves_units_into_the_frame_of_their_set_and_back(x, has_autoencoder):
    observation, z = _make(location_scale=True, has_autoencoder=has_autoencoder), torch.randn(2, 4)
    observation.calibrate(lambda: [x])
    features, noise = observation.featurise(x), SetNoise([1, 2], [3, 4], "cpu")
    vectors, terms = observation.score(x, features, z, SET_OF_UNIT, _covariates(), noise)
    assert set(terms) == ({"frame", "reconstruction", "kl"} if has_autoencoder else {"frame"})
    torch.testing.assert_close(terms["frame"], -observation.frame.log_prob(features, z, SET_OF_UNIT))
    if has_autoencoder:  # what is decoded leaves the frame too
        with torch.no_grad():
            observation.frame.normal.mean.bias.add_(1000)
        assert observation.sample(vectors, z, SET_OF_UNIT, _covariates(), noise)[:, 1].min() > 900 * observation.sd[1]
    else:
        torch.testing.assert_close(vectors, observation.frame.enter(features, z, SET_OF_UNIT))
        torch.testing.assert_close(observation.sample(vectors, z, SET_OF_UNIT, _covariates(), noise), x)
