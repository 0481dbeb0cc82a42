import anndata as ad
import numpy as np
import pytest
from scvi.data import AnnDataManager

from gde.data import ContinuousLabels, silverman_bandwidth

AGES = np.array([20.0, 30, 30, 40, 40, 40, 80])
LABELS = ContinuousLabels("age", 5.0)


def _manager(ages=AGES):
    adata = ad.AnnData(np.ones((len(ages), 2), np.float32))
    adata.obs["age"] = ages
    manager = AnnDataManager(fields=[LABELS.field()])
    manager.register_fields(adata)
    return manager


def test_labels_are_the_distinct_values_and_units_have_kernel_weights():
    prior = LABELS.prior(_manager())
    assert prior.names == ["20.0", "30.0", "40.0", "80.0"]
    assert prior.sizes.tolist() == [1, 2, 3, 1], "units that carry the label, not those that it weights"
    rows, weight = prior.measure(1)
    order = np.argsort(rows)
    assert rows[order].tolist() == [0, 1, 2, 3, 4, 5], "80 is 10 bandwidths away"
    np.testing.assert_allclose(weight[order], np.exp(-0.5 * ((AGES[:6] - 30) / 5) ** 2), rtol=1e-6)


def test_number_of_units_is_that_of_kish():
    w = np.exp(-0.5 * ((AGES[:6] - 30) / 5) ** 2)
    np.testing.assert_allclose(
        LABELS.prior(_manager()).n_effective[[1, 3]], [w.sum() ** 2 / (w**2).sum(), 1], rtol=1e-6
    )


def test_any_value_near_the_data_can_be_wanted_in_any_order():
    prior = LABELS.prior(_manager(), wanted=[41, 35.0, "22", 90])
    assert prior.names == ["41.0", "35.0", "22.0", "90.0"] and prior.codes.tolist() == [0, 1, 2, 3]
    rows, weight = prior.measure(1)
    assert weight[rows == 2] == pytest.approx(np.exp(-0.5))


@pytest.mark.parametrize("value", [-5, 60, 120])
def test_a_value_without_units_nearby_is_refused_with_the_range(value):
    with pytest.raises(ValueError, match=rf"no unit has a label near {value}.*bandwidths of 5.*from 20 to 80"):
        LABELS.prior(_manager(), wanted=[30, value])


def test_a_label_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="labels of this model are numbers, got 'old'"):
        LABELS.prior(_manager(), wanted=["old"])


def test_labels_of_held_out_units_are_not_drawn():
    prior = LABELS.prior(_manager(), np.array([0, 3, 4, 5]))
    assert [prior.names[code] for code in prior.codes] == ["20.0", "40.0"]
    assert prior.rows.tolist() == [0, 3, 4, 5]


def test_many_labels_are_thinned_to_values_that_occur():
    ages = np.random.default_rng(0).normal(size=3000)
    prior = ContinuousLabels("age", 0.5).prior(_manager(ages))
    values = np.array(prior.names, dtype=float)
    assert len(prior) == 200 and np.isin(values, ages).all()
    assert (values[0], values[-1]) == (ages.min(), ages.max())
    assert prior.sizes.sum() == 3000 and prior.sizes[1:-1].max() < 25, "evenly spaced in rank"


def test_split_holds_out_cells_of_all_labels_together_or_whole_labels():
    manager = _manager(np.arange(100.0))
    train, held_out = LABELS.split(manager, "cells", 0.2, 0)
    assert len(held_out) == 20 and sorted([*train, *held_out]) == list(range(100))
    manager = _manager(np.repeat([1.0, 2, 3, 4], 5))
    train, held_out = LABELS.split(manager, "groups", 0.3, 0)
    assert len(held_out) == 5 and len(set(LABELS.codes(manager)[held_out])) == 1


def test_bandwidth_is_left_to_the_distinct_labels_of_the_data_unless_given():
    adata = _manager().adata
    chosen = ContinuousLabels("age").settings(adata)
    assert chosen == {"bandwidth": silverman_bandwidth(np.array([20.0, 30, 40, 80]))}
    assert LABELS.settings(adata) == {}


def test_columns_of_new_units_are_numbers():
    manager = _manager()
    columns = LABELS.columns(manager.adata.obs, LABELS.prior(manager, wanted=[35, 21.5]), [1, 0])
    assert columns["age"].tolist() == [21.5, 35.0]
    assert LABELS.describe() == {"group_kind": "continuous", "group_key": ["age"], "bandwidth": 5.0}
