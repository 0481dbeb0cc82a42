import anndata as ad
import numpy as np
import pandas as pd
import pytest

import gde


@pytest.fixture
def pairs():
    """One row per pair of donor and cell type: D2 lacks B, and one cell alone is M."""
    obs = pd.DataFrame(
        {"donor": ["D1", "D1", "D1", "D2", "D2"], "cell_type": ["B", "M", "T", "M", "T"], "n_units": [6, 1, 3, 4, 6]},
        index=list("abcde"),
    )
    z = np.arange(10.0).reshape(5, 2)
    covariances = np.stack([np.eye(2) * value for value in (1, np.nan, 2, 3, 4)])
    return ad.AnnData(obs=obs, obsm={"X_gde": z, "X_gde_covariance": covariances})


def test_parts_have_their_place_and_what_is_not_there_is_nan(pairs):
    nested = gde.get.nested_groups(pairs, "gde", ["donor", "cell_type"], "donor")
    assert nested.level.tolist() == ["D1", "D2"] and nested.parts.tolist() == ["B", "M", "T"]
    np.testing.assert_array_equal(nested.n_units, [[6, 1, 3], [0, 4, 6]])
    np.testing.assert_array_equal(nested.composition, [[0.6, 0.1, 0.3], [0, 0.4, 0.6]])
    np.testing.assert_array_equal(nested.embeddings[1], [[np.nan, np.nan], [6, 7], [8, 9]])


def test_the_other_level_is_as_good(pairs):
    nested = gde.get.nested_groups(pairs, "gde", ["donor", "cell_type"], "cell_type")
    assert nested.level.tolist() == ["B", "M", "T"] and nested.n_units.tolist() == [[6, 0], [1, 4], [3, 6]]


def test_a_pair_of_one_unit_borrows_the_variance_of_a_unit(pairs):
    covariances = gde.get.nested_groups(pairs, "gde", ["donor", "cell_type"], "donor").covariances
    np.testing.assert_array_equal(covariances[0, 1], np.eye(2) * 4 * 3)  # of the 4 cells of D2
    pairs.obsm["X_gde_covariance"][3] = np.nan
    pairs.obs.loc["d", "n_units"] = 1
    covariances = gde.get.nested_groups(pairs, "gde", ["donor", "cell_type"], "donor").covariances
    np.testing.assert_allclose(covariances[0, 1], np.eye(2) * np.mean([6 * 1, 3 * 2, 6 * 4]))
