import pytest
import torch

from gde.nn import ImageEncoder


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (2, 9, 33), (1, 3, 3)])
def test_reads_images_of_any_size(shape):
    assert ImageEncoder(shape, 5)(torch.randn(2, *shape)).shape == (2, 5)


def test_sees_brightness_and_place():
    torch.manual_seed(0)
    encoder, x = ImageEncoder((1, 16, 16), 4), torch.zeros(1, 1, 16, 16)
    x[..., 3:6, 3:6] = 1
    different = [x + 1, x.flip(-1), x.flip(-2), 2 * x]
    assert all((encoder(other) - encoder(x)).abs().max() > 1e-3 for other in different)
