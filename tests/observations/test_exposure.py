import numpy as np
import pytest
import torch

from gde.observations import Exposure


@pytest.fixture
def x():
    images = np.random.default_rng(0).integers(0, 200, (7, 2, 6, 5))
    images[:, 1] //= 10
    return torch.from_numpy(images.astype(np.float32))


def _make(x, chunk=7):
    exposure = Exposure(2, (0, 255))
    exposure.calibrate(lambda: x.split(chunk))
    return exposure


@pytest.mark.parametrize("chunk", [1, 3, 7])
def test_exposures_of_training_units_are_standardised_whatever_the_chunks(x, chunk):
    _, values = _make(x, chunk).take(x)
    torch.testing.assert_close(values.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(values.std(0, correction=0), torch.ones(4))


def test_brighter_and_duller_images_differ_in_exposure_alone(x):
    exposure = _make(x)
    relative, values = exposure.take(10 + 20 * x)
    other, others = exposure.take(3 + 10 * x)
    torch.testing.assert_close(relative, other, atol=1e-2, rtol=1e-2)
    assert (values[:, 2:] > others[:, 2:]).all()


def test_give_is_the_inverse_of_take(x):
    exposure = _make(x)
    torch.testing.assert_close(exposure.give(*exposure.take(x)), x, atol=1e-3, rtol=1e-5)


def test_an_image_without_contrast_is_finite(x):
    x[2, 1] = 7
    x[:, 0] = 3  # a channel that never changes
    relative, values = _make(x).take(x)
    assert (relative[:, 0] == 0).all() and (relative[2, 1] == 0).all() and (values[:, [0, 2]] == 0).all()
    assert torch.isfinite(values).all()
