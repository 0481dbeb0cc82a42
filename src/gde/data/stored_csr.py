"""Rows of a sparse matrix on disk."""

from typing import Any

import numpy as np
import scipy.sparse as sp


class StoredCSR:
    """Rows of anndata's sparse matrix on disk. Where each row begins is kept in memory.

    anndata's own indexing looks up the version of scipy at each read, which takes longer than the read of some dozen rows.

    Parameters
    ----------
    matrix
        What :func:`anndata.io.sparse_dataset` gives, CSR.
    """

    def __init__(self, matrix: Any):
        self._n_vars = matrix.shape[1]
        self._starts = matrix.group["indptr"][...]
        self._columns, self._values = matrix.group["indices"], matrix.group["data"]
        self.is_zarr = hasattr(self._values, "oindex")

    def __getitem__(self, rows: slice) -> sp.csr_matrix:
        """A run of rows."""
        starts = self._starts[rows.start : rows.stop + 1]
        stored = slice(int(starts[0]), int(starts[-1]))
        parts = (self._values[stored], self._columns[stored], starts - starts[0])
        return sp.csr_matrix(parts, shape=(len(starts) - 1, self._n_vars))

    def take(self, rows: np.ndarray) -> sp.csr_matrix:
        """Rows in ascending order, in one request; zarr only."""
        starts = self._starts[rows]
        sizes = self._starts[rows + 1] - starts
        ends = np.cumsum(sizes)
        stored = np.arange(sizes.sum()) + np.repeat(starts - ends + sizes, sizes)
        parts = (self._values.oindex[stored], self._columns.oindex[stored], np.r_[0, ends])
        return sp.csr_matrix(parts, shape=(len(rows), self._n_vars))
