import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from gde.data import GroupRows, SetSampler, WeightedRows
from tests.data.label_prior_contract import LabelPriorContract

few = settings(max_examples=40)
matrices = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).random((12, 4)) * (np.random.default_rng(seed + 1).random((12, 4)) < 0.5)
)


def _prior(weights, **kwargs):
    return WeightedRows(sp.csc_matrix(weights), [f"label{i}" for i in range(np.shape(weights)[1])], **kwargs)


class TestWeightedRows(LabelPriorContract):
    def make(self, rows=None):
        weights = np.random.default_rng(0).random((60, 4)) * (np.random.default_rng(1).random((60, 4)) < 0.5)
        return _prior(weights, rows=rows)


@few
@given(matrices)
def test_measures_and_members_are_the_matrix(weights):
    prior = _prior(weights)
    assert prior.codes.tolist() == np.flatnonzero(weights.any(axis=0)).tolist()
    assert prior.rows.tolist() == np.flatnonzero(weights.any(axis=1)).tolist()
    for code in prior.codes.tolist():
        rows, weight = prior.measure(code)
        np.testing.assert_array_equal(np.sort(rows), np.flatnonzero(weights[:, code]))
        np.testing.assert_allclose(weight, weights[rows, code])
    asked = np.array([5, 0, 11])
    position, label, weight = prior.members(asked)
    dense = np.zeros((3, len(prior)))
    dense[position, label] = weight
    np.testing.assert_allclose(dense, weights[asked][:, prior.codes])


@few
@given(matrices)
def test_numbers_of_units_are_those_of_kish(weights):
    prior = _prior(weights)
    columns = weights[:, prior.codes]
    np.testing.assert_array_equal(prior.n_units, (columns > 0).sum(axis=0))
    np.testing.assert_allclose(prior.n_effective, columns.sum(axis=0) ** 2 / (columns**2).sum(axis=0))
    np.testing.assert_allclose(prior.sizes, columns.sum(axis=0))


def test_of_some_rows_and_of_labels_that_no_unit_carries():
    weights = np.array([[1.0, 0.2, 0.0], [0.5, 1.0, 0.0], [0.0, 0.5, 1.0]])
    prior = _prior(weights, rows=np.array([0, 1]))
    assert prior.codes.tolist() == [0, 1] and prior.rows.tolist() == [0, 1]
    assert _prior(weights, sizes=np.array([2, 0, 1])).codes.tolist() == [0, 2]


@few
@given(matrices, st.integers(1, 30), st.integers(0, 99))
def test_a_draw_has_distinct_units_of_the_label_that_count_as_often_as_asked(weights, n, seed):
    prior = _prior(weights)
    for code in prior.codes.tolist():
        rows, times = prior.draw(code, n, np.random.default_rng(seed))
        assert times.sum() == n and len(set(rows.tolist())) == len(rows)
        assert (weights[rows, code] > 0).all()


def test_order_of_the_units_of_a_draw_is_random():
    prior, rng = _prior(np.linspace(1, 9, 50)[:, None]), np.random.default_rng(0)
    first = [np.mean(prior.draw(0, 20, rng)[0][:5]) for _ in range(400)]
    last = [np.mean(prior.draw(0, 20, rng)[0][-5:]) for _ in range(400)]
    assert np.mean(first) == pytest.approx(np.mean(last), abs=1.5)


def test_equal_weights_are_drawn_like_a_group():
    prior, group = _prior(np.ones((30, 1))), GroupRows(np.zeros(30, dtype=int))
    for labels in (prior, group):
        rows, times = labels.draw(0, 30, np.random.default_rng(0))
        assert sorted(rows.tolist()) == list(range(30)) and (times == 1).all()


def test_sets_of_a_sampler_have_weights_that_follow_the_draws_and_mixtures_share_no_row():
    weights = np.array([[100.0, 0.0], [1.0, 1.0], [1.0, 1.0], [0.0, 100.0]])
    sampler = SetSampler(_prior(weights), batch_size=64, set_size=8, min_set_size=8, n_batches=20, mixing=0.5)
    for index in sampler:
        np.testing.assert_allclose(np.bincount(index.set_of_unit, index.weight), 1, rtol=1e-6)
        for number in range(len(index.label)):
            rows = index.rows[index.set_of_unit == number]
            assert len(set(rows.tolist())) == len(rows)
    heavy = np.concatenate([index.weight[index.rows == 0] for index in sampler])
    assert heavy.max() > 0.8
