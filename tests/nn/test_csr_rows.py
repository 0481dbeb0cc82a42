import scipy.sparse as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import csr_rows


@given(st.integers(0, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_agrees_with_scipy(n_rows, n_columns, seed):
    matrix = sp.random(n_rows, n_columns, 0.4, format="csr", random_state=seed)
    x = torch.sparse_csr_tensor(
        torch.from_numpy(matrix.indptr), torch.from_numpy(matrix.indices), torch.from_numpy(matrix.data), matrix.shape
    )
    assert csr_rows(x).tolist() == matrix.tocoo().row.tolist()


def test_stored_zeros_have_a_row_too():
    x = torch.sparse_csr_tensor(torch.tensor([0, 2, 2, 3]), torch.tensor([0, 1, 0]), torch.tensor([0.0, 1.0, 0.0]))
    assert csr_rows(x).tolist() == [0, 0, 2]
