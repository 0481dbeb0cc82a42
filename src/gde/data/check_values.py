"""Checks of the measured values, before anything is registered."""

from typing import Any

import numpy as np
import scipy.sparse as sp

from gde.data.disk_rows import read_rows

ROWS_PER_CHUNK = 10_000


def check_values(matrix: Any, where: str, *, are_counts: bool, are_binary: bool = False) -> None:
    """Raise a clear error for values that a likelihood cannot score.

    Parameters
    ----------
    matrix
        Dense or sparse matrix, in memory or backed, shape (n_units, n_vars); read a chunk of rows at a time.
    where
        Name of the matrix in messages, e.g. ``"adata.X"``.
    are_counts
        Whether values must be non-negative integers.
    are_binary
        Whether they must be zeros and ones.

    Raises
    ------
    ValueError
        If values are NaN, infinite or not numbers, or, for counts, negative or not integers, or, if binary, above 1.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import check_values
    >>> check_values(np.array([[0.0, 2.0]]), "adata.X", are_counts=True)
    """
    if not np.issubdtype(matrix.dtype, np.number) and matrix.dtype != bool:
        raise ValueError(
            f"`{where}` must be numbers, got dtype {matrix.dtype}. Convert it, e.g. with `.astype('float32')`."
        )
    if np.iscomplexobj(matrix):
        raise ValueError(
            f"`{where}` must be real numbers, got dtype {matrix.dtype}. Take `.real` or its absolute values."
        )
    for start in range(0, matrix.shape[0], ROWS_PER_CHUNK):
        chunk = read_rows(matrix, start, start + ROWS_PER_CHUNK)
        values = np.asarray(chunk.data if sp.issparse(chunk) else chunk)
        if not np.isfinite(values).all():
            raise ValueError(
                f"`{where}` has {(~np.isfinite(values)).sum()} NaN or infinite values in rows {start} to {start + chunk.shape[0] - 1}. "
                "Replace them or drop these units."
            )
        if values.size and np.abs(values).max() > np.finfo(np.float32).max:
            raise ValueError(
                f"`{where}` has values beyond what float32 holds (e.g. {values.flat[np.abs(values).argmax()]:.3g} in rows {start} to "
                f"{start + chunk.shape[0] - 1}). Correct or drop these units, or choose another unit of measurement."
            )
        if are_counts and (values < 0).any():
            raise ValueError(
                f"`{where}` has negative values (e.g. {values.min():.3g}), so these are not counts. Name the layer with raw counts: "
                "`layer='counts'`, or use `likelihood='normal'`."
            )
        if are_counts and (values != np.rint(values)).any():
            example = values[values != np.rint(values)].flat[0]
            raise ValueError(
                f"`{where}` has values that are not integers (e.g. {example:.4g}): is it normalised? Name the layer with raw counts: "
                "`layer='counts'`, or use `likelihood='normal'`."
            )
        if are_binary and (values > 1).any():
            raise ValueError(
                f"`{where}` has values above 1 (e.g. {values.max():.3g}), and `likelihood='bernoulli'` is for zeros and ones. Count fragments with "
                "`likelihood='poisson'`, or say only whether there are any: `adata.X = (adata.X > 0).astype('float32')`."
            )
