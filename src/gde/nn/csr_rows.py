"""Row of each stored value of a sparse matrix."""

import torch
from torch import Tensor


def csr_rows(x: Tensor) -> Tensor:
    """Row index of each stored value of a CSR tensor, shape (nnz,).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import csr_rows
    >>> csr_rows(torch.tensor([[1.0, 2.0], [0.0, 3.0]]).to_sparse_csr())
    tensor([0, 0, 1])
    """
    stored = x.crow_indices().diff()
    rows = torch.arange(x.shape[0], device=x.device)
    return torch.repeat_interleave(rows, stored, output_size=x.values().numel())
