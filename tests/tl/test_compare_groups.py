import json
from itertools import combinations

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.stats import f as f_distribution
from scipy.stats import false_discovery_control

import gde
from gde.stats import two_class_test, two_group_test


@pytest.fixture
def embedded():
    """Six donors with embeddings of a known truth: D0–D2 at zero, D3–D5 at (2, 0, 0); 30 units each, D5 with one."""
    rng = np.random.default_rng(0)
    sizes = [30, 30, 30, 30, 30, 1]
    names = [f"D{i}" for i in range(6)]
    obs = pd.DataFrame({"donor": np.repeat(names, sizes)}, index=[f"cell_{i}" for i in range(sum(sizes))])
    adata = ad.AnnData(np.zeros((sum(sizes), 1)), obs=obs)
    adata.obs["condition"] = np.where(adata.obs["donor"] < "D3", "well", "ill")
    sigma = np.stack([np.eye(3) / size for size in sizes])
    sigma[-1] = np.nan
    z = rng.normal(size=(6, 3)) / np.sqrt(30) + np.outer(np.arange(6) > 2, [2.0, 0, 0])
    adata.uns["gde"] = {
        "embeddings": pd.DataFrame(z, index=names, columns=["gde_0", "gde_1", "gde_2"]),
        "covariances": sigma,
        "n_units": np.array(sizes),
        "n_effective": np.array(sizes, dtype=float),
        "params": {"group_key": ["donor"], "group_kind": "discrete"},
    }
    return adata


def test_all_pairs_of_groups(embedded):
    table = gde.tl.compare_groups(embedded)
    names = embedded.uns["gde"]["embeddings"].index
    assert list(zip(table["a"], table["b"], strict=True)) == list(combinations(names, 2))
    with_d5 = (table["b"] == "D5").to_numpy()
    assert (table["method"] == np.where(with_d5, "too_few_units", "hotelling")).all()
    assert (table[["p_value", "p_adjusted", "squared_distance"]].isna().all(axis=1) == with_d5).all()
    tested = table[~with_d5]
    np.testing.assert_allclose(tested["p_adjusted"], false_discovery_control(tested["p_value"]))
    np.testing.assert_allclose(
        tested["p_value"], f_distribution.sf(tested["statistic"], tested["df_1"], tested["df_2"]), rtol=1e-9
    )
    differ = (tested["a"] < "D3") != (tested["b"] < "D3")
    assert (tested["p_adjusted"][differ] < 1e-3).all() and (tested["p_value"][~differ] > 0.01).all()
    z = embedded.uns["gde"]["embeddings"]
    squared = ((z.loc[tested["a"]].to_numpy() - z.loc[tested["b"]].to_numpy()) ** 2).sum(1)
    np.testing.assert_allclose(tested["squared_distance"], squared - 2 * 3 / 30)


def test_chosen_pairs(embedded):
    table = gde.tl.compare_groups(embedded, pairs=[("D4", "D1")])
    z, sigma = embedded.uns["gde"]["embeddings"].to_numpy(), embedded.uns["gde"]["covariances"]
    expected = two_group_test(z[4], sigma[4], 30, z[1], sigma[1], 30)
    assert table[["a", "b", "n_a", "n_b"]].values.tolist() == [["D4", "D1", 30, 30]]
    assert table.loc[0, "p_value"] == table.loc[0, "p_adjusted"] == pytest.approx(expected.p_value)


def test_classes_are_tested_by_their_groups(embedded):
    table = gde.tl.compare_groups(embedded, groupby="condition")
    z = embedded.uns["gde"]["embeddings"].to_numpy()
    assert table[["a", "b", "method", "n_a", "n_b"]].values.tolist() == [["ill", "well", "exact_permutation", 3, 3]]
    assert table.loc[0, "p_value"] == two_class_test(z[3:], z[:3]).p_value == pytest.approx(2 / 20)
    assert table[["df_1", "df_2"]].isna().all(axis=None)


