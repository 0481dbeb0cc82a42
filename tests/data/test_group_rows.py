import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gde.data import GroupRows
from tests.data.label_prior_contract import LabelPriorContract


class TestGroupRows(LabelPriorContract):
    def make(self, rows=None):
        return GroupRows(np.random.default_rng(0).choice([0, 2, 3], 60), rows)


codes = st.lists(st.integers(0, 5), max_size=30).map(lambda values: np.array(values, dtype=int))


@given(codes)
def test_rows_of_each_group_ascend_and_cover_all(codes):
    groups = GroupRows(codes)
    assert groups.codes.tolist() == sorted(set(codes.tolist()))
    assert len(groups) == len(groups.codes) and groups.n_units.sum() == len(codes)
    for code, size in zip(groups.codes.tolist(), groups.sizes, strict=True):
        assert groups[code].tolist() == np.flatnonzero(codes == code).tolist()
        assert size == len(groups[code])


@given(codes, st.integers(0, 2**32 - 1))
def test_of_some_rows(codes, seed):
    rows = np.flatnonzero(np.random.default_rng(seed).random(len(codes)) < 0.5)
    groups = GroupRows(codes, rows)
    assert groups.codes.tolist() == sorted(set(codes[rows].tolist()))
    for code in groups.codes.tolist():
        assert groups[code].tolist() == rows[codes[rows] == code].tolist()


def test_of_no_rows_has_no_groups():
    groups = GroupRows(np.array([0, 1]), np.zeros(0, dtype=int))
    assert len(groups) == groups.n_units.sum() == 0


def test_halves_share_no_unit_and_are_even():
    groups = GroupRows(np.array([3, 0, 3, 0, 3, 1, 0, 0]), rows=np.array([0, 1, 2, 3, 4, 5, 6]))
    halves = groups.halves(seed=0)
    np.testing.assert_array_equal(halves.codes, [0, 1, 2, 6, 7])  # the group of one unit has one half
    np.testing.assert_array_equal(halves.sizes, [2, 1, 1, 2, 1])
    for code in groups.codes:
        parts = [halves[half] for half in (2 * code, 2 * code + 1) if half in halves.codes]
        np.testing.assert_array_equal(np.sort(np.concatenate(parts)), groups[code])
