import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist

from gde.metrics import _row_blocks, mmd

seeds, sizes = st.integers(0, 2**32 - 1), st.integers(2, 20)


def _samples(seed, n, m, d=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(1, 2, size=(m, d))


@given(seeds, sizes, sizes)
def test_is_its_definition(seed, n, m):
    x, y = _samples(seed, n, m)
    sigma = np.median(pdist(np.concatenate([x, y])))
    k = lambda a, b: np.exp(-(cdist(a, b) ** 2) / (2 * sigma**2))
    within = [(k(z, z).sum() - len(z)) / (len(z) * (len(z) - 1)) for z in (x, y)]
    assert mmd(x, y) == pytest.approx(sum(within) - 2 * k(x, y).mean())
    assert mmd(x, y) == pytest.approx(mmd(x, y, bandwidth=sigma))


def test_closed_form_of_two_shifted_normals():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4000, 1)), rng.normal(2, 1, size=(4000, 1))
    # With bandwidth 1, E k of a difference N(s, 2) is exp(-s² / 6) / sqrt(3).
    assert mmd(x, y, bandwidth=1.0) == pytest.approx(2 / np.sqrt(3) * (1 - np.exp(-4 / 6)), rel=0.05)


def test_mean_is_zero_on_one_distribution():
    rng = np.random.default_rng(0)
    values = [mmd(rng.normal(size=(8, 2)), rng.normal(size=(12, 2)), bandwidth=1.0) for _ in range(600)]
    standard_error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 4 * standard_error < 0.05


@pytest.mark.parametrize("entries", [1, 50])
def test_cutting_into_blocks_changes_nothing(monkeypatch, entries):
    x, y = _samples(3, 41, 57)
    whole = mmd(x, y)
    monkeypatch.setattr(_row_blocks, "_MAX_ENTRIES", entries)
    assert mmd(x, y) == pytest.approx(whole, rel=1e-9)


def test_a_bandwidth_of_zero_is_refused():
    with pytest.raises(ValueError, match="bandwidth is 0"):
        mmd(np.ones((3, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="bandwidth is -1"):
        mmd(*_samples(0, 3, 3), bandwidth=-1)
