import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import sliced_wasserstein, wasserstein

seeds, sizes = st.integers(0, 2**32 - 1), st.integers(1, 15)


@pytest.mark.parametrize(("n", "m"), [(20, 20), (20, 13)])
@pytest.mark.parametrize("p", [1, 2])
def test_agrees_with_pot_on_the_same_lines(n, m, p):
    ot = pytest.importorskip("ot")
    rng = np.random.default_rng(n + m)
    x, y = rng.normal(size=(n, 3)), rng.normal(1, 2, size=(m, 3))
    lines = np.random.default_rng(5).normal(size=(3, 30))
    lines /= np.linalg.norm(lines, axis=0)
    expected = ot.sliced_wasserstein_distance(x, y, projections=lines, p=p)
    assert sliced_wasserstein(x, y, p=p, n_projections=30, seed=5) == pytest.approx(expected)


@given(seeds, sizes, sizes)
def test_in_one_dimension_every_line_is_exact(seed, n, m):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 1)), rng.normal(size=(m, 1))
    expected = scipy.stats.wasserstein_distance(x.ravel(), y.ravel())
    assert sliced_wasserstein(x, y, p=1, n_projections=3) == pytest.approx(expected)


@given(seeds)
def test_never_above_the_distance_itself_and_copies_change_nothing(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(9, 4)), rng.normal(1, 2, size=(9, 4))
    value = sliced_wasserstein(x, y)
    assert value <= wasserstein(x, y)
    assert sliced_wasserstein(np.concatenate([x, x, x]), y) == pytest.approx(value)
    assert sliced_wasserstein(y, x) == pytest.approx(value)


def test_a_shift_is_divided_by_the_root_of_the_dimension():
    x = np.random.default_rng(0).normal(size=(50, 16))
    shift = np.eye(16)[0] * 4
    assert sliced_wasserstein(x, x + shift, n_projections=20_000) == pytest.approx(1, rel=0.02)


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="p=0"):
        sliced_wasserstein([[0.0]], [[1.0]], p=0)
    with pytest.raises(ValueError, match="n_projections=0"):
        sliced_wasserstein([[0.0]], [[1.0]], n_projections=0)
