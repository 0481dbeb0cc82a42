from itertools import combinations

import numpy as np
import pytest
from scipy.stats import f_oneway, ttest_ind

from gde.stats import two_class_test


def test_one_dimension_is_welchs_t_squared():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 1)), rng.normal(1, 2, size=(5, 1))
    assert two_class_test(a, b).statistic == pytest.approx(ttest_ind(a[:, 0], b[:, 0], equal_var=False).statistic ** 2)


def test_equal_sizes_in_one_dimension_are_the_analysis_of_variance():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(6, 1)), rng.normal(size=(6, 1))
    assert two_class_test(a, b).statistic == pytest.approx(f_oneway(a[:, 0], b[:, 0]).statistic)


def test_few_groups_are_enumerated():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(7, 3))

    def statistic(rows):
        a, b = z[list(rows)], np.delete(z, list(rows), axis=0)
        noise = sum(((x - x.mean(0)) ** 2).sum() / (len(x) - 1) / len(x) for x in (a, b))
        return ((a.mean(0) - b.mean(0)) ** 2).sum() / noise

    every = [statistic(rows) for rows in combinations(range(7), 3)]
    found = two_class_test(z[:3], z[3:])
    assert (found.method, found.n_permutations) == ("exact_permutation", 34)
    assert found.p_value == pytest.approx(np.mean(np.array(every) >= every[0] * (1 - 1e-9)))


def test_the_p_value_is_never_zero_and_the_seed_decides():
    a, b = np.zeros((12, 2)) + np.arange(12)[:, None] / 100, np.ones((12, 2)) * 9 + np.arange(12)[:, None] / 100
    found = two_class_test(a, b, n_permutations=99)
    assert (found.method, found.p_value) == ("permutation", pytest.approx(1 / 100))
    rng = np.random.default_rng(3)
    close = rng.normal(size=(12, 2)), rng.normal(size=(12, 2))
    assert two_class_test(*close, seed=1, n_permutations=99) == two_class_test(*close, seed=1, n_permutations=99)


@pytest.mark.parametrize("sizes", [(5, 5), (5, 9)])
def test_level_and_distance_under_the_null(sizes):
    rng = np.random.default_rng(4)
    tests = [
        two_class_test(rng.normal(size=(sizes[0], 4)), rng.normal(size=(sizes[1], 4)), n_permutations=199)
        for _ in range(400)
    ]
    rejected = np.mean([test.p_value <= 0.05 for test in tests])
    assert rejected == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 400))
    distances = [test.squared_distance for test in tests]
    assert abs(np.mean(distances)) < 3 * np.std(distances) / np.sqrt(400) and min(distances) < 0


def test_a_smaller_class_that_spreads_more_does_not_cause_rejections():
    rng = np.random.default_rng(5)
    p_values = [
        two_class_test(rng.normal(0, 3, size=(6, 4)), rng.normal(size=(24, 4)), n_permutations=199).p_value
        for _ in range(300)
    ]
    # With PERMANOVA's pseudo-F it is nearly half of them.
    assert np.mean(np.array(p_values) <= 0.05) < 0.11


def test_distance_of_classes_that_differ():
    rng = np.random.default_rng(6)
    shift = np.array([1.0, 2.0])
    values = [
        two_class_test(rng.normal(size=(5, 2)), rng.normal(size=(4, 2)) + shift, n_permutations=1).squared_distance
        for _ in range(500)
    ]
    assert np.mean(values) == pytest.approx(5, abs=3 * np.std(values) / np.sqrt(500))


@pytest.mark.parametrize(("n", "p_value"), [(2, 2 / 6), (3, 2 / 20)])
def test_classes_without_spread_are_one_division_among_all(n, p_value):
    found = two_class_test(np.zeros((n, 2)), np.ones((n, 2)))
    assert (found.statistic, found.p_value) == (np.inf, pytest.approx(p_value))
    assert two_class_test(np.zeros((n, 2)), np.full((n, 2), 0.5)).statistic == np.inf
    same = two_class_test(np.ones((n, 2)), np.ones((n, 2)))
    assert (same.statistic, same.p_value, same.squared_distance) == (0, 1, 0)


def test_a_class_of_one_group_has_no_spread():
    found = two_class_test(np.zeros((1, 2)), np.ones((5, 2)))
    assert found.method == "too_few_groups" and np.isnan(found.p_value)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros(3), np.zeros((3, 1)), "groups × p"),
        (np.zeros((3, 2)), np.zeros((3, 1)), "groups × p"),
        (np.full((3, 2), np.nan), np.zeros((3, 2)), "NaN or infinite"),
    ],
)
def test_bad_input_names_the_cure(a, b, message):
    with pytest.raises(ValueError, match=message):
        two_class_test(a, b)
