import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import rows_of_sets


@given(st.lists(st.integers(0, 9), max_size=30))
def test_every_row_comes_once_under_its_set_in_order(values):
    set_of_unit = torch.tensor(values, dtype=torch.long)
    sets, rows = rows_of_sets(set_of_unit)
    assert sets.tolist() == sorted(set(values))
    for s, own in zip(sets, rows, strict=True):
        assert own.tolist() == [row for row, value in enumerate(values) if value == s]
