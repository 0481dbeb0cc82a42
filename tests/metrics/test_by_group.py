import numpy as np
import pytest

from gde.metrics import by_group, energy_distance


def test_each_group_meets_itself():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(40, 2))
    of_x, of_y = rng.choice(["p", "q", "r"], 30), rng.choice(["q", "p", "s"], 40)
    values = by_group(energy_distance, x, of_x, y, of_y)
    assert values.index.tolist() == ["p", "q"] and values.name == "energy_distance"
    for name in values.index:
        assert values[name] == energy_distance(x[of_x == name], y[of_y == name])


def test_small_groups_are_left_out():
    x, groups = np.arange(5.0)[:, None], np.array(["a", "a", "a", "b", "b"])
    gap = lambda a, b: float(b.mean() - a.mean())
    assert by_group(gap, x, groups, x + 1, groups).to_dict() == {"a": 1.0, "b": 1.0}
    assert by_group(gap, x, groups, x + 1, groups, min_units=3).to_dict() == {"a": 1.0}
    with pytest.raises(ValueError, match="No group has 4 units"):
        by_group(gap, x, groups, x, groups, min_units=4)
    with pytest.raises(ValueError, match="No group"):
        by_group(gap, x, groups, x, np.char.add(groups, "'"))


def test_one_label_for_each_unit():
    with pytest.raises(ValueError, match=r"groups_of_y has shape \(3,\).*2 units"):
        by_group(energy_distance, np.zeros((2, 1)), ["a", "b"], np.zeros((2, 1)), ["a", "b", "c"])