def test_groups_without_a_class_are_left_out(embedded):
    embedded.obs["condition"] = embedded.obs["condition"].where(embedded.obs["donor"] != "D5")
    table = gde.tl.compare_groups(embedded, groupby="condition", pairs=[("well", "ill")])
    assert table[["n_a", "n_b"]].values.tolist() == [[3, 2]]


def test_a_table_of_which_nothing_can_be_tested(embedded):
    table = gde.tl.compare_groups(embedded, pairs=[("D5", "D1")])
    assert table["p_adjusted"].isna().all()


def test_many_units_of_few_donors_do_not_make_a_difference_of_classes(trained, cohort):
    unseen = cohort[cohort.obs["part"] == "unseen"].copy()
    trained.get_group_embeddings(unseen, return_cov=True)
    is_odd = unseen.obs["donor"].cat.remove_unused_categories().cat.codes % 2 == 1
    unseen.obs["arbitrary"] = np.where(is_odd, "odd", "even")
    assert (gde.tl.compare_groups(unseen)["p_adjusted"] < 0.05).mean() > 0.5, "donors differ for certain"
    assert gde.tl.compare_groups(unseen, groupby="arbitrary").loc[0, "p_value"] > 0.05


def test_it_works_from_a_file(trained, cohort, tmp_path):
    adata = cohort[cohort.obs["part"] == "held_out"].copy()
    trained.get_group_embeddings(adata, return_cov=True)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    read = ad.read_h5ad(tmp_path / "cells.h5ad")
    pd.testing.assert_frame_equal(gde.tl.compare_groups(read), gde.tl.compare_groups(adata))


def test_labels_that_the_model_was_trained_on_are_warned_of(embedded, recwarn):
    embedded.obs["phenotype"] = embedded.obs["condition"].where(embedded.obs["donor"] != "D4", "unknown")
    embedded.obs["sex"] = np.where(embedded.obs["donor"].isin(["D0", "D3"]), "f", "m")
    setup = {"labels_key": "phenotype", "unlabeled_category": "unknown"}
    embedded.uns["gde"]["params"] |= {"n_labels_seen": 0, "arguments": json.dumps({"setup": setup})}
    gde.tl.compare_groups(embedded, groupby="condition")
    embedded.uns["gde"]["params"]["n_labels_seen"] = 5
    gde.tl.compare_groups(embedded, groupby="sex")
    found = [warning for warning in recwarn if "was trained to tell" in str(warning.message)]
    assert not found, "training saw none of these groups, or another column"
    with pytest.warns(
        UserWarning, match="the values of 'condition' apart .*'phenotype'.*saw them for 5 of these 6 groups"
    ):
        gde.tl.compare_groups(embedded, groupby="condition")
    with pytest.warns(UserWarning, match="the values of 'phenotype' apart"):
        gde.tl.compare_groups(embedded, groupby="phenotype", pairs=[("ill", "well")])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"key": "other"}, KeyError, "return_cov=True"),
        ({"pairs": [("D1", "D9")]}, KeyError, "'D9' is not there"),
        ({"pairs": ["D1"]}, ValueError, "list of pairs"),
        ({"pairs": [("D1", "D1")]}, ValueError, "two different"),
        ({"groupby": "conditoin"}, KeyError, "Did you mean 'condition'"),
        ({"groupby": "unit"}, ValueError, "varies within"),
        ({"groupby": "one"}, ValueError, "nothing to compare"),
    ],
)
def test_bad_input_names_the_cure(embedded, arguments, error, message):
    embedded.obs["unit"], embedded.obs["one"] = np.arange(embedded.n_obs), "all"
    with pytest.raises(error, match=message):
        gde.tl.compare_groups(embedded, **arguments)


def test_groups_that_share_units_are_refused(embedded):
    embedded.uns["gde"]["params"]["group_kind"] = "continuous"
    with pytest.raises(ValueError, match="share units"):
        gde.tl.compare_groups(embedded)
