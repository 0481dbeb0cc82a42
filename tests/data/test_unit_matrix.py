import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from gde.data import unit_matrix


@pytest.fixture
def adata():
    adata = AnnData(np.zeros((2, 3)), layers={"counts": np.ones((2, 3))}, obsm={"X_pca": np.full((2, 2), 5.0)})
    adata.obsm["frame"] = pd.DataFrame({"a": [1, 2]}, index=adata.obs_names)
    return adata


@pytest.mark.parametrize(
    ("layer", "obsm_key", "value", "name"),
    [
        (None, None, 0, "adata.X"),
        ("counts", None, 1, "adata.layers['counts']"),
        (None, "X_pca", 5, "adata.obsm['X_pca']"),
    ],
)
def test_finds_the_matrix_and_its_name(adata, layer, obsm_key, value, name):
    matrix, where = unit_matrix(adata, layer, obsm_key)
    assert (matrix == value).all() and where == name


def test_unknown_names_are_refused_with_near_ones(adata):
    with pytest.raises(KeyError, match=r"`layer`: 'count'.*'counts'"):
        unit_matrix(adata, "count", None)
    with pytest.raises(KeyError, match=r"`obsm_key`: 'pca'.*'X_pca'"):
        unit_matrix(adata, None, "pca")


def test_what_is_no_matrix_is_refused(adata):
    with pytest.raises(ValueError, match=r"must be a matrix.*DataFrame"):
        unit_matrix(adata, None, "frame")
    with pytest.raises(ValueError, match=r"`adata.X` is None.*layer"):
        unit_matrix(AnnData(obs=adata.obs), None, None)
