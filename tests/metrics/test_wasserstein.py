import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from gde.metrics import wasserstein

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("n", "m"), [(20, 20), (20, 13), (4, 31)])
@pytest.mark.parametrize("p", [1, 2])
def test_agrees_with_pot(n, m, p):
    ot = pytest.importorskip("ot")
    rng = np.random.default_rng(n + m)
    x, y = rng.normal(size=(n, 3)), rng.normal(1, 2, size=(m, 3))
    assert wasserstein(x, y, p=p) == pytest.approx(ot.emd2([], [], cdist(x, y) ** p) ** (1 / p))


@given(seeds, st.integers(1, 12), st.integers(1, 12))
@settings(max_examples=20)
def test_agrees_with_scipy_in_one_dimension(seed, n, m):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 1)), rng.normal(size=(m, 1))
    assert wasserstein(x, y, p=1) == pytest.approx(scipy.stats.wasserstein_distance(x.ravel(), y.ravel()))


@given(seeds, st.floats(-10, 10))
@settings(max_examples=20)
def test_a_shift_costs_its_length_and_a_copy_nothing(seed, shift):
    x = np.random.default_rng(seed).normal(size=(8, 4))
    for p in (1, 2):
        assert wasserstein(x, x[::-1] + shift, p=p) == pytest.approx(2 * abs(shift), abs=1e-9)
        assert wasserstein(x, np.concatenate([x, x]), p=p) == pytest.approx(0, abs=1e-4)


def test_other_orders_are_refused():
    with pytest.raises(ValueError, match="p=3: expected 1 or 2"):
        wasserstein([[0.0]], [[1.0]], p=3)
