import numpy as np
import pytest
import scipy.sparse as sp

from gde.data import check_values

CONVERSIONS = [np.asarray, sp.csr_matrix, sp.csc_matrix]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("convert", CONVERSIONS)
def test_counts_of_any_type_pass(convert, dtype):
    counts = np.array([[0, 1], [1, 0]], dtype=dtype)
    matrix = convert(counts)
    check_values(matrix, "adata.X", are_counts=True)
    np.testing.assert_array_equal(matrix.toarray() if sp.issparse(matrix) else matrix, counts)


@pytest.mark.parametrize("convert", CONVERSIONS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-1.0, r"negative values \(e.g. -1\).*layer='counts'.*likelihood='normal'"),
        (0.25, r"not integers \(e.g. 0.25\).*normalised.*layer='counts'"),
    ],
)
def test_what_is_no_count_is_refused_for_counts_only(convert, value, words):
    matrix = convert(np.array([[0, 2.0], [value, 0]]))
    check_values(matrix, "adata.X", are_counts=False)
    with pytest.raises(ValueError, match=f"`adata.X` has .*{words}"):
        check_values(matrix, "adata.X", are_counts=True)


@pytest.mark.parametrize("are_counts", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("convert", CONVERSIONS)
def test_values_that_are_not_finite_are_refused(convert, value, are_counts):
    with pytest.raises(ValueError, match="1 NaN or infinite values in rows 0 to 1.*drop"):
        check_values(convert(np.array([[0, value], [1, 0]])), "adata.X", are_counts=are_counts)


def test_all_rows_are_looked_at():
    matrix = np.zeros((25_000, 1))
    matrix[-1] = np.nan
    with pytest.raises(ValueError, match="rows 20000 to 24999"):
        check_values(matrix, "adata.X", are_counts=True)


def test_values_must_be_numbers():
    with pytest.raises(ValueError, match="must be numbers, got dtype"):
        check_values(np.array([["a"]]), "adata.X", are_counts=False)


def test_values_above_one_are_refused_where_zeros_and_ones_are_needed():
    matrix = sp.csr_matrix(np.array([[0.0, 1.0], [2.0, 0.0]]))
    check_values(matrix, "adata.X", are_counts=True)
    check_values(matrix[:1], "adata.X", are_counts=True, are_binary=True)
    with pytest.raises(ValueError, match=r"values above 1 \(e.g. 2\).*adata.X > 0"):
        check_values(matrix, "adata.X", are_counts=True, are_binary=True)
