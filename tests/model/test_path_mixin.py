import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde
from gde.stats import EmbeddingRange


@pytest.fixture
def query(cohort):
    return cohort[cohort.obs["part"] == "unseen"].copy()


# Paths


def test_a_path_has_all_times_and_says_where_it_goes(trained, tmp_path):
    path = trained.interpolate("D01", "D09", n_steps=5, n_units=20)
    assert path.obs["time"].tolist() == np.repeat([0, 0.25, 0.5, 0.75, 1], 20).tolist()
    path.write_h5ad(tmp_path / "path.h5ad")
    slot = ad.read_h5ad(tmp_path / "path.h5ad").uns["gde"]
    assert (slot["path"]["from"], slot["path"]["to"]) == ("D01", "D09")
    assert list(slot["path"]["times"]) == [0, 0.25, 0.5, 0.75, 1]
    assert slot["params"]["model"] == "GDEModel"


def test_a_path_leads_from_one_group_to_the_other(trained, cohort):
    severity = cohort.obs.groupby("donor", observed=True)["severity"].first()[trained.group_names]
    a, b = severity.idxmin(), severity.idxmax()
    path = trained.interpolate(a, b, n_steps=3, n_units=400, library_size=400)
    ends = trained.generate(groups=[a, b], n_units=400, library_size=400)
    means = [np.log1p(path[path.obs["time"] == time].X.mean(0)).A1 for time in (0, 0.5, 1)]
    real = [np.log1p(ends[ends.obs["donor"] == name].X.mean(0)).A1 for name in (a, b)]
    whole = np.linalg.norm(real[1] - real[0])
    assert np.linalg.norm(means[0] - real[0]) < 0.4 * whole
    assert np.linalg.norm(means[2] - real[1]) < 0.4 * whole
    along = (means[1] - real[0]) @ (real[1] - real[0]) / whole**2
    assert 0.2 < along < 0.8


def test_the_seed_decides(trained):
    paths = [trained.interpolate("D01", "D02", n_steps=2, n_units=5, seed=seed).X for seed in (1, 1, 2)]
    assert (paths[0] != paths[1]).nnz == 0 < (paths[0] != paths[2]).nnz


def test_depth_and_batch_can_be_fixed_and_groups_may_be_new(trained, query):
    a, b = query.obs["donor"].cat.categories[-2:]
    path = trained.interpolate(a, b, adata=query, n_steps=2, n_units=100, library_size=1000, batch="batch2")
    assert set(path.obs["batch"]) == {"batch2"}
    assert path.X.sum(1).mean() == pytest.approx(1000, rel=0.05)


def test_paths_of_continuous_labels_and_units(fit, adata):
    model = fit(adata, {"group_key": "severity", "group_kind": "continuous", "obsm_key": "X_pca"})
    path = model.interpolate(0.2, 0.7, n_steps=2, n_units=3)
    assert path.obsm["X_pca"].shape == (6, 3)
    assert (path.uns["gde"]["path"]["from"], path.uns["gde"]["path"]["to"]) == ("0.2", "0.7")


def test_paths_that_are_none_are_refused(trained):
    with pytest.raises(ValueError, match="`n_steps` must be at least 2"):
        trained.interpolate("D01", "D02", n_steps=1)
    with pytest.raises(ValueError, match="each group once"):
        trained.interpolate("D01", "D01")
    with pytest.raises(KeyError, match="'D99' is not a group"):
        trained.interpolate("D01", "D99")


# Barycenters


def test_a_barycenter_is_the_weighted_mean_and_can_be_generated_from(trained):
    z = trained.get_group_embeddings(key_added=None)
    center = trained.barycenter(["D03", "D01"], weights=[3, 1])
    np.testing.assert_allclose(center.loc["barycenter"], 0.75 * z.loc["D03"] + 0.25 * z.loc["D01"], rtol=1e-5)
    np.testing.assert_allclose(trained.barycenter(["D01", "D02"]).iloc[0], z.loc[["D01", "D02"]].mean(), rtol=1e-5)
    assert trained.generate(embeddings=center, n_units=4).n_obs == 4


@pytest.mark.parametrize("weights", [[1], [1, -1], [0, 0], [1, np.nan], [[1, 2]]])
def test_weights_that_are_none_are_refused(trained, weights):
    with pytest.raises(ValueError, match="`weights` must be 2 numbers"):
        trained.barycenter(["D01", "D02"], weights)


# The range of training


def test_far_embeddings_are_warned_about_by_name(trained):
    z = trained.get_group_embeddings(key_added=None)
    far = z.mean() + 30 * (z.iloc[[0, 1]] - z.mean())
    both = pd.concat([far.set_axis(["x", "y"]), z.iloc[[2]]])
    with pytest.warns(UserWarning, match=r"2 of 3 embeddings lie outside .* \('x', 'y'; Mahalanobis .*extrapolated"):
        trained.generate(embeddings=both, n_units=1)


def test_no_warning_in_between_or_of_new_donors_of_the_cohort(trained, query):
    z = trained.get_group_embeddings(key_added=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # ours; anndata 0.13 gives one of pandas
        trained.generate(embeddings=z, n_units=1)
        trained.generate(query, n_units=1)
        trained.interpolate("D01", "D02", n_units=1)
        trained.barycenter(z.index)
        trained.barycenter(query.obs["donor"].cat.categories, adata=query)


def test_paths_and_barycenters_are_checked(trained, monkeypatch):
    z = trained.get_group_embeddings(key_added=None)
    monkeypatch.setattr(trained, "embedding_range_", EmbeddingRange.fit(z + 100))
    with pytest.warns(UserWarning, match="3 of 3 embeddings .*'D01 → D02, 1 of 3'"):
        trained.interpolate("D01", "D02", n_steps=3, n_units=1)
    with pytest.warns(UserWarning, match="1 of 1 embeddings .*'barycenter'"):
        trained.barycenter(["D01", "D02"])


def test_the_range_is_saved_reproducible_and_that_of_training_groups(fit, adata, tmp_path):
    model = fit(adata.copy())
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    again = fit(adata.copy())
    for other in (loaded.embedding_range_, again.embedding_range_):
        np.testing.assert_array_equal(other.center, model.embedding_range_.center)
        assert other.threshold == model.embedding_range_.threshold
    held_out = fit(adata, train={"validation": "groups", "validation_size": 0.25})
    z = held_out.get_group_embeddings(key_added=None)
    trained_on = adata.obs["donor"].iloc[held_out.train_indices].unique()
    assert len(trained_on) == 3
    np.testing.assert_allclose(held_out.embedding_range_.center, z.loc[trained_on].mean(), atol=1e-6)
