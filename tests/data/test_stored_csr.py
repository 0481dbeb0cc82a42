import h5py
import numpy as np
import pytest
import scipy.sparse as sp
import zarr
from anndata.io import sparse_dataset, write_elem

from gde.data.stored_csr import StoredCSR


@pytest.fixture
def values():
    values = np.random.default_rng(0).poisson(0.5, (40, 6)).astype(np.float32)
    values[[0, 7, 39]] = 0
    return values


def _stored(values, store):
    write_elem(store, "x", sp.csr_matrix(values))
    return StoredCSR(sparse_dataset(store["x"]))


@pytest.mark.parametrize("run", [slice(0, 1), slice(5, 9), slice(38, 40), slice(0, 40)])
def test_a_run_of_rows(values, run, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as store:
        matrix = _stored(values, store)
        assert not matrix.is_zarr
        np.testing.assert_array_equal(matrix[run].toarray(), values[run])


@pytest.mark.parametrize("rows", [[0], [7], [1, 2, 30], [0, 7, 8, 39]])
def test_rows_that_lie_apart_in_one_request(values, rows, tmp_path):
    matrix = _stored(values, zarr.open_group(tmp_path / "x.zarr", mode="w"))
    assert matrix.is_zarr
    np.testing.assert_array_equal(matrix.take(np.array(rows)).toarray(), values[rows])
