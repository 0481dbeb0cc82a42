"""Rows of a matrix that is not in memory."""

from typing import Any

import numpy as np
import scipy.sparse as sp

MAX_GAP = 16  # rows that are read and dropped rather than read around


class DiskRows:
    """Rows of a matrix on disk: a backed h5ad, zarr, or a dask array.

    Rows that lie close together are read in one piece, so runs of rows cost one read each, and what is read is at most some times what was
    asked for.

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
        self._matrix = matrix

    @staticmethod
    def is_needed(matrix: Any) -> bool:
        """Whether a matrix is not in memory."""
        return not (isinstance(matrix, np.ndarray) or sp.issparse(matrix) or hasattr(matrix, "iloc"))

    def __getitem__(self, rows: np.ndarray) -> np.ndarray | sp.csr_matrix:
        """Distinct rows in ascending order."""
        pieces = np.split(rows, np.flatnonzero(np.diff(rows) > MAX_GAP) + 1)
        read = read_pieces(self._matrix, [(int(piece[0]), int(piece[-1]) + 1) for piece in pieces])
        parts = [values[piece - piece[0]] for values, piece in zip(read, pieces, strict=True)]
        if sp.issparse(parts[0]):
            return parts[0] if len(parts) == 1 else sp.vstack(parts, format="csr")
        return np.concatenate(parts)


def read_pieces(matrix: Any, pieces: list[tuple[int, int]]) -> list[Any]:
    """Runs of rows in memory, those of a dask array all at once."""
    lazy = [matrix[start:stop] for start, stop in pieces]
    if hasattr(matrix, "dask"):
        import dask

        lazy = dask.compute(*lazy)
    return [sp.csr_matrix(values) if sp.issparse(values) else np.asarray(values) for values in lazy]
