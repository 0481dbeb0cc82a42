import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from gde.data import group_matrix

VALUES = np.array([[0.2, 0.8, 0.0], [0.0, 0.5, 0.5]])


@pytest.mark.parametrize("convert", [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.csr_array, np.float32])
def test_dense_and_sparse_matrices_are_numbered(convert):
    matrix, names = group_matrix(convert(VALUES), "m")
    np.testing.assert_allclose(matrix.toarray(), VALUES)
    assert matrix.dtype == float and names == ["0", "1", "2"]


def test_columns_of_a_frame_are_the_names():
    matrix, names = group_matrix(pd.DataFrame(VALUES, columns=["a", "b", 3]), "m")
    np.testing.assert_allclose(matrix.toarray(), VALUES)
    assert names == ["a", "b", "3"]


@pytest.mark.parametrize("values", [np.full((2, 2), "a"), np.ones(3), pd.DataFrame({"a": ["x"]}), [[1.0]]])
def test_what_is_no_matrix_of_numbers_is_refused(values):
    with pytest.raises(ValueError, match="m must be a matrix of numbers"):
        group_matrix(values, "m")
