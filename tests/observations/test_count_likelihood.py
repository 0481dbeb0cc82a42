import pytest
import torch

from gde.observations import CountLikelihood, Poisson


def test_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        CountLikelihood(2, 3)


def test_means_of_a_unit_sum_to_its_library_size():
    likelihood, library = Poisson(3, 7), torch.tensor([1.0, 10.0, 1e4])
    torch.testing.assert_close(likelihood.log_mean(torch.randn(3, 3), library).exp().sum(1), library)
