import torch

from gde.observations import ImageNormal


def test_log_density_is_that_of_torch():
    torch.manual_seed(0)
    likelihood, hidden = ImageNormal(4, (1, 8, 8)), torch.randn(2, 4)
    mean, log_sd = likelihood.mean_and_log_sd(hidden)
    assert mean.shape == log_sd.shape == (2, 1, 8, 8)
    images = torch.randn(2, 1, 8, 8)
    expected = torch.distributions.Normal(mean, log_sd.exp()).log_prob(images).sum((1, 2, 3))
    torch.testing.assert_close(likelihood.log_prob(images, hidden), expected)
