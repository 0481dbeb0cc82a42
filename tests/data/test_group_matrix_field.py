import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager

from gde.data import GroupMatrixField


def _adata(columns):
    adata = ad.AnnData(np.ones((4, 2), np.float32))
    adata.obsm["clones"] = pd.DataFrame(np.full((4, len(columns)), 1.0), index=adata.obs_names, columns=columns)
    return adata


def _names(manager):
    return list(manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).column_names)


def test_registers_the_names_and_takes_over_other_ones():
    manager = AnnDataManager(fields=[GroupMatrixField(REGISTRY_KEYS.SAMPLE_KEY, "clones")])
    manager.register_fields(_adata(["a", "b"]))
    assert _names(manager) == ["a", "b"]
    assert _names(manager.transfer_fields(_adata(["b", "c", "d"]))) == ["b", "c", "d"]


def test_leaves_the_matrix_as_it_is():
    adata = _adata(["a"])
    adata.obsm["clones"] = sp.csc_matrix(np.eye(4))
    matrix = adata.obsm["clones"]
    AnnDataManager(fields=[GroupMatrixField(REGISTRY_KEYS.SAMPLE_KEY, "clones")]).register_fields(adata)
    assert adata.obsm["clones"] is matrix
