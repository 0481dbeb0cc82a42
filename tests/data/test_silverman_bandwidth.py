import numpy as np
import pytest

from gde.data import silverman_bandwidth


def test_of_normal_values_is_the_rule_with_their_standard_deviation():
    values = np.random.default_rng(0).normal(50, 10, 100_000)
    assert silverman_bandwidth(values) == pytest.approx(0.9 * 10 * 100_000**-0.2, rel=0.02)


def test_follows_the_scale_and_outliers_do_not_widen_it():
    values = np.random.default_rng(0).normal(size=500)
    assert silverman_bandwidth(7 * values + 3) == pytest.approx(7 * silverman_bandwidth(values))
    assert silverman_bandwidth(np.r_[values, 1e4]) < 1.1 * silverman_bandwidth(values)


def test_is_positive_where_most_values_coincide():
    assert silverman_bandwidth(np.r_[np.zeros(20), 1.0]) > 0
    assert silverman_bandwidth(np.array([1.0, 2.0])) > 0
