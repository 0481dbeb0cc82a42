import anndata as ad
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import scanpy as sc

import gde

matplotlib.use("Agg")


@pytest.fixture
def embedded():
    """Cells of 6 donors with embeddings that were written by hand."""
    rng = np.random.default_rng(0)
    donors = np.repeat(["d", "b", "a", "c", "f", "e"], [3, 1, 4, 2, 5, 6])
    obs = pd.DataFrame({"donor": rng.permutation(donors)}, index=[f"cell{i}" for i in range(len(donors))])
    obs["age"] = obs["donor"].map({"a": 30, "b": 41, "c": 52, "d": 63, "e": 34, "f": 75})
    obs["sex"] = pd.Categorical(obs["donor"].map(dict(zip("abcdef", "mfmfmf", strict=True))))
    obs["smokes"] = obs["donor"].map({"a": True, "b": False})  # not known of the others
    obs["cell_type"] = rng.choice(["T", "B"], len(obs))
    obs["_scvi_sample"] = 0
    adata = ad.AnnData(np.zeros((len(obs), 2), np.float32), obs=obs)
    names = sorted(set(donors))
    frame = pd.DataFrame(rng.normal(size=(6, 3)), index=names, columns=["gde_0", "gde_1", "gde_2"]).astype(np.float32)
    sizes = obs["donor"].value_counts()[names].to_numpy()
    adata.uns["gde"] = {"embeddings": frame, "n_units": sizes, "params": {"group_key": ["donor"]}}
    return adata


def test_one_row_per_group_with_its_embedding(embedded):
    groups = gde.get.group_adata(embedded)
    frame = embedded.uns["gde"]["embeddings"]
    assert groups.obs_names.tolist() == ["a", "b", "c", "d", "e", "f"]
    assert groups.var_names.tolist() == ["gde_0", "gde_1", "gde_2"]
    np.testing.assert_array_equal(groups.X, frame)
    np.testing.assert_array_equal(groups.obsm["X_gde"], frame)


def test_obs_has_the_columns_that_are_constant_within_groups(embedded):
    groups = gde.get.group_adata(embedded)
    assert groups.obs.columns.tolist() == ["donor", "age", "sex", "smokes", "n_units"]
    assert groups.obs["donor"].tolist() == groups.obs_names.tolist()
    assert groups.obs["age"].tolist() == [30, 41, 52, 63, 34, 75]
    assert groups.obs["sex"].tolist() == list("mfmfmf")
    assert groups.obs["smokes"].tolist()[:2] == [True, False] and groups.obs["smokes"].isna().tolist()[2:] == [True] * 4
    assert groups.obs["n_units"].tolist() == [4, 1, 2, 3, 6, 5]


def test_only_the_columns_asked_for(embedded):
    assert gde.get.group_adata(embedded, columns=["sex"]).obs.columns.tolist() == ["sex", "n_units"]
    assert gde.get.group_adata(embedded, columns=[]).obs.columns.tolist() == ["n_units"]


def test_a_column_that_varies_within_a_group_is_refused_and_the_groups_named(embedded):
    embedded.obs["day"] = 1
    embedded.obs.loc[embedded.obs.index[embedded.obs["donor"] == "e"][0], "day"] = 2
    embedded.obs.loc[embedded.obs.index[embedded.obs["donor"] == "c"][0], "day"] = np.nan
    with pytest.raises(ValueError, match=r"'day' varies within 2 groups \(c, e\).*Leave it out"):
        gde.get.group_adata(embedded, columns=["age", "day"])
    assert "day" not in gde.get.group_adata(embedded).obs


def test_groups_that_share_units_have_their_label_and_numbers_alone(embedded):
    frame = embedded.uns["gde"]["embeddings"].set_axis(["20.0", "31.5", "40.0", "50.0", "60.0", "70.0"])
    numbers = {"n_units": np.arange(6), "n_effective": np.arange(6) / 2}
    embedded.uns["gde"] = {"embeddings": frame, **numbers, "params": {"group_kind": "continuous", "group_key": ["age"]}}
    groups = gde.get.group_adata(embedded)
    assert groups.obs.columns.tolist() == ["age", "n_units", "n_effective"]
    assert groups.obs["age"].tolist() == [20, 31.5, 40, 50, 60, 70]
    with pytest.raises(ValueError, match="`columns`: the groups share units"):
        gde.get.group_adata(embedded, columns=["sex"])
    embedded.uns["gde"]["params"] = {"group_kind": "noisy", "group_obsm_key": "clones"}
    assert gde.get.group_adata(embedded).obs.columns.tolist() == ["n_units", "n_effective"]


def test_unknown_names_are_refused(embedded):
    with pytest.raises(KeyError, match="`columns`: 'agee' is not a column.*'age'"):
        gde.get.group_adata(embedded, columns=["agee"])
    with pytest.raises(KeyError, match=r"no embeddings in `.uns\['other'\]`.*get_group_embeddings"):
        gde.get.group_adata(embedded, "other")
    embedded.uns["neighbors"] = {}
    with pytest.raises(KeyError, match="no embeddings"):
        gde.get.group_adata(embedded, "neighbors")


