"""A matrix of groups as it comes, made uniform."""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp


def group_matrix(values: Any, where: str) -> tuple[sp.csr_matrix, list[str]]:
    """Read a matrix of ``.obsm`` whose columns are groups.

    Parameters
    ----------
    values
        Dense, sparse or a DataFrame, shape (n_units, n_groups).
    where
        Name of the matrix in messages.

    Returns
    -------
    The matrix in CSR layout and float64, and the names of the groups: columns of a DataFrame, otherwise numbers from 0.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import group_matrix
    >>> group_matrix(np.eye(2), "`.obsm['clones']`")[1]
    ['0', '1']
    """
    names = list(map(str, values.columns)) if isinstance(values, pd.DataFrame) else None
    if isinstance(values, pd.DataFrame):
        values = values.to_numpy()
    is_matrix = getattr(values, "ndim", 0) == 2 and hasattr(values, "dtype")
    if not is_matrix or not (np.issubdtype(values.dtype, np.number) or values.dtype == bool):
        raise ValueError(f"{where} must be a matrix of numbers with a row per unit and a column per group.")
    matrix = sp.csr_matrix(values, dtype=float)
    return matrix, [str(column) for column in range(matrix.shape[1])] if names is None else names
