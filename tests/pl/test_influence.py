import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

import gde


@pytest.fixture
def adata():
    kinds = np.repeat(["T", "B", "rare"], [60, 30, 4])
    values = np.random.default_rng(0).normal(size=94) + np.repeat([-1.0, 2, 0], [60, 30, 4])
    values[:10] = np.nan
    yield AnnData(obs=pd.DataFrame({"cell_type": kinds, "gde_influence": values}, index=[f"c{i}" for i in range(94)]))
    plt.close("all")


def test_kinds_are_in_the_order_of_their_means_with_their_shares(adata):
    ax = gde.pl.influence(adata, show=False)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["T (60 %)", "rare (5 %)", "B (36 %)"]
    means = [
        dots.get_offsets()[0] for dots in ax.collections if len(dots.get_offsets()) == 1 and dots.get_zorder() == 3
    ]
    expected = adata.obs.groupby("cell_type")["gde_influence"].mean().loc[["T", "rare", "B"]]
    np.testing.assert_allclose(means, np.stack([expected, range(3)], axis=1))


def test_colours_are_those_of_uns(adata):
    adata.obs["cell_type"] = adata.obs["cell_type"].astype("category")
    adata.uns["cell_type_colors"] = ["#ff0000", "#00ff00", "#0000ff"]
    ax = gde.pl.influence(adata, show=False)
    np.testing.assert_allclose(ax.collections[0].get_facecolors()[0], [0, 1, 0, 0.6])  # T, the second in the alphabet


def test_what_is_not_there_is_refused(adata):
    with pytest.raises(KeyError, match="`key`: 'influence'"):
        gde.pl.influence(adata, key="influence", show=False)
    with pytest.raises(ValueError, match="holds numbers"):
        gde.pl.influence(adata, by="gde_influence", show=False)
    adata.obs["gde_influence"] = np.nan
    with pytest.raises(ValueError, match="no unit has a value"):
        gde.pl.influence(adata, show=False)
