import pytest
import torch

from gde.nn import csr_sums
from tests.observations.count_likelihood_contract import to_csr


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("stored_zeros", [0.0, 1.0])
def test_is_the_dense_sum(dtype, stored_zeros):
    torch.manual_seed(0)
    x = torch.poisson(torch.full((6, 9), 0.8, dtype=dtype))
    x[2] = 0
    torch.testing.assert_close(csr_sums(to_csr(x, stored_zeros)), x.sum(1))
    stored = to_csr(x, stored_zeros)
    torch.testing.assert_close(csr_sums(stored, stored.values() ** 2), (x**2).sum(1))
