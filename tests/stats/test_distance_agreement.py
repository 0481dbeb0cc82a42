import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from scipy.stats import t as t_distribution

from gde.stats import distance_agreement


def _distances(n, rng, noise):
    x = rng.normal(size=(n, 3))
    y = x + noise * rng.normal(size=(n, 3))
    return cdist(x, x), cdist(y, y)


def test_the_correlation_is_spearman_s_over_pairs():
    a, b = _distances(12, np.random.default_rng(0), 0.5)
    pairs = np.triu_indices(12, 1)
    agreement = distance_agreement(a, b)
    assert agreement.correlation == pytest.approx(spearmanr(a[pairs], b[pairs])[0])
    assert agreement.low < agreement.correlation < agreement.high
    assert agreement.n_groups == 12


@pytest.mark.parametrize("noise", [0.3, 1.5])
def test_the_interval_covers_and_one_of_independent_pairs_would_not(noise):
    rng = np.random.default_rng(1)
    a, b = _distances(1500, np.random.default_rng(9), noise)
    pairs = np.triu_indices(1500, 1)
    true = spearmanr(a[pairs], b[pairs])[0]
    n, covers, naive = 20, [], []
    for _ in range(200):
        agreement = distance_agreement(*_distances(n, rng, noise))
        covers.append(agreement.low <= true <= agreement.high)
        margin = 1.96 * 1.03 / np.sqrt(n * (n - 1) / 2 - 3)
        naive.append(abs(np.arctanh(agreement.correlation) - np.arctanh(true)) < margin)
    assert 0.92 <= np.mean(covers) <= 0.995
    assert np.mean(naive) < 0.9


def test_the_diagonal_does_not_count():
    a, b = _distances(8, np.random.default_rng(2), 0.5)
    other = a.copy()
    np.fill_diagonal(other, np.nan)
    assert distance_agreement(other, b) == distance_agreement(a, b)


def test_perfect_order_and_none():
    a, _ = _distances(6, np.random.default_rng(3), 0)
    perfect = distance_agreement(a, a**3)
    assert perfect.correlation == 1.0 and (perfect.low, perfect.high) == pytest.approx((1, 1))
    for same, other in [(np.ones((6, 6)), a), (a, np.ones((6, 6)))]:
        assert distance_agreement(same, other).correlation == 0.0


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.ones((4, 4)), np.ones((4, 4)), "4 groups are too few"),
        (np.ones((6, 5)), np.ones((6, 5)), "of the same groups"),
        (np.full((6, 6), np.inf), np.ones((6, 6)), "infinite"),
    ],
)
def test_what_cannot_be_compared_is_refused(a, b, words):
    with pytest.raises(ValueError, match=words):
        distance_agreement(a, b)


def test_intervals_of_two_levels_are_of_one_t_distribution():
    points = np.random.default_rng(0).normal(size=(7, 2))
    a = np.linalg.norm(points[:, None] - points, axis=2)
    b = a * np.random.default_rng(1).uniform(0.5, 1.5, a.shape)
    wide, narrow = (distance_agreement(a, b + b.T, level=level) for level in (0.95, 0.8))
    width = [np.arctanh(found.high) - np.arctanh(found.low) for found in (wide, narrow)]
    assert width[0] / width[1] == pytest.approx(t_distribution.ppf(0.975, 6) / t_distribution.ppf(0.9, 6))


def test_the_interval_is_the_jackknife_over_groups():
    a, b = _distances(6, np.random.default_rng(4), 0.5)
    pairs = np.triu_indices(5, 1)
    without = [
        np.arctanh(spearmanr(*(np.delete(np.delete(d, g, 0), g, 1)[pairs] for d in (a, b)))[0]) for g in range(6)
    ]
    half = t_distribution.ppf(0.975, 5) * np.sqrt(5 / 6 * np.square(without - np.mean(without)).sum())
    found = distance_agreement(a, b)
    assert np.arctanh([found.low, found.high]) == pytest.approx(np.arctanh(found.correlation) + np.array([-half, half]))


def test_five_groups_are_enough():
    found = distance_agreement(*_distances(5, np.random.default_rng(0), 1.0))
    assert found.n_groups == 5 and -1 <= found.low <= found.correlation <= found.high <= 1
