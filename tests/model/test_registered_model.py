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


def test_knows_the_kind_of_its_labels(adata):
    assert _model(adata).labels.kind == "discrete"
    model = _model(adata, group_key="age", group_kind="continuous", bandwidth=2.0)
    assert (model.labels.kind, model.labels.bandwidth, model.group_keys) == ("continuous", 2, [])
    assert model.group_names[0] == str(adata.obs["age"].min())


def test_names_of_groups_are_in_the_anndata(adata, tmp_path):
    model = _model(adata)
    model.is_trained_ = True
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match="without an AnnData"):
        _ = gde.GDEModel.load(tmp_path / "model", adata=False).group_names


@pytest.mark.parametrize("likelihood", ["zinb", "normal"])
def test_likelihood_is_the_one_asked_for(adata, likelihood):
    assert _model(adata, likelihood=likelihood).likelihood == likelihood
