"""Groups that a model has not seen."""

import warnings
from collections.abc import Sequence

import numpy as np
from anndata import AnnData
from scvi.data import AnnDataManager

from gde.data import Labels, Units, check_setup, load_annotation


def query_manager(
    adata: AnnData,
    units: Sequence[Units],
    labels: Labels,
    *,
    genes: Sequence[str],
    allow_missing_genes: bool = False,
    covariate_keys: Sequence[str] = (),
) -> tuple[AnnDataManager, np.ndarray | None]:
    """Register units and groups of another AnnData, without changing it.

    Covariates are not needed, unless the encoder sees them.

    Parameters
    ----------
    adata
        Another AnnData.
    units
        What to read of each unit: first what the encoder does.
    labels
        As the model was set up.
    genes
        Genes of the model in their order.
    allow_missing_genes
        Whether genes may be missing.
    covariate_keys
        Columns of ``.obs`` to keep, as far as they are there.

    Returns
    -------
    The manager, and which of the genes that the encoder reads were measured (None: all).
    """
    load_annotation(adata)
    check_setup(adata, labels, units, min_groups=1)
    selected = [kind.select(adata, genes, allow_missing_genes=allow_missing_genes) for kind in units]
    matrices = [part.X for part in selected if part.X is not None]
    columns = [*labels.obs_keys, *(key for key in covariate_keys if key in adata.obs)]
    light = AnnData(X=matrices[0] if matrices else None, obs=adata.obs[columns].copy())
    for key, values in [
        *((key, adata.obsm[key]) for key in labels.obsm_keys),
        *(item for part in selected for item in part.obsm.items()),
    ]:
        light.obsm[key] = values
    manager = AnnDataManager(
        fields=[*(field for part in selected for field in (part.field, *part.others)), labels.field()]
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Training will be faster when sparse matrix is formatted as CSR")
        manager.register_fields(light)
    return manager, selected[0].observed
