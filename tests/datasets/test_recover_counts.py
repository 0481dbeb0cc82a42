import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from gde.datasets._recover_counts import recover_counts


@given(seed=st.integers(0, 2**32 - 1))
def test_undoes_a_factor_per_cell(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(1.0, (20, 15))
    counts[:, 0] = 1  # the premise: a cell has a gene with one molecule
    normalised = sp.csr_matrix((counts * rng.lognormal(size=(20, 1))).astype(np.float32))
    recovered = recover_counts(normalised, precision=1e-6)
    np.testing.assert_array_equal(recovered.toarray(), counts)
    assert recovered.dtype == np.float32


def test_cells_without_counts_stay_empty_and_the_input_stays_as_it_is():
    normalised = sp.csr_matrix([[0.0, 0.0], [0.5, 1.5], [0.0, 0.0]])
    before = normalised.copy()
    np.testing.assert_array_equal(recover_counts(normalised, precision=1e-6).toarray(), [[0, 0], [1, 3], [0, 0]])
    assert (normalised != before).nnz == 0


def test_stored_zeros_are_not_the_smallest_value():
    normalised = sp.csr_matrix((np.array([0.0, 0.5, 1.5]), np.array([0, 1, 2]), np.array([0, 3])), shape=(1, 3))
    np.testing.assert_array_equal(recover_counts(normalised, precision=1e-6).toarray(), [[0, 1, 3]])


def test_values_that_are_no_multiples_are_refused():
    with pytest.raises(ValueError, match="1 of 2 values.*1.4 times"):
        recover_counts(sp.csr_matrix([[1.0, 1.4]]), precision=1e-3)


def test_counts_beyond_the_precision_are_refused():
    with pytest.raises(ValueError, match="cannot be recovered"):
        recover_counts(sp.csr_matrix([[1.0, 600.0]]), precision=1e-3)
