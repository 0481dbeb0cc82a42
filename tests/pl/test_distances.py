import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

import gde


@pytest.fixture
def groups():
    z = np.repeat([[0.0, 0, 0], [10, 0, 0]], 3, axis=0) + np.random.default_rng(0).normal(size=(6, 3))
    z = z[[0, 3, 1, 4, 2, 5]]
    obs = pd.DataFrame({"age": np.arange(6.0), "side": list("abab") + ["a", None]}, index=[f"D{i}" for i in range(6)])
    yield AnnData(z, obs=obs, obsm={"X_gde": z})
    plt.close("all")


def _names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_near_groups_are_side_by_side_and_distances_those_of_the_embeddings(groups):
    ax = gde.pl.distances(groups, show=False)
    names = _names(ax)
    assert {frozenset(names[:3]), frozenset(names[3:])} == {
        frozenset({"D0", "D2", "D4"}),
        frozenset({"D1", "D3", "D5"}),
    }
    z = groups[names].obsm["X_gde"]
    np.testing.assert_allclose(ax.images[0].get_array(), np.linalg.norm(z[:, None] - z, axis=-1))


def test_corrected_distances_mark_what_chance_may_explain_and_leave_unknown_groups_to_the_end(groups):
    groups.obsm["X_gde_covariance"] = np.tile(np.eye(3), (6, 1, 1))
    groups.obsm["X_gde_covariance"][0] = np.nan
    ax = gde.pl.distances(groups, show=False)
    assert _names(ax)[-1] == "D0"
    shown = ax.images[0].get_array()
    squared = gde.stats.corrected_distances(*(groups[_names(ax)].obsm[key] for key in ("X_gde", "X_gde_covariance")))[0]
    np.testing.assert_allclose(shown[:-1, :-1] ** 2, np.maximum(squared, 0)[:-1, :-1])
    assert np.ma.getmaskarray(np.ma.masked_invalid(shown))[-1, :-1].all()
    marked = {tuple(point) for point in ax.collections[0].get_offsets().astype(int).tolist()}
    is_near = shown[:-1, :-1] < 5
    np.fill_diagonal(is_near, False)
    assert marked == set(zip(*np.nonzero(is_near), strict=True))
    assert not gde.pl.distances(groups, corrected=False, show=False).collections[0].get_offsets().size


def test_bars_are_in_the_order_of_the_groups(groups):
    groups.uns["side_colors"] = ["#ff0000", "#0000ff"]
    ax = gde.pl.distances(groups, color=["side", "age"], show=False)
    side, age = (child.images[0].get_array()[:, 0, :3] for child in ax.child_axes if child.images)
    expected = {"a": [1, 0, 0], "b": [0, 0, 1], None: [0.75] * 3}
    sides = groups[_names(ax)].obs["side"].astype(object)
    np.testing.assert_allclose(side, [expected[value] for value in sides.where(sides.notna(), None)])
    assert (np.argsort(age.sum(1)) == np.argsort(groups[_names(ax)].obs["age"])).all()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["side: a", "side: b", "age: 0", "age: 5"]


def test_what_is_not_there_is_refused(groups):
    with pytest.raises(KeyError, match="`corrected`: there are no covariances"):
        gde.pl.distances(groups, corrected=True, show=False)
    with pytest.raises(KeyError, match="`basis`: 'X_gdee'"):
        gde.pl.distances(groups, basis="X_gdee", show=False)
    with pytest.raises(ValueError, match="at least 2 groups"):
        gde.pl.distances(groups[:1].copy(), show=False)
