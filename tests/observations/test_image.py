import numpy as np
import pytest
import torch

from gde.nn import Covariates, SetNoise
from gde.observations import Image

SET_OF_UNIT = torch.tensor([0, 0, 0, 1, 1, 1, 1])


def _make(**kwargs):
    torch.manual_seed(0)
    return Image((2, 6, 5), 3, 4, value_range=(0, 255), n_hidden=8, **kwargs).eval()


@pytest.fixture
def x():
    images = np.random.default_rng(0).integers(0, 200, (7, 2, 6, 5))
    images[:, 1] //= 10
    return torch.from_numpy(images.astype(np.float32))


def _score(observation, x):
    noise = SetNoise([0, 1], [3, 4], "cpu")
    return observation.score(x, observation.featurise(x), torch.randn(2, 4), SET_OF_UNIT, _covariates(), noise)


def _sample(observation, vectors):
    noise = SetNoise([0, 1], [3, 4], "cpu")
    return observation.sample(vectors, torch.randn(2, 4), SET_OF_UNIT, _covariates(), noise)


def _covariates():
    return Covariates(torch.zeros(7, 0, dtype=torch.long), torch.zeros(7, 0))


@pytest.mark.parametrize("size", [1, 3, 7])
def test_calibrate_gives_what_numpy_gives_whatever_the_chunks(x, size):
    observation = _make()
    observation.calibrate(lambda: x.split(size))
    np.testing.assert_allclose(observation.mean.flatten(), x.mean((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(observation.sd.flatten(), x.transpose(0, 1).flatten(1).std(1, correction=0), rtol=1e-5)


def test_a_channel_that_never_changes_is_only_centred(x):
    x[:, 1] = 7
    observation = _make()
    observation.calibrate(lambda: [x])
    assert observation.sd[1] == 1 and observation.mean[1] == 7


def test_pixels_and_exposure_are_vectors_and_come_back_within_the_range(x):
    observation = _make()
    observation.calibrate(lambda: [x])
    vectors, terms = _score(observation, x)
    assert vectors.shape == (7, observation.n_vectors) and not terms
    # Pixels, and two numbers of exposure for each channel.
    assert observation.generator_arguments == {"image_shape": (6, 6, 5)}
    torch.testing.assert_close(_sample(observation, vectors), x, atol=1e-3, rtol=1e-5)
    extreme = _sample(observation, 10 * vectors)
    assert extreme.min() == 0 and extreme.max() == 255


def test_an_autoencoder_brings_latent_vectors_and_exposure_frame_reconstruction_and_divergence(x):
    observation = _make(has_autoencoder=True)
    observation.calibrate(lambda: [x])
    vectors, terms = _score(observation, x)
    assert vectors.shape == (7, 3 + 4)  # two numbers of exposure for each channel
    assert observation.generator_arguments == {}
    assert {name: term.shape for name, term in terms.items()} == dict.fromkeys(("frame", "reconstruction", "kl"), (7,))
    assert (terms["kl"] > 0).all()
    images = _sample(observation, vectors)
    assert images.shape == x.shape and images.min() >= 0 and images.max() <= 255


def test_latent_vectors_are_told_what_the_embedding_says(x):
    observation = _make(has_autoencoder=True)
    (first, _), (second, _) = _score(observation, x), _score(observation, x)  # other embeddings, the same noise
    assert (first != second).all()


def test_fixed_features_are_principal_components_of_the_pixels(x):
    observation = _make(n_components=2)
    observation.calibrate(lambda: x.split(3))
    pixels = ((x - observation.mean) / observation.sd).flatten(1).numpy()
    _, _, axes = np.linalg.svd(pixels - pixels.mean(0), full_matrices=False)
    features = observation.fixed_features(x).numpy()
    np.testing.assert_allclose(np.abs(features), np.abs(pixels @ axes[:2].T), rtol=1e-2, atol=1e-2)


def test_features_know_how_bright_an_image_is(x):
    observation = _make()
    observation.calibrate(lambda: [x])
    assert (observation.featurise(x) != observation.featurise(0.5 * x)).all()


def test_features_are_learnt_and_of_one_unit_each(x):
    observation = _make()
    features = observation.featurise(x)
    assert features.shape == (7, 8) and features.requires_grad
    torch.testing.assert_close(observation.featurise(x[2:3]), features[2:3], rtol=1e-4, atol=1e-3)
