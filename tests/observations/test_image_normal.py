import torch

from gde.nn import SetNoise
from gde.observations import ImageNormal


def test_log_density_is_that_of_torch_and_samples_have_its_moments():
    torch.manual_seed(0)
    likelihood, hidden = ImageNormal(4, (1, 8, 8)), torch.randn(2, 4)
    mean, log_sd = likelihood.mean_and_log_sd(hidden)
    assert mean.shape == log_sd.shape == (2, 64)
    pixels = torch.randn(2, 64)
    expected = torch.distributions.Normal(mean, log_sd.exp()).log_prob(pixels).sum(1)
    torch.testing.assert_close(likelihood.log_prob(pixels, hidden), expected)

    many = hidden[:1].expand(4000, 4)
    sample = likelihood.sample(many, SetNoise([0], [4000], "cpu"))
    torch.testing.assert_close(sample.mean(0), mean[0], atol=0.1, rtol=0)
    torch.testing.assert_close(sample.std(0), log_sd[0].exp(), atol=0, rtol=0.1)
