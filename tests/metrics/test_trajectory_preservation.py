import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import cdist

from gde.metrics import diffusion_pseudotime, trajectory_preservation


@pytest.fixture
def noisy():
    rng = np.random.default_rng(0)
    severity = rng.uniform(size=50)
    return np.column_stack([severity, severity**2]) * 3 + rng.normal(0, 0.3, (50, 2)), severity


def test_is_the_correlation_with_pseudotime(noisy):
    x, severity = noisy
    time = diffusion_pseudotime(x, severity.argmin())
    score = trajectory_preservation(x, severity)
    assert score.value == pytest.approx(abs(scipy.stats.spearmanr(severity, time)[0]))
    assert score.low < score.value < score.high and score.value > 0.7
    assert trajectory_preservation(cdist(x, x), severity, metric="precomputed") == pytest.approx(score)


def test_shuffled_groups_keep_no_order(noisy):
    x, severity = noisy
    shuffled = [
        trajectory_preservation(np.random.default_rng(seed).permutation(x), severity, n_bootstrap=0).value
        for seed in range(20)
    ]
    assert np.mean(shuffled) == pytest.approx(0.8 / np.sqrt(50), abs=0.05)


def test_the_root_can_be_chosen_and_missing_numbers_take_part_in_the_walk(noisy):
    x, severity = noisy
    latest = int(severity.argmax())
    assert trajectory_preservation(x, severity, root=latest, n_bootstrap=0).value > 0.7
    severity = severity.copy()
    severity[::5] = np.nan
    known = np.isfinite(severity)
    time = diffusion_pseudotime(x, int(np.nanargmin(severity)))
    expected = abs(scipy.stats.spearmanr(severity[known], time[known])[0])
    assert trajectory_preservation(x, severity, n_bootstrap=0).value == pytest.approx(expected)


def test_an_order_is_of_numbers(noisy):
    with pytest.raises(ValueError, match="order must be numbers"):
        trajectory_preservation(noisy[0], ["mild", "severe"] * 25)
