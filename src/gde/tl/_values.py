"""Units of an AnnData as the tools compare them."""

import numpy as np
import scipy.sparse as sp
from anndata import AnnData

from gde.model import GDEModel


def unit_values(model: GDEModel, adata: AnnData) -> np.ndarray | sp.csr_matrix:
    """Units, in rows: counts in CSR, continuous values dense."""
    if model.units.observation == "sequence":
        raise ValueError(
            "This compares units as vectors, and these are sequences: `gde.metrics` has what compares sequences."
        )
    values = model.unit_matrix(adata)
    if model.likelihood != "normal":
        return sp.csr_matrix(values)
    return values.toarray() if sp.issparse(values) else np.asarray(values).reshape(values.shape[0], -1)


def library_sizes(counts: sp.csr_matrix) -> np.ndarray:
    """Total counts of each unit, at least 1."""
    return np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)


def log_normalise(values: np.ndarray | sp.csr_matrix, scale: float | None) -> np.ndarray:
    """log1p(counts / total × scale), dense; values as they are if there is no scale."""
    if scale is None:
        return np.asarray(values)
    return np.log1p(sp.diags_array(scale / library_sizes(values)) @ values).toarray()
