"""Groups that a model has not seen."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.data.fields import LayerField

from gde.data import Labels, check_setup, unit_matrix


def query_manager(
    adata: AnnData,
    var_names: Sequence[str] | None,
    labels: Labels,
    *,
    layer: str | None,
    obsm_key: str | None,
    likelihood: str,
    allow_missing_genes: bool,
    covariate_keys: Sequence[str] = (),
) -> tuple[AnnDataManager, np.ndarray | None]:
    """Register units and groups of another AnnData, without changing it.

    Covariates are not needed, unless the encoder sees them.

    Parameters
    ----------
    adata
        Another AnnData.
    var_names
        Genes of the model in their order; None for units in ``.obsm``.
    labels, layer, obsm_key, likelihood
        As the model was set up.
    allow_missing_genes
        Whether genes may be missing.
    covariate_keys
        Columns of ``.obs`` to keep, as far as they are there.

    Returns
    -------
    The manager, and which of the model's genes were measured (None: all).
    """
    check_setup(adata, labels, layer=layer, obsm_key=obsm_key, likelihood=likelihood, min_groups=1)
    matrix, _ = unit_matrix(adata, layer, obsm_key)
    observed = None
    if obsm_key is None:
        matrix, observed = _align(matrix, adata.var_names, pd.Index(var_names), allow_missing_genes)
    columns = [*labels.obs_keys, *(key for key in covariate_keys if key in adata.obs)]
    light = AnnData(X=matrix, obs=adata.obs[columns].copy(), obsm={key: adata.obsm[key] for key in labels.obsm_keys})
    manager = AnnDataManager(fields=[LayerField(REGISTRY_KEYS.X_KEY, None, is_count_data=False), labels.field()])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Training will be faster when sparse matrix is formatted as CSR")
        manager.register_fields(light)
    return manager, observed


def _align(
    matrix: np.ndarray | sp.spmatrix, have: pd.Index, want: pd.Index, allow_missing: bool
) -> tuple[np.ndarray | sp.spmatrix, np.ndarray | None]:
    """Columns in the order of the model; genes that are missing become empty columns and are marked."""
    if have.equals(want):
        return matrix, None
    position = have.get_indexer(want)
    observed = position >= 0
    if observed.all():
        return matrix[:, position], None
    if not observed.any():
        raise ValueError(
            f"None of the model's {len(want)} genes is in `adata.var_names`. The model has {', '.join(want[:3])}, …, and this AnnData has "
            f"{', '.join(have[:3])}, …: give it names of the same kind (symbols or ids)."
        )
    missing = want[~observed]
    if not allow_missing:
        raise ValueError(
            f"{len(missing)} of the model's {len(want)} genes are not in `adata.var_names`, e.g. {', '.join(missing[:5])}. "
            "Are the names of the same kind (symbols or ids)? `allow_missing_genes=True` masks missing genes out."
        )
    present = sp.csc_matrix(matrix[:, position[observed]])
    columns = sp.csc_matrix(
        (np.ones(observed.sum()), (np.arange(observed.sum()), np.flatnonzero(observed))), (observed.sum(), len(want))
    )
    return sp.csr_matrix(present @ columns, dtype=matrix.dtype), observed
