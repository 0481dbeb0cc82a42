import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import SetBatch

sizes = st.lists(st.integers(1, 7), min_size=1, max_size=6)


def _batch(sizes):
    set_of_unit = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    units = torch.arange(len(set_of_unit), dtype=torch.float32)[:, None]
    return SetBatch(units, set_of_unit, torch.ones(len(units)), len(sizes))


@given(sizes)
def test_halves_split_each_set_and_differ_by_at_most_a_unit(sizes):
    batch = _batch(sizes)
    halves, _ = batch.halves()
    assert halves.n_sets == 2 * batch.n_sets
    assert halves.units is batch.units and halves.weight is batch.weight
    torch.testing.assert_close(halves.set_of_unit // 2, batch.set_of_unit)
    assert (halves.set_of_unit.diff() >= 0).all(), "units stay contiguous by half"
    n = torch.bincount(halves.set_of_unit, minlength=halves.n_sets).reshape(-1, 2)
    assert n.sum(1).tolist() == sizes
    assert set((n[:, 0] - n[:, 1]).tolist()) <= {0, 1}


@given(sizes)
def test_partner_is_the_other_half_and_itself_for_a_set_of_one_unit(sizes):
    halves, partner = _batch(sizes).halves()
    for half in halves.set_of_unit.unique().tolist():
        expected = half if sizes[half // 2] == 1 else half ^ 1
        assert partner[half] == expected


@given(sizes)
def test_partner_of_a_half_with_units_has_units(sizes):
    halves, partner = _batch(sizes).halves()
    counts = np.bincount(halves.set_of_unit, minlength=halves.n_sets)
    assert (counts[partner[counts > 0]] > 0).all()


@given(sizes)
def test_partners_when_scored_on_the_same_units_or_on_both_in_turn(sizes):
    other, same, both = (_batch(sizes).halves(scoring)[1] for scoring in ("other_half", "same_units", "both"))
    assert same.tolist() == list(range(2 * len(sizes)))
    is_even = torch.arange(2 * len(sizes)) // 2 % 2 == 0
    torch.testing.assert_close(both, torch.where(is_even, other, same))


def test_a_set_without_units_is_harmless():
    batch = SetBatch(torch.zeros(2, 1), torch.tensor([1, 1]), torch.ones(2), n_sets=3)
    halves, partner = batch.halves()
    assert halves.set_of_unit.tolist() == [2, 3]
    assert partner.tolist() == [0, 1, 3, 2, 4, 5]


def test_n_units():
    assert _batch([3, 1]).n_units == 4
