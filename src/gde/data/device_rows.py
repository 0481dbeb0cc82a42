"""Rows of a matrix that lies on the accelerator."""

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

MAX_SHARE = 0.5  # of the memory that is free; the rest is for the networks


class DeviceRows:
    """Rows of a matrix that has been moved to a device as a whole, so that a batch moves the numbers of its rows and nothing else.

    Parameters
    ----------
    matrix
        Dense or sparse, shape (n_units, n_vars).
    device
        Where it goes.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from gde.data import DeviceRows
    >>> DeviceRows(sp.csr_matrix(np.arange(6.0).reshape(3, 2)), "cpu")[np.array([2, 0, 2])].to_dense()
    tensor([[4., 5.],
            [0., 1.],
            [4., 5.]])
    """

    def __init__(self, matrix: np.ndarray | sp.spmatrix, device: torch.device | str):
        self._device, self._n_vars = device, matrix.shape[1]
        if sp.issparse(matrix):
            matrix = sp.csr_matrix(matrix)
            self._starts = matrix.indptr.astype(np.int64)
            self._starts_there, self._columns = self._moved(self._starts), self._moved(matrix.indices.astype(np.int32))
            self._values = self._moved(matrix.data.astype(np.float32))
        else:
            self._values = self._moved(np.asarray(matrix, np.float32))
        self._is_sparse = sp.issparse(matrix)

    @staticmethod
    def fit(matrix: Any, device: torch.device) -> bool:
        """Whether a matrix is in memory, and the device is a GPU with room for it."""
        if device.type != "cuda" or not (isinstance(matrix, np.ndarray) or sp.issparse(matrix)):
            return False
        n_bytes = 8 * (matrix.nnz + matrix.shape[0]) if sp.issparse(matrix) else 4 * matrix.size
        return n_bytes <= MAX_SHARE * torch.cuda.mem_get_info(device)[0]

    def __getitem__(self, rows: np.ndarray) -> Tensor:
        """Rows in any order and as often as they are asked for, in single precision; CSR if the matrix is sparse."""
        there = self._moved(rows)
        if not self._is_sparse:
            return self._values[there]
        # On the host, which need not wait for the device.
        n_stored = int((self._starts[rows + 1] - self._starts[rows]).sum())
        starts = self._starts_there[there]
        sizes = self._starts_there[there + 1] - starts
        ends = sizes.cumsum(0)
        shift = (starts - ends + sizes).repeat_interleave(sizes, output_size=n_stored)
        stored = shift + torch.arange(n_stored, device=shift.device)
        crow = torch.nn.functional.pad(ends, (1, 0)).to(torch.int32)
        return torch.sparse_csr_tensor(crow, self._columns[stored], self._values[stored], (len(rows), self._n_vars))

    def free(self) -> None:
        """Give the memory back, whoever still holds this object."""
        self._values = self._columns = self._starts_there = torch.empty(0)

    def _moved(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
