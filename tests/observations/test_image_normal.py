import torch

from gde.nn import SetNoise
from gde.observations import ImageNormal


def _make():
    torch.manual_seed(0)
    return ImageNormal(4, 3, 2, (1, 8, 8)), torch.randn(2, 4), torch.randn(2, 3), torch.randn(2, 2)


def test_log_density_is_that_of_torch():
    likelihood, hidden, vectors, z = _make()
    mean, log_sd = likelihood.mean_and_log_sd(hidden)
    assert mean.shape == log_sd.shape == (2, 64)
    pixels, exposure = torch.randn(2, 64), torch.randn(2, 2)
    expected = torch.distributions.Normal(mean, log_sd.exp()).log_prob(pixels).sum(1)
    none = likelihood.log_prob(pixels, exposure, hidden, vectors, z) - expected
    further = likelihood.log_prob(pixels, exposure + 100, hidden, vectors, z) - expected
    assert (further < none - 100).all()


def test_samples_are_means_of_pixels_and_exposures_that_vary_with_vectors_and_embedding():
    likelihood, hidden, vectors, z = _make()
    many = [part[:1].expand(4000, -1) for part in (hidden, vectors, z)]
    pixels, exposure = likelihood.sample(*many, SetNoise([0], [4000], "cpu"))
    torch.testing.assert_close(pixels, likelihood.mean_and_log_sd(many[0])[0])
    assert exposure.shape == (4000, 2) and (exposure.std(0) > 0.1).all()
    for other in ((hidden, vectors + 5, z), (hidden, vectors, z + 5)):
        moved = likelihood.sample(*(part[:1].expand(4000, -1) for part in other), SetNoise([0], [4000], "cpu"))[1]
        assert (moved.mean(0) - exposure.mean(0)).abs().max() > 0.1
