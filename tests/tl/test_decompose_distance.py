import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde
from gde.data import group_labels


@pytest.fixture
def embedded():
    """Four donors with three cell types, of which D4 lacks one, and embeddings that were written by hand."""
    rng = np.random.default_rng(0)
    counts = {"D1": [4, 3, 3], "D2": [2, 6, 2], "D3": [4, 3, 3], "D4": [5, 5, 0]}
    obs = pd.DataFrame(
        [
            (donor, kind)
            for donor, sizes in counts.items()
            for kind, n in zip("BTM", sizes, strict=True)
            for _ in range(n)
        ],
        columns=["donor", "cell_type"],
    )
    obs["age"] = obs["donor"].map({"D1": 30, "D2": 40, "D3": 50, "D4": 60})
    adata = ad.AnnData(np.zeros((len(obs), 1), np.float32), obs=obs.set_index(obs.index.astype(str)))
    sizes = group_labels(obs, ["donor", "cell_type"]).value_counts().sort_index()
    names = sizes.index
    z = pd.DataFrame(rng.normal(size=(len(names), 2)), index=names, columns=["gde_0", "gde_1"]).astype(np.float32)
    z.loc[["D2 | B", "D2 | M", "D2 | T"]] = z.loc[["D1 | B", "D1 | M", "D1 | T"]].to_numpy()
    params = {"group_key": np.array(["donor", "cell_type"])}
    adata.uns["gde"] = {"embeddings": z, "n_units": sizes.to_numpy(), "params": params}
    return adata


def test_rows_are_pairs_and_the_parts_sum_to_the_distance(embedded):
    donors = gde.get.group_adata(embedded, level="donor")
    table = gde.tl.decompose_distance(embedded, "donor").set_index(["a", "b"])
    assert len(table) == 6
    distances = np.square(donors.X[:, None] - donors.X).sum(2)
    for (a, b), row in table.iterrows():
        i, j = donors.obs_names.get_indexer([a, b])
        assert row["squared_distance"] == pytest.approx(distances[i, j], rel=1e-4, abs=1e-6)
        assert row["composition"] + row["state"] == pytest.approx(row["squared_distance"])
        assert row["share_composition"] + row["share_state"] == pytest.approx(1)
    assert table.loc[("D1", "D2"), "share_composition"] == pytest.approx(1)
    assert table.loc[("D1", "D3"), "share_state"] == pytest.approx(1)
    assert table["n_shared_parts"].tolist() == [3, 3, 2, 3, 2, 2]


def test_only_the_pairs_asked_for(embedded):
    table = gde.tl.decompose_distance(embedded, "donor", pairs=[("D3", "D1")])
    assert table[["a", "b"]].to_numpy().tolist() == [["D3", "D1"]]
    with pytest.raises(KeyError, match="'D9' is not a group of 'donor'"):
        gde.tl.decompose_distance(embedded, "donor", pairs=[("D3", "D9")])


def test_two_samples_of_one_donor_have_no_shares_once_noise_is_taken_away(embedded):
    embedded.uns["gde"]["covariances"] = np.tile(np.eye(2) * 10, (11, 1, 1))
    plain, corrected = (gde.tl.decompose_distance(embedded, "donor", corrected=value) for value in (False, True))
    assert (corrected["squared_distance"] < plain["squared_distance"]).all()
    assert (corrected["squared_distance"] < 0).any()
    assert corrected.loc[corrected["squared_distance"] <= 0, ["share_state", "share_composition"]].isna().all(axis=None)


def test_what_is_missing_is_named(embedded):
    with pytest.raises(KeyError, match="no covariances.*return_cov=True"):
        gde.tl.decompose_distance(embedded, "donor", corrected=True)
    with pytest.raises(
        ValueError, match=r"`level` must be one of several group keys, got 'day'.*\['donor', 'cell_type'\]"
    ):
        gde.tl.decompose_distance(embedded, "day")
    with pytest.raises(KeyError, match="no embeddings"):
        gde.tl.decompose_distance(embedded, "donor", key="other")
