import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde

UNITS = ["energy_distance", "mmd", "sliced_wasserstein", "c2st_auc", "precision", "recall", "density", "coverage"]
GENES = ["gene_mean_pearson", "gene_variance_pearson", "gene_zero_fraction_pearson"]
SHIFTS = ["pearson_delta", "mean_shift_mse", "discrimination_cosine", "discrimination_cityblock", "pooled_r2"]


def test_a_trained_model_lies_between_real_and_pooled_cells(trained, cohort):
    held_out = cohort[cohort.obs["part"] == "held_out"].copy()
    table = gde.tl.evaluate(trained, reference=held_out)
    assert table.index.tolist() == [*UNITS[:3], "rank_score", *UNITS[3:], *GENES, "replicate_robustness"]
    value, floor, chance = (table[column] for column in ("value", "floor", "chance"))
    assert abs(floor["energy_distance"]) < 0.05, "held-out cells of the same donors"
    for metric in ("energy_distance", "mmd", "sliced_wasserstein"):
        assert floor[metric] < value[metric] < chance[metric]
    assert value["energy_distance"] < 0.7 * chance["energy_distance"]
    assert floor["c2st_auc"] < value["c2st_auc"] and np.isnan(chance["c2st_auc"]), "it does not look at groups"
    assert value["rank_score"] > 0.8 > chance["rank_score"]
    assert 0.9 < value["gene_mean_pearson"] <= 1 and floor["coverage"] > 0.8
    assert value["replicate_robustness"] > 0.8 and chance["replicate_robustness"] == 0.5


def test_what_embeddings_tell_of_groups(trained, cohort):
    held_out = cohort[cohort.obs["part"] == "held_out"].copy()
    cells = trained.adata.copy()
    cells.obs["is_severe"] = np.where(cells.obs["severity"] > cells.obs["severity"].median(), "severe", "mild")
    table = gde.tl.evaluate(
        trained, cells, held_out, columns=["severity", "is_severe"], control=cells.obs["donor"].iloc[0]
    )
    severity = table.loc[["information_retention:severity", "trajectory_preservation:severity"]]
    assert (severity["about"] == "severity").all() and (severity["value"] > 0.6).all()
    assert (severity["low"] <= severity["value"]).all() and (severity["value"] <= severity["high"]).all()
    assert table.loc["roc_auc:is_severe", "value"] > 0.8 and table.loc["balanced_accuracy:is_severe", "chance"] == 0.5
    assert set(SHIFTS) < set(table.index) and table.index.is_unique
    assert table.loc["pooled_r2", "value"] > table.loc["pooled_r2", "chance"]


def test_columns_and_controls_that_do_not_fit(trained):
    with pytest.raises(ValueError, match="'cell_type' varies within groups"):
        gde.tl.evaluate(trained, columns=["cell_type"])
    with pytest.raises(KeyError, match="`columns`: 'age' is not a column"):
        gde.tl.evaluate(trained, columns=["age"])
    with pytest.raises(KeyError, match="`control`: 'nobody' is not a group"):
        gde.tl.evaluate(trained, control="nobody")


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
    assert np.isfinite(table.loc[UNITS[:4], ["value", "floor"]]).all(axis=None)
    assert ("gene_mean_pearson" in table.index) == ("obsm_key" not in setup)


@pytest.mark.parametrize("likelihood", ["nb", "normal"])
def test_sparse_units_in_a_backed_file(fit, adata, tmp_path, likelihood):
    model = fit(adata, {"likelihood": likelihood})
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert np.isfinite(gde.tl.evaluate(model, backed, n_components=3)["value"]).all()


def test_groups_of_another_anndata(trained, cohort):
    unseen = cohort[cohort.obs["part"] == "unseen"].copy()
    table = gde.tl.evaluate(trained, unseen)
    assert table.loc["energy_distance", "floor"] < table.loc["energy_distance", "chance"]


def test_a_model_without_its_anndata_needs_one(fit, adata, tmp_path):
    fit(adata).save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    with pytest.raises(ValueError, match="pass `adata`"):
        gde.tl.evaluate(loaded)
    assert gde.tl.evaluate(loaded, adata.copy())["value"].notna().all()


def test_an_untrained_model_is_refused(adata):
    gde.setup_anndata(adata, group_key="donor")
    with pytest.raises(RuntimeError, match="not been trained"):
        gde.tl.evaluate(gde.GDEModel(adata, n_latent=2, n_hidden=4))


def test_genes_are_compared_by_name(fit, adata):
    model = fit(adata)
    options = {"n_components": 5, "seed": 0}
    expected = gde.tl.evaluate(model, adata.copy(), **options)
    found = gde.tl.evaluate(model, adata[:, ::-1].copy(), **options)
    pd.testing.assert_frame_equal(found.loc[GENES], expected.loc[GENES])
    assert found.loc["energy_distance", "value"] == pytest.approx(expected.loc["energy_distance", "value"], rel=1e-3)
    with pytest.raises(ValueError, match="`reference` lacks 1 of the model's 30 genes"):
        gde.tl.evaluate(model, reference=adata[:, 1:].copy())
    with pytest.raises(TypeError, match="`model` must be a trained `gde.GDEModel`, got AnnData"):
        gde.tl.evaluate(adata)
