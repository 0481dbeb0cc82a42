import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import SparseLinear
from tests.observations.count_likelihood_contract import to_csr


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5]))
def test_product_and_gradient_are_those_of_the_dense_matrix(n_units, n_features, n_out, seed, stored_zeros):
    torch.manual_seed(seed)
    x = torch.poisson(torch.full((n_units, n_features), 0.7, dtype=torch.float64))
    weight = torch.randn(n_features, n_out, dtype=torch.float64, requires_grad=True)
    score = torch.randn(n_units, n_out, dtype=torch.float64)
    product = SparseLinear.apply(to_csr(x, stored_zeros), weight)
    torch.testing.assert_close(product, x @ weight)
    ours, dense = (torch.autograd.grad((score * value).sum(), weight)[0] for value in (product, x @ weight))
    torch.testing.assert_close(ours, dense)


def test_positions_may_be_of_32_bits_and_a_unit_may_have_no_counts():
    x = torch.tensor([[0.0, 2.0], [0.0, 0.0], [1.0, 3.0]])
    sparse = x.to_sparse_csr()
    sparse = torch.sparse_csr_tensor(sparse.crow_indices().int(), sparse.col_indices().int(), sparse.values(), x.shape)
    weight = torch.randn(2, 4, requires_grad=True)
    product = SparseLinear.apply(sparse, weight)
    torch.testing.assert_close(product, x @ weight)
    (gradient,) = torch.autograd.grad(product.sum(), weight)
    torch.testing.assert_close(gradient, x.sum(0)[:, None].expand(2, 4))
