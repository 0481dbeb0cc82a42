import numpy as np
import pytest

import gde


def _model(adata, **setup):
    gde.setup_anndata(adata, **({"group_key": "donor"} | setup))
    return gde.GDEModel(adata, n_latent=2, n_hidden=4)


def test_knows_how_it_was_set_up(adata):
    model = _model(adata)
    assert model.group_keys == ["donor"] and model.likelihood == "nb"
    assert model.group_names == ["D1", "D2", "D3", "D4"]
    assert model.unit_matrix(adata) is adata.X
    model = _model(adata, group_key=["donor", "batch"], obsm_key="X_pca")
    assert model.group_keys == ["donor", "batch"] and model.likelihood == "normal"
    np.testing.assert_array_equal(model.unit_matrix(adata), adata.obsm["X_pca"])


@pytest.mark.parametrize("likelihood", ["zinb", "normal"])
def test_likelihood_is_the_one_asked_for(adata, likelihood):
    assert _model(adata, likelihood=likelihood).likelihood == likelihood
