import numpy as np
import pytest
import scipy.sparse as sp
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from gde.metrics import _row_blocks, energy_distance

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 30)


def _samples(seed, n, m, d=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(1, 2, size=(m, d))


@given(seeds, sizes, sizes)
def test_is_its_definition(seed, n, m):
    x, y = _samples(seed, n, m)
    within = [cdist(z, z).sum() / (len(z) * (len(z) - 1)) for z in (x, y)]
    assert energy_distance(x, y) == pytest.approx(2 * cdist(x, y).mean() - sum(within))


@given(seeds, sizes, sizes)
def test_agrees_with_scipy_in_one_dimension_up_to_the_bias(seed, n, m):
    x, y = _samples(seed, n, m, d=1)
    # scipy gives the square root of the biased form, whose means include the n zeros of the diagonal.
    biased = scipy.stats.energy_distance(x.ravel(), y.ravel()) ** 2
    bias = sum(cdist(z, z).sum() * (1 / (len(z) * (len(z) - 1)) - 1 / len(z) ** 2) for z in (x, y))
    assert energy_distance(x, y) == pytest.approx(biased - bias, abs=1e-9)


@given(seeds, st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_symmetric_invariant_to_motion_and_proportional_to_scale(seed, shift, scale):
    x, y = _samples(seed, 9, 14)
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    value = energy_distance(x, y)
    assert energy_distance(y, x) == pytest.approx(value)
    assert energy_distance(x @ rotation + shift, y @ rotation + shift) == pytest.approx(value, abs=1e-9)
    assert energy_distance(scale * x, scale * y) == pytest.approx(abs(scale) * value, abs=1e-9)
    assert energy_distance(x[::-1], y) == pytest.approx(value)


def test_mean_is_zero_on_one_distribution():
    rng = np.random.default_rng(0)
    values = [energy_distance(rng.normal(size=(8, 2)), rng.normal(size=(12, 2))) for _ in range(600)]
    standard_error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 4 * standard_error
    assert min(values) < 0
    # The biased form would be off by mean distance times (1/8 + 1/12), some 0.37.
    assert standard_error < 0.02


def test_closed_form_of_two_shifted_normals():
    rng = np.random.default_rng(1)
    shift = 1.5
    x, y = rng.normal(size=(4000, 1)), rng.normal(shift, 1, size=(4000, 1))
    # X - Y is N(shift, 2), X - X' is N(0, 2).
    folded = 2 / np.sqrt(np.pi) * np.exp(-(shift**2) / 4) + shift * scipy.special.erf(shift / 2)
    assert energy_distance(x, y) == pytest.approx(2 * folded - 4 / np.sqrt(np.pi), rel=0.1)


@pytest.mark.parametrize("entries", [1, 50, 333])
def test_cutting_into_blocks_changes_nothing(monkeypatch, entries):
    x, y = _samples(3, 41, 57)
    whole = energy_distance(x, y)
    monkeypatch.setattr(_row_blocks, "_MAX_ENTRIES", entries)
    assert energy_distance(x, y) == pytest.approx(whole, rel=1e-12)


def test_no_block_exceeds_32_mb():
    n_rows = [block.stop - block.start for block in _row_blocks.row_blocks(20_000, 20_000)]
    assert sum(n_rows) == 20_000 and max(n_rows) * 20_000 * 8 <= 2**25


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (np.zeros(3), np.zeros((3, 1)), ValueError, r"x has 1 dimension.*x\.reshape\(-1, 1\)"),
        (np.zeros((3, 2)), np.zeros((3, 1)), ValueError, "x has 2 columns and y has 1"),
        (np.zeros((3, 2)), np.zeros((1, 2)), ValueError, r"y has 1 row\(s\): at least 2"),
        (np.zeros((2, 1)), np.array([[0.0], [np.nan], [np.inf]]), ValueError, "y has NaN or infinite values in 2 of 3"),
        (sp.csr_matrix((3, 2)), np.zeros((3, 2)), TypeError, r"x is sparse.*x\.toarray\(\)"),
    ],
)
def test_bad_input_names_the_cure(x, y, error, message):
    with pytest.raises(error, match=message):
        energy_distance(x, y)
