"""Rows of a matrix that is not in memory."""

from typing import Any

import numpy as np
import scipy.sparse as sp

from gde.data.annbatch_rows import AnnbatchRows
from gde.data.stored_csr import StoredCSR

MAX_GAP = 256  # rows that are read and dropped rather than read around: a read takes longer than they do
MAX_PIECE = 16_384  # rows in memory at a time


class DiskRows:
    """Rows of a matrix on disk: a backed h5ad, zarr, or a dask array.

    Rows that lie close together are read in one piece, so runs of rows cost one read each. Sparse rows in zarr are read all at once: there each read
    takes longer than to unpack a chunk. Where annbatch is installed, it does this.

    Parameters
    ----------
    matrix
        Dense or CSR, shape (n_units, n_vars).

    Examples
    --------
    >>> import tempfile
    >>> import h5py
    >>> import numpy as np
    >>> from gde.data import DiskRows
    >>> with tempfile.TemporaryFile() as file, h5py.File(file, "w") as store:
    ...     DiskRows(store.create_dataset("x", data=np.arange(6.0).reshape(3, 2)))[np.array([0, 2])]
    array([[0., 1.],
           [4., 5.]])
    """

    def __init__(self, matrix: Any):
        self._matrix = StoredCSR(matrix) if getattr(matrix, "format", None) == "csr" else matrix
        self._scattered: StoredCSR | AnnbatchRows | None = None  # what reads rows that lie apart at once
        if isinstance(self._matrix, StoredCSR) and self._matrix.is_zarr:
            self._scattered = AnnbatchRows(matrix) if AnnbatchRows.is_installed() else self._matrix

    @staticmethod
    def is_needed(matrix: Any) -> bool:
        """Whether a matrix is not in memory."""
        return not (isinstance(matrix, np.ndarray) or sp.issparse(matrix) or hasattr(matrix, "iloc"))

    def __getitem__(self, rows: np.ndarray) -> np.ndarray | sp.csr_matrix:
        """Distinct rows in ascending order."""
        is_first = (np.diff(rows) > MAX_GAP) | (np.diff(rows // MAX_PIECE) > 0)
        pieces = np.split(rows, np.flatnonzero(is_first) + 1)
        if self._scattered is not None and len(pieces) > 1:
            return self._scattered.take(rows)
        parts = [read_rows(self._matrix, int(piece[0]), int(piece[-1]) + 1)[piece - piece[0]] for piece in pieces]
        if sp.issparse(parts[0]):
            return parts[0] if len(parts) == 1 else sp.vstack(parts, format="csr")
        return np.concatenate(parts)


def read_rows(matrix: Any, start: int, stop: int) -> np.ndarray | sp.csr_matrix:
    """A run of rows in memory."""
    rows = matrix[start:stop]
    if hasattr(rows, "dask"):
        rows = rows.compute()
    return sp.csr_matrix(rows) if sp.issparse(rows) else np.asarray(rows)