def test_groups_that_were_asked_for_are_enough(embedded):
    result = embedded.uns["gde"]
    result["embeddings"], result["n_units"] = result["embeddings"].iloc[:1], result["n_units"][:1]
    assert gde.get.group_adata(embedded).obs_names.tolist() == result["embeddings"].index.tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda adata: adata[adata.obs["donor"] != "b"].copy(),
        lambda adata: _renamed(adata),
        lambda adata: adata[:-1].copy(),
    ],
    ids=["fewer", "renamed", "fewer units"],
)
def test_groups_that_have_changed_since_are_refused(embedded, change):
    with pytest.raises(ValueError, match=r"not those in `.uns\['gde'\]`.*again"):
        gde.get.group_adata(change(embedded))


def _renamed(adata):
    adata.obs["donor"] = adata.obs["donor"].replace({"b": "new"})
    return adata


def test_nothing_in_the_cells_changes(embedded):
    before = embedded.obs.copy()
    groups = gde.get.group_adata(embedded)
    groups.X[:] = 0
    groups.obs["age"] = 0
    pd.testing.assert_frame_equal(embedded.obs, before)
    assert (groups.obsm["X_gde"] != 0).any() and (embedded.uns["gde"]["embeddings"] != 0).any(axis=None)


def test_after_a_model_and_a_file(fit, adata, tmp_path):
    model = fit(adata, {"group_key": ["donor", "batch"]})
    embeddings = model.get_group_embeddings(key_added="mine")
    adata.write_h5ad(tmp_path / "cells.h5ad")
    groups = gde.get.group_adata(ad.read_h5ad(tmp_path / "cells.h5ad"), "mine")
    assert groups.obs_names.tolist() == embeddings.index.tolist()
    np.testing.assert_array_equal(groups.obsm["X_mine"], embeddings)
    assert groups.obs[["donor", "batch"]].agg(" | ".join, axis=1).tolist() == embeddings.index.tolist()
    assert groups.obs["severity"].notna().all() and "cell_type" not in groups.obs
    groups.write_h5ad(tmp_path / "groups.h5ad")
    assert ad.read_h5ad(tmp_path / "groups.h5ad").shape == groups.shape


@pytest.mark.filterwarnings("ignore:The set_bad function")
def test_scanpy_works_on_it(embedded):
    embedded.obs["donor"] = embedded.obs["donor"].astype(object)  # text, as users have it
    groups = gde.get.group_adata(embedded)
    # umap is compiled for a minute where it is new.
    sc.pp.neighbors(groups, use_rep="X_gde", n_neighbors=3, method="gauss")
    sc.tl.diffmap(groups, n_comps=3)
    assert groups.obsm["X_diffmap"].shape == (groups.n_obs, 3)
    sc.pl.diffmap(groups, color=["sex", "age"], show=False)
    sc.pl.heatmap(groups, groups.var_names, groupby="sex", show=False)
    sc.tl.dendrogram(groups, groupby="donor", use_rep="X_gde")
    assert sorted(groups.uns["dendrogram_donor"]["categories_ordered"]) == sorted(groups.obs_names)
    sc.pl.dendrogram(groups, groupby="donor", show=False)
    plt.close("all")


def nested(embedded, keys):
    """The same cells in nested groups; their embeddings are written by hand."""
    labels = embedded.obs[keys].astype(str).agg(" | ".join, axis=1)
    names = sorted(set(labels))
    z = pd.DataFrame(np.random.default_rng(1).normal(size=(len(names), 3)), names, ["gde_0", "gde_1", "gde_2"])
    sizes = labels.value_counts()[names].to_numpy()
    embedded.uns["gde"] = {"embeddings": z, "n_units": sizes, "params": {"group_key": keys}}
    return labels


def test_nested_groups_are_combined_by_their_composition(embedded):
    labels = nested(embedded, ["donor", "cell_type"])
    donors = gde.get.group_adata(embedded, level="donor")
    of_cell = embedded.uns["gde"]["embeddings"].loc[labels]
    np.testing.assert_allclose(donors.X, of_cell.groupby(embedded.obs["donor"].to_numpy()).mean(), rtol=1e-5)
    assert donors.obs.columns.tolist() == ["donor", "age", "sex", "smokes", "n_units"]
    composition, state = donors.obsm["composition"], donors.obsm["X_gde_state"]
    assert composition.columns.tolist() == ["B", "T"]
    np.testing.assert_allclose(composition.sum(axis=1), 1)
    assert (np.isnan(state).all(axis=2) == (composition == 0)).all(axis=None)
    np.testing.assert_allclose(np.nansum(composition.to_numpy()[:, :, None] * state, axis=1), donors.X, rtol=1e-5)


def test_three_levels_and_those_that_were_embedded(embedded, tmp_path):
    embedded.obs["day"] = np.tile([1, 2, 3], 7)
    labels = nested(embedded, ["donor", "day", "cell_type"])
    keep = ~labels.str.startswith("d")
    result = embedded.uns["gde"]
    asked = result["embeddings"].index.isin(labels[keep])
    result["embeddings"], result["n_units"] = result["embeddings"][asked], result["n_units"][asked]
    result["covariances"] = np.tile(np.eye(3), (len(result["embeddings"]), 1, 1))
    donors = gde.get.group_adata(embedded, level="donor", columns=["sex"])
    assert donors.obs_names.tolist() == ["a", "b", "c", "e", "f"]
    assert donors.obs["n_units"].sum() == keep.sum()
    assert set(donors.obsm["composition"].columns) <= {f"{day} | {kind}" for day in (1, 2, 3) for kind in "BT"}
    assert np.isfinite(donors.obsm["X_gde_covariance"]).all()
    donors.write_h5ad(tmp_path / "donors.h5ad")
