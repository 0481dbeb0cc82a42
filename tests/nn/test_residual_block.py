import torch

from gde.nn import ResidualBlock


def test_each_row_is_on_its_own():
    block, x = ResidualBlock(4).train(), torch.randn(5, 4)
    for row in range(5):
        torch.testing.assert_close(block(x)[row], block(x[row : row + 1])[0])


def test_is_the_identity_plus_something_that_ignores_location_and_scale():
    block, x = ResidualBlock(4), torch.randn(5, 4)
    scaled = 10 * x + 3
    torch.testing.assert_close(block(x) - x, block(scaled) - scaled, rtol=1e-3, atol=1e-4)
    assert (block(x) != x).any()
