import h5py
import numpy as np
import pytest
import scipy.sparse as sp
import zarr
from anndata.io import sparse_dataset, write_elem

from gde.data import DiskRows

N_ROWS = 2000


class Counted:
    """A matrix that counts what is read of it."""

    def __init__(self, values):
        self.values, self.reads = values, []

    def __getitem__(self, rows):
        self.reads.append(rows.stop - rows.start)
        return self.values[rows]


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(0).poisson(0.3, (N_ROWS, 5)).astype(np.float32)


@pytest.mark.parametrize("rows", [[0], [199], [3, 4, 5, 90], [0, 50, 100, 199], list(range(0, 200, 7))])
@pytest.mark.parametrize("is_sparse", [True, False])
def test_rows_are_those_asked_for(values, rows, is_sparse, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as store:
        write_elem(store, "x", sp.csr_matrix(values) if is_sparse else values)
        matrix = sparse_dataset(store["x"]) if is_sparse else store["x"]
        assert DiskRows.is_needed(matrix)
        found = DiskRows(matrix)[np.array(rows)]
    assert sp.issparse(found) == is_sparse
    np.testing.assert_array_equal(found.toarray() if is_sparse else found, values[rows])


@pytest.mark.parametrize("rows", [[0], [3, 4, 5, 90], [0, 50, 1000, 1001, 1999], list(range(0, 2000, 300))])
def test_sparse_rows_in_zarr_are_those_asked_for(values, rows, tmp_path):
    store = zarr.open_group(tmp_path / "x.zarr", mode="w")
    without_entries = values * (np.arange(N_ROWS)[:, None] % 50 > 0)
    write_elem(store, "x", sp.csr_matrix(without_entries), dataset_kwargs={"chunks": (100,)})
    found = DiskRows(sparse_dataset(store["x"]))[np.array(rows)]
    np.testing.assert_array_equal(found.toarray(), without_entries[rows])


def test_runs_are_one_read_and_little_is_read_in_vain(values):
    matrix = Counted(values)
    DiskRows(matrix)[np.array([10, 11, 12, 20, 1500])]
    assert matrix.reads == [11, 1]


def test_what_is_in_memory_is_left_alone(values):
    assert not DiskRows.is_needed(values) and not DiskRows.is_needed(sp.csr_matrix(values))
