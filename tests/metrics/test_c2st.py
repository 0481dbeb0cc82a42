import numpy as np
import pytest

from gde.metrics import c2st


def test_one_distribution_is_half():
    rng = np.random.default_rng(0)
    assert c2st(rng.normal(size=(300, 3)), rng.normal(size=(300, 3))) == pytest.approx(0.5, abs=0.08)


def test_far_samples_separate_and_near_ones_lie_between():
    rng = np.random.default_rng(1)
    x, near, far = rng.normal(size=(150, 2)), rng.normal(0.8, 1, size=(150, 2)), rng.normal(9, 1, size=(150, 2))
    assert c2st(x, far) == 1
    assert 0.6 < c2st(x, near) < 0.95


def test_sees_what_means_and_covariances_do_not():
    rng = np.random.default_rng(2)
    angle = rng.uniform(0, 2 * np.pi, 300)
    ring = np.sqrt(2) * np.column_stack([np.cos(angle), np.sin(angle)])  # mean 0, covariance 1
    assert c2st(rng.normal(size=(300, 2)), ring) > 0.9


def test_labels_that_were_memorised_do_not_count():
    # In 50 dimensions a forest fits its own 60 units perfectly; units that it did not see are at chance.
    rng = np.random.default_rng(3)
    assert c2st(rng.normal(size=(30, 50)), rng.normal(size=(30, 50))) == pytest.approx(0.5, abs=0.25)


def test_rare_generated_units_do_not_move_chance():
    rng = np.random.default_rng(4)
    assert c2st(rng.normal(size=(600, 2)), rng.normal(size=(90, 2))) == pytest.approx(0.5, abs=0.12)


def test_seed_repeats_and_matters():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(40, 2)), rng.normal(0.5, 1, size=(40, 2))
    first, again, other = (c2st(x, y, n_splits=2, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_too_few_units_or_folds_are_refused():
    with pytest.raises(ValueError, match="at least 4 are needed"):
        c2st(np.zeros((3, 1)), np.zeros((9, 1)), n_splits=4)
    with pytest.raises(ValueError, match="at least 2 folds"):
        c2st(np.zeros((9, 1)), np.zeros((9, 1)), n_splits=1)
