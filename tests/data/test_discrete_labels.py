import anndata as ad
import numpy as np
import pytest
from scvi.data import AnnDataManager

from gde.data import DiscreteLabels

LABELS = DiscreteLabels(["donor"])


@pytest.fixture
def manager():
    adata = ad.AnnData(np.ones((6, 2), np.float32))
    adata.obs["donor"] = ["b", "a", "b", "c", "a", "b"]
    manager = AnnDataManager(fields=[LABELS.field()])
    manager.register_fields(adata)
    return manager


def test_prior_has_the_rows_of_each_group(manager):
    prior = LABELS.prior(manager)
    assert prior.names == ["a", "b", "c"] and prior.sizes.tolist() == prior.n_effective.tolist() == [2, 3, 1]
    assert prior.measure(1)[0].tolist() == [0, 2, 5]
    some = LABELS.prior(manager, np.array([0, 1, 4]))
    assert some.codes.tolist() == [0, 1] and some.names == prior.names
    assert LABELS.codes(manager).tolist() == [1, 0, 1, 2, 0, 1]


def test_groups_that_are_wanted(manager):
    prior = LABELS.prior(manager, wanted=["c", "a"])
    assert prior.codes.tolist() == [0, 2] and prior.rows.tolist() == [1, 3, 4]
    with pytest.raises(KeyError, match="`groups`: 'z' is not a group here. There are: 'a', 'b', 'c'"):
        LABELS.prior(manager, wanted=["z"])


def test_columns_of_new_units_are_the_levels(manager):
    columns = LABELS.columns(manager.adata.obs, LABELS.prior(manager), [2, 0])
    assert columns["donor"].tolist() == ["c", "a"]
    assert columns["donor"].cat.categories.tolist() == ["a", "c"]
    assert LABELS.describe() == {"group_kind": "discrete", "group_key": ["donor"]}


def test_nothing_is_left_to_the_data(manager):
    assert LABELS.settings(manager.adata) == {}
