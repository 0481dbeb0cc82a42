"""Counts behind values that were divided by one factor per cell."""

import numpy as np
import scipy.sparse as sp


def recover_counts(normalised: sp.csr_matrix, *, precision: float) -> sp.csr_matrix:
    r"""Undo a per-cell scaling of counts.

    A cell's smallest non-zero value stands for one molecule, so
    :math:`\text{count}_{ij} = x_{ij} / \min_{k: x_{ik}>0} x_{ik}`.

    Parameters
    ----------
    normalised
        Counts divided by a factor of each cell, cells x genes.
    precision
        Largest relative error of such a ratio, from the precision at which the values were stored.

    Returns
    -------
    Integer counts in ``float32``.

    Raises
    ------
    ValueError
        A ratio is further from an integer than ``precision`` allows, or so large that ``precision`` cannot tell
        neighbouring integers apart.
    """
    counts = sp.csr_matrix(normalised, dtype=np.float64, copy=True)
    counts.eliminate_zeros()
    n_genes = np.diff(counts.indptr)
    smallest = np.minimum.reduceat(counts.data, counts.indptr[:-1][n_genes > 0])
    ratio = counts.data / np.repeat(smallest, n_genes[n_genes > 0])
    counts.data = np.rint(ratio)
    tolerance = precision * counts.data
    if (bad := (np.abs(ratio - counts.data) > tolerance) | (tolerance >= 0.5)).any():
        raise ValueError(
            f"Counts cannot be recovered: {bad.sum()} of {bad.size} values are no integer multiple of their cell's "
            f"smallest value, e.g. {ratio[bad][0]:.6g} times. Are these counts divided by one factor per cell?"
        )
    return counts.astype(np.float32)
