import numpy as np

from gde.data import SetIndex


def test_sizes_count_units_also_of_an_empty_set():
    index = SetIndex(np.array([4, 4, 2]), np.array([0, 0, 2]), np.array([0.5, 0.5, 1]), np.array([1, 2, 3]), (1, 2, 3))
    assert index.sizes.tolist() == [2, 0, 1]
