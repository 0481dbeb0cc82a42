import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gde.metrics import _row_blocks, prdc


def _by_hand(real, generated, k):
    """From the papers' sets of balls, one unit after the other."""
    distance = lambda a, b: float(np.linalg.norm(a - b))
    radius = lambda sample, i: sorted(distance(sample[i], other) for j, other in enumerate(sample) if j != i)[k - 1]
    real_balls = [(x, radius(real, i)) for i, x in enumerate(real)]
    generated_balls = [(y, radius(generated, i)) for i, y in enumerate(generated)]
    inside = [sum(distance(x, y) <= r for x, r in real_balls) for y in generated]
    return {
        "precision": np.mean([count > 0 for count in inside]),
        "recall": np.mean([any(distance(x, y) <= r for y, r in generated_balls) for x in real]),
        "density": np.sum(inside) / (k * len(generated)),
        "coverage": np.mean([any(distance(x, y) <= r for y in generated) for x, r in real_balls]),
    }


@given(st.integers(0, 2**32 - 1), st.integers(5, 12), st.integers(5, 12), st.integers(1, 4))
def test_is_its_definition(seed, n, m, k):
    rng = np.random.default_rng(seed)
    real, generated = rng.normal(size=(n, 2)), rng.normal(0.5, 1.5, size=(m, 2))
    assert prdc(real, generated, n_neighbors=k) == pytest.approx(_by_hand(real, generated, k))


def test_each_score_sees_its_own_failure():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(500, 2)) + 20 * (np.arange(500) % 2)[:, None]
    alike, one_mode = real + rng.normal(size=real.shape) * 0.3, real[::2][rng.integers(0, 250, 500)] + 1e-3
    outside = np.concatenate([real[:250], rng.normal(100, 1, size=(250, 2))])
    assert min(prdc(real, alike).values()) > 0.85
    dropped = prdc(real, one_mode)
    assert dropped["precision"] > 0.95 and dropped["recall"] <= 0.5 and dropped["coverage"] <= 0.5
    invented = prdc(real, outside)
    assert invented["precision"] == pytest.approx(0.5, abs=0.02) and invented["coverage"] > 0.9


def test_coverage_of_one_distribution_is_what_the_docstring_says():
    rng = np.random.default_rng(1)
    values = [prdc(*rng.normal(size=(2, 400, 3)), n_neighbors=2)["coverage"] for _ in range(10)]
    assert np.mean(values) == pytest.approx(1 - 2**-2, abs=0.02)


def test_cutting_into_blocks_changes_nothing(monkeypatch):
    x, y = np.random.default_rng(2).normal(size=(2, 40, 3))
    whole = prdc(x, y)
    monkeypatch.setattr(_row_blocks, "_MAX_ENTRIES", 90)
    assert prdc(x, y) == whole


def test_too_few_units_for_their_neighbours():
    with pytest.raises(ValueError, match=r"real has 5 row\(s\): at least 6"):
        prdc(np.zeros((5, 1)), np.zeros((9, 1)))
    with pytest.raises(ValueError, match="n_neighbors=0"):
        prdc(np.zeros((5, 1)), np.zeros((9, 1)), n_neighbors=0)
