import torch

from gde.nn import ResidualConvolution


def test_units_do_not_mix_and_brightness_goes_through():
    torch.manual_seed(0)
    layer, x = ResidualConvolution(8), torch.randn(4, 8, 5, 6)
    torch.testing.assert_close(layer(x)[1:2], layer(x[1:2]))
    torch.testing.assert_close(layer(x + 3) - layer(x), torch.full_like(x, 3.0), atol=1e-4, rtol=0)
