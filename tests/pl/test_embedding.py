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
    assert by_age.get_legend() is None and len(by_age.figure.axes) == 2
    brightness = by_age.collections[0].get_facecolors()[:, :3].sum(1)
    assert (np.diff(brightness) > 0).all()


def test_colours_are_those_asked_for_or_those_of_uns(groups):
    groups.obs["sex"] = groups.obs["sex"].astype("category")
    groups.uns["sex_colors"] = ["#ff0000", "#00ff00"]
    first = gde.pl.embedding(groups, color="sex", show=False).collections[0].get_facecolors()[:2]
    np.testing.assert_allclose(first, [[1, 0, 0, 1], [0, 1, 0, 1]])
    first = gde.pl.embedding(groups, color="sex", palette={"f": "b", "m": "k"}, show=False).collections[0]
    np.testing.assert_allclose(first.get_facecolors()[:2], [[0, 0, 1, 1], [0, 0, 0, 1]])
    with pytest.raises(ValueError, match="`palette` has 1 colours"):
        gde.pl.embedding(groups, color="sex", palette=["r"], show=False)
    with pytest.raises(KeyError, match="Did you mean 'sex'"):
        gde.pl.embedding(groups, color="sexx", show=False)


def test_areas_grow_with_the_number_of_units_and_the_legend_says_so(groups):
    groups.obs["n_units"] = [100, 50, 200, 1, 100, 100]
    ax = gde.pl.embedding(groups, show=False)
    areas = ax.collections[0].get_sizes()
    assert areas[0] == 2 * areas[1] and len(areas) == 6  # the largest first, so that small dots lie on top
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["1 n_units", "200 n_units"]
    assert np.ptp(gde.pl.embedding(groups, size=None, show=False).collections[0].get_sizes()) == 0


def test_groups_of_too_few_units_are_hollow(groups):
    groups.obsm["X_gde_covariance"] = np.tile(np.eye(5), (6, 1, 1))
    groups.obsm["X_gde_covariance"][5] = np.nan
    groups.obs["n_units"] = [30, 30, 30, 30, 3, 1]
    ax = gde.pl.embedding(groups, color="sex", show=False)
    is_white = (ax.collections[0].get_facecolors() == 1).all(1)
    assert is_white.tolist() == [False] * 4 + [True] * 2
    assert ax.get_legend().get_texts()[-1].get_text() == "too few units for a region"


def test_names_do_not_cover_each_other():
    rng = np.random.default_rng(0)
    groups = AnnData(
        obs=pd.DataFrame(index=[f"donor {i}" for i in range(30)]), obsm={"X_gde": rng.normal(size=(30, 2))}
    )
    ax = gde.pl.embedding(groups, show=False)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    covered = sum(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert len(boxes) == 30 and covered <= 2


def test_given_axes_are_used_and_a_file_is_written(groups, tmp_path):
    _, given = plt.subplots()
    assert gde.pl.embedding(groups, ax=given, save=str(tmp_path / "groups.png")) is given
    assert (tmp_path / "groups.png").stat().st_size > 0


def test_one_group_has_a_plane_too(groups):
    assert len(_points(gde.pl.embedding(groups[:1].copy(), show=False))) == 1


def test_long_names_stay_within_the_axes():
    rng = np.random.default_rng(0)
    names = [f"a population of cells {i}" for i in range(12)]
    groups = AnnData(obs=pd.DataFrame(index=names), obsm={"X_gde": rng.normal(size=(12, 2))})
    ax = gde.pl.embedding(groups, show=False)
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1, text


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
