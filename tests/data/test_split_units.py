import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.data import split_units

codes = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array)
shares = st.floats(0, 0.99)
kinds = st.sampled_from(["cells", "groups"])


@given(codes, kinds, shares, st.integers(0, 10))
def test_every_row_is_on_one_side_and_the_seed_decides(codes, kind, share, seed):
    train, held_out = split_units(codes, kind, share, seed)
    assert sorted([*train, *held_out]) == list(range(len(codes)))
    for side, again in zip((train, held_out), split_units(codes, kind, share, seed), strict=True):
        assert (np.diff(side) > 0).all()
        np.testing.assert_array_equal(side, again)


@given(codes, shares)
def test_cells_hold_out_a_share_of_each_group_rounded_down(codes, share):
    _, held_out = split_units(codes, "cells", share, 0)
    for code, size in zip(*np.unique(codes, return_counts=True), strict=True):
        assert (codes[held_out] == code).sum() == int(share * size)


@given(codes, shares)
def test_groups_are_held_out_whole_and_at_least_one(codes, share):
    train, held_out = split_units(codes, "groups", share, 0)
    assert not set(codes[train]) & set(codes[held_out])
    n_groups = len(set(codes.tolist()))
    assert len(set(codes[held_out])) == (max(1, int(share * n_groups)) if share > 0 else 0)


def test_seeds_differ():
    codes = np.repeat([0, 1], 50)
    assert split_units(codes, "cells", 0.5, 0)[1].tolist() != split_units(codes, "cells", 0.5, 1)[1].tolist()


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, np.nan])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="validation_size"):
        split_units(np.zeros(3, dtype=int), "cells", share, 0)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'cells' or 'groups', got 'donors'"):
        split_units(np.zeros(3, dtype=int), "donors", 0.1, 0)
