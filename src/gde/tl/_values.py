"""Units of an AnnData as the tools compare them."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData

from gde.data import JointUnits
from gde.model import GDEModel


def check_model(model: object) -> None:
    """Raise a clear error if something else is passed as a model, or its units are no vectors of one kind."""
    if not isinstance(model, GDEModel):
        raise TypeError(f"`model` must be a trained `gde.GDEModel`, got {type(model).__name__}.")
    if model.units.observation == "sequence":
        raise ValueError(
            "This compares units as vectors, and these are sequences: `gde.metrics` has what compares sequences."
        )
    if isinstance(model.units, JointUnits):
        names = list(model.units.parts)
        raise ValueError(
            f"This compares units of one modality, and those of this model have several ({', '.join(names)}): compare `mdata[{names[0]!r}]` with "
            f"`model.generate()[{names[0]!r}]` by `gde.metrics`, or make a model of one modality."
        )


def with_genes_of(model: GDEModel, adata: AnnData, argument: str = "adata") -> AnnData:
    """The AnnData with the model's genes in the model's order, if these are what its units are made of."""
    if not model.units.has_genes or np.array_equal(adata.var_names, model.get_var_names()):
        return adata
    missing = pd.Index(model.get_var_names()).difference(adata.var_names)
    if len(missing):
        raise ValueError(
            f"`{argument}` lacks {len(missing)} of the model's {len(model.get_var_names())} genes, e.g. {missing[0]!r}, and all are compared: are the names of the "
            "same kind? Fill them in, or train a model on the genes that there are."
        )
    return adata[:, model.get_var_names()].copy()


def unit_values(model: GDEModel, adata: AnnData) -> np.ndarray | sp.csr_matrix:
    """Units, in rows: counts in CSR, continuous values dense."""
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
