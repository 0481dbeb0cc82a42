"""Columns in the order of a model."""

import numpy as np
import pandas as pd
import scipy.sparse as sp

from gde.data.disk_rows import DiskRows


def align_genes(
    matrix: np.ndarray | sp.spmatrix, have: pd.Index, want: pd.Index, allow_missing: bool
) -> tuple[np.ndarray | sp.spmatrix, np.ndarray | None]:
    """Columns in the order of the model; genes that are missing become empty columns and are marked.

    Parameters
    ----------
    matrix
        Units of another AnnData, shape (n_units, n_have).
    have, want
        Its genes, and those of the model.
    allow_missing
        Whether genes of the model may be missing.

    Returns
    -------
    The matrix, shape (n_units, n_want), and which genes were measured, shape (n_want,) (None: all of them).

    Raises
    ------
    ValueError
        If genes are missing, there is none in common, or columns on disk are in another order.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from gde.data import align_genes
    >>> align_genes(np.array([[1, 2, 3]]), pd.Index(["a", "b", "c"]), pd.Index(["c", "a"]), allow_missing=False)
    (array([[3, 1]]), None)
    """
    if have.equals(want):
        return matrix, None
    if DiskRows.is_needed(matrix):
        raise ValueError(
            "The units are read from disk, where their genes must be those of the model in its order. Write a store that has them, e.g. "
            "`adata[:, model.get_var_names()].write_h5ad(...)`, or read a part of the units into memory (`adata[rows].to_memory()`)."
        )
    position = have.get_indexer(want)
    observed = position >= 0
    if observed.all():
        return matrix[:, position], None
    if not observed.any():
        raise ValueError(
            f"None of the model's {len(want)} genes is in `adata.var_names`. The model has {', '.join(map(str, want[:3]))}, …, and this AnnData has "
            f"{', '.join(map(str, have[:3]))}, …: give it names of the same kind (symbols or ids)."
        )
    missing = want[~observed]
    if not allow_missing:
        raise ValueError(
            f"{len(missing)} of the model's {len(want)} genes are not in `adata.var_names`, e.g. {', '.join(map(str, missing[:5]))}. "
            "Are the names of the same kind (symbols or ids)? `allow_missing_genes=True` masks missing genes out."
        )
    present = sp.csc_matrix(matrix[:, position[observed]])
    columns = sp.csc_matrix(
        (np.ones(observed.sum()), (np.arange(observed.sum()), np.flatnonzero(observed))), (observed.sum(), len(want))
    )
    return sp.csr_matrix(present @ columns, dtype=matrix.dtype), observed
