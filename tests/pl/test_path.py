import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

import gde


@pytest.fixture
def new():
    x = np.array([[1.0, 1], [1, 1], [2, 0], [2, 0], [0, 4], [0, 4]])
    obs = pd.DataFrame({"time": [0, 0, 0.5, 0.5, 1, 1], "cell_type": list("TTTBBB")}, index=list("abcdef"))
    adata = AnnData(x, obs=obs, var=pd.DataFrame(index=["g1", "g2"]))
    adata.uns["gde"] = {"path": {"from": "D1", "to": "D2"}, "params": {"group_key": ["donor"]}}
    yield adata
    plt.close("all")


@pytest.fixture
def real():
    obs = pd.DataFrame({"donor": ["D1", "D2", "D2"], "cell_type": ["T", "B", "T"]}, index=list("abc"))
    return AnnData(np.array([[1.0, 1], [0, 2], [0, 2]]), obs=obs, var=pd.DataFrame(index=["g1", "g2"]))


def test_shares_and_means_are_those_of_the_units_at_each_time(new, real):
    figure = gde.pl.path(new, by="cell_type", genes=["g2"], real=real, show=False)
    shares, genes = figure.axes
    b, t = (area.get_paths()[0].vertices for area in shares.collections)
    assert b[:, 1].max() == 1 and sorted({*b[:, 1]}) == [0, 0.5, 1] and t[:, 1].max() == 1
    heights = [bar.get_height() for bar in shares.patches]
    assert heights == [0, 1, 0.5, 0.5]  # B and T of D1, then of D2
    np.testing.assert_allclose(genes.lines[0].get_ydata(), [np.log1p(5e3), 0, np.log1p(1e4)])
    np.testing.assert_allclose(genes.collections[0].get_offsets(), [[0, np.log1p(5e3)], [1, np.log1p(1e4)]])
    assert [label.get_text() for label in genes.get_xticklabels()] == ["D1", "half-way", "D2"]


def test_one_of_both_is_one_axes(new):
    assert [ax.get_ylabel() for ax in gde.pl.path(new, genes=["g1"], show=False).axes] == ["mean log expression"]


def test_values_that_are_no_counts_are_drawn_as_they_are(new, real):
    new.layers["scaled"], real.layers["scaled"] = new.X - 1.5, real.X - 1.5
    ax = gde.pl.path(new, genes=["g2"], real=real, layer="scaled", show=False).axes[0]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [-0.5, -1.5, 2.5])
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0, -0.5], [1, 0.5]])
    assert ax.get_ylabel() == "mean" and ax.get_ylim()[0] < -1.5


def test_one_part_is_drawn_on_axes_that_are_given(new):
    figure, (left, right) = plt.subplots(1, 2)
    assert gde.pl.path(new, by="cell_type", ax=left) is figure
    gde.pl.path(new, genes=["g1"], ax=right)
    assert [ax.get_ylabel() for ax in figure.axes] == ["share of cells", "mean log expression"]
    with pytest.raises(ValueError, match="`ax` holds composition or genes"):
        gde.pl.path(new, by="cell_type", genes=["g1"], ax=left)


def test_what_cannot_be_drawn_is_refused(new, real):
    with pytest.raises(ValueError, match="cell types .* genes"):
        gde.pl.path(new, show=False)
    with pytest.raises(ValueError, match="is not a path"):
        gde.pl.path(real, by="cell_type", show=False)
    with pytest.raises(KeyError, match="`genes`: 'g3'"):
        gde.pl.path(new, genes=["g3"], show=False)
    with pytest.raises(KeyError, match=r"gde.tl.transfer_labels\(model, new, by='type'\)"):
        gde.pl.path(new, by="type", show=False)
    with pytest.raises(ValueError, match="`layer`: the generated units are counts"):
        gde.pl.path(new, genes=["g1"], real=AnnData(real.X / 2, obs=real.obs, var=real.var), show=False)
    with pytest.raises(KeyError, match="no units of the group 'D2'"):
        gde.pl.path(new, by="cell_type", real=real[:1].copy(), show=False)
