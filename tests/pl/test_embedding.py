import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt
from scipy import stats
from scipy.spatial.distance import pdist

import gde


@pytest.fixture
def groups():
    z = np.random.default_rng(0).normal(size=(6, 5))
    obs = pd.DataFrame({"age": np.arange(6.0), "sex": list("fmfmfm")}, index=[f"D{i}" for i in range(6)])
    yield AnnData(z, obs=obs, obsm={"X_gde": z, "X_umap": z[:, :2]})
    plt.close("all")


def _points(ax):
    return np.concatenate([dots.get_offsets() for dots in ax.collections])


def test_groups_are_drawn_at_their_principal_components_with_their_names(groups):
    ax = gde.pl.embedding(groups, show=False)
    z = groups.obsm["X_gde"] - groups.obsm["X_gde"].mean(0)
    expected = z @ np.linalg.svd(z)[2][:2].T
    np.testing.assert_allclose(pdist(_points(ax)), pdist(expected))
    assert [text.get_text() for text in ax.texts] == groups.obs_names.tolist()


def test_two_columns_are_drawn_as_they_are(groups):
    ax = gde.pl.embedding(groups, basis="X_umap", labels=False, show=False)
    np.testing.assert_allclose(_points(ax), groups.obsm["X_umap"])
    assert not ax.texts


def test_categories_get_a_legend_and_numbers_a_bar(groups):
    by_sex = gde.pl.embedding(groups, color="sex", show=False)
    assert [text.get_text() for text in by_sex.get_legend().get_texts()] == ["f", "m"]
    by_age = gde.pl.embedding(groups, color="age", show=False)
    assert by_age.get_legend() is None and by_age.collections[0].get_array().tolist() == groups.obs["age"].tolist()


def test_given_axes_are_used_and_a_file_is_written(groups, tmp_path):
    _, given = plt.subplots()
    assert gde.pl.embedding(groups, ax=given, save=str(tmp_path / "groups.png")) is given
    assert (tmp_path / "groups.png").stat().st_size > 0


def test_one_group_has_a_plane_too(groups):
    assert len(_points(gde.pl.embedding(groups[:1].copy(), show=False))) == 1


def _points_on(ellipse):
    ends = ellipse.get_path().vertices[:-1:3]  # of Bézier's curves, whose other points lie outside
    return ellipse.get_patch_transform().transform(ends)


def test_ellipses_are_hotellings_region_in_the_plane(groups):
    roots = np.random.default_rng(1).normal(size=(6, 5, 5))
    groups.obsm["X_gde_covariance"] = covariance = roots @ roots.transpose(0, 2, 1) / 100
    groups.obs["n_units"] = [30, 20, 3, 2000, 10, 1]  # too few for an ellipse: 3 and 1
    covariance[5] = np.nan
    ax = gde.pl.embedding(groups, color="sex", show=False)
    assert len(ax.patches) == 4
    axes = np.linalg.svd(groups.obsm["X_gde"] - groups.obsm["X_gde"].mean(0))[2][:2]
    points = (groups.obsm["X_gde"] - groups.obsm["X_gde"].mean(0)) @ axes.T
    for ellipse, group in zip(ax.patches, [0, 1, 3, 4], strict=True):
        signs = np.sign(np.array(ellipse.center) * points[group])  # of principal components, which are free
        offset = (_points_on(ellipse) - ellipse.center) * signs
        radius = np.einsum("ni,ij,nj->n", offset, np.linalg.inv(axes @ covariance[group] @ axes.T), offset)
        m = groups.obs["n_units"].iloc[group]
        np.testing.assert_allclose(radius, 2 * (m - 1) / (m - 2) * stats.f.ppf(0.95, 2, m - 2))


@pytest.mark.parametrize("color", [None, "sex", "age"])
def test_ellipses_can_be_left_out_and_are_where_no_covariance_is(groups, color):
    assert not gde.pl.embedding(groups, color=color, show=False).patches
    groups.obsm["X_gde_covariance"] = np.tile(np.eye(5), (6, 1, 1))
    groups.obs["n_units"] = 30
    assert not gde.pl.embedding(groups, color=color, ellipses=False, show=False).patches
    assert not gde.pl.embedding(groups, basis="X_umap", color=color, show=False).patches
    assert len(gde.pl.embedding(groups, color=color, show=False).patches) == 6
