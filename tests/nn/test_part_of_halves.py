import numpy as np
import torch

from gde.nn import SetBatch, part_of_halves

SIZES = np.array([9, 1, 4, 0])


def test_a_share_of_each_half_rounded_up_comes_from_its_beginning():
    units, sizes = part_of_halves(SIZES, 0.5)
    assert sizes.tolist() == [5, 1, 2, 0]
    set_of_unit = torch.arange(4).repeat_interleave(torch.from_numpy(SIZES))
    halves, _ = SetBatch(torch.zeros(14, 0), set_of_unit, torch.ones(14), 4).halves()
    half_of_unit = halves.set_of_unit.numpy()
    assert np.bincount(half_of_unit[units], minlength=8).tolist() == [3, 2, 1, 0, 1, 1, 0, 0]
    first = [units[half_of_unit[units] == half].min() for half in (0, 1, 2, 4, 5)]
    assert first == [0, 5, 9, 10, 12]


def test_the_whole_share_is_all_units():
    units, sizes = part_of_halves(SIZES, 1.0)
    np.testing.assert_array_equal(units, np.arange(14))
    np.testing.assert_array_equal(sizes, SIZES)
