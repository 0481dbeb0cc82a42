import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde


def test_a_trained_model_lies_between_real_and_pooled_cells(trained, cohort):
    held_out = cohort[cohort.obs["part"] == "held_out"].copy()
    table = gde.tl.evaluate(trained, reference=held_out)
    assert table.index.tolist() == ["generated", "real", "pooled"]
    assert table.columns.tolist() == ["energy_distance", "c2st_auc"]
    distance = table["energy_distance"]
    assert abs(distance["real"]) < 0.05, "held-out cells of the same donors"
    assert distance["real"] < distance["generated"] < 0.7 * distance["pooled"]
    assert table["c2st_auc"].between(0.4, 1).all()
    assert table.loc["pooled", "c2st_auc"] == table.loc["real", "c2st_auc"], "the same cells, their groups shuffled"
    assert table.loc["real", "c2st_auc"] < table.loc["generated", "c2st_auc"]


def test_the_seed_decides_and_nothing_changes(fit, adata):
    model = fit(adata)
    before = adata.copy()
    tables = [gde.tl.evaluate(model, n_components=5, seed=seed) for seed in (0, 0, 1)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0].equals(tables[2])
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    assert adata.uns.keys() == before.uns.keys() and (adata.X != before.X).nnz == 0


@pytest.mark.parametrize("setup", [{"obsm_key": "X_pca"}, {"group_key": ["donor", "batch"]}, {"layer": "counts"}])
def test_units_of_all_kinds(fit, adata, setup):
    adata.layers["counts"] = adata.X.copy()
    table = gde.tl.evaluate(fit(adata, setup), n_components=3)
    assert table.shape == (3, 2) and np.isfinite(table.to_numpy()).all()


@pytest.mark.parametrize("likelihood", ["nb", "normal"])
def test_sparse_units_in_a_backed_file(fit, adata, tmp_path, likelihood):
    model = fit(adata, {"likelihood": likelihood})
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert np.isfinite(gde.tl.evaluate(model, backed, n_components=3).to_numpy()).all()


def test_groups_of_another_anndata(trained, cohort):
    unseen = cohort[cohort.obs["part"] == "unseen"].copy()
    table = gde.tl.evaluate(trained, unseen)
    assert table.loc["real", "energy_distance"] < table.loc["pooled", "energy_distance"]


def test_a_model_without_its_anndata_needs_one(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    with pytest.raises(ValueError, match="pass `adata`"):
        gde.tl.evaluate(loaded)
    assert gde.tl.evaluate(loaded, adata.copy()).shape == (3, 2)


def test_an_untrained_model_is_refused(adata):
    gde.setup_anndata(adata, group_key="donor")
    with pytest.raises(RuntimeError, match="not been trained"):
        gde.tl.evaluate(gde.GDEModel(adata, n_latent=2, n_hidden=4))
