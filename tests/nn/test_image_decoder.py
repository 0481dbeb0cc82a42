import pytest
import torch

from gde.nn import ImageDecoder


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (2, 9, 33), (1, 3, 3)])
def test_makes_images_of_any_size_each_from_its_own_features(shape):
    torch.manual_seed(0)
    decoder, features = ImageDecoder(5, shape), torch.randn(3, 5)
    images = decoder(features)
    assert images.shape == (3, *shape)
    torch.testing.assert_close(decoder(features[1:2]), images[1:2])
    assert (images[0] != images[1]).any()
