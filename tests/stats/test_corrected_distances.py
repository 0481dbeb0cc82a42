import numpy as np
import pytest

from gde.stats import corrected_distances


def _covariance(rng, p=3):
    root = rng.normal(size=(p, p)) / 3
    return root @ root.T


def test_is_the_formula():
    rng = np.random.default_rng(0)
    z, sigma = 3 * rng.normal(size=(3, 3)), np.stack([_covariance(rng) for _ in range(3)])
    squared, error = corrected_distances(z, sigma)
    for a in range(3):
        for b in range(3):
            if a == b:
                assert squared[a, b] == error[a, b] == 0
                continue
            d, both = z[a] - z[b], sigma[a] + sigma[b]
            assert squared[a, b] == pytest.approx(d @ d - np.trace(both))
            variance = 4 * (d @ both @ d - np.trace(both @ both)) + 2 * np.trace(both @ both)
            assert error[a, b] == pytest.approx(np.sqrt(variance))


@pytest.mark.parametrize("shift", [0.0, 1.0, 5.0])
def test_is_unbiased_and_says_how_much_it_varies(shift):
    rng = np.random.default_rng(1)
    n, sigma = 4000, np.stack([_covariance(rng), _covariance(rng)])
    draws = np.stack(
        [rng.multivariate_normal(mean, c, size=n) for mean, c in zip([[0] * 3, [shift] * 3], sigma, strict=True)], 1
    )
    found = [corrected_distances(z, sigma) for z in draws]
    squared, error = (np.array([matrix[0, 1] for matrix in part]) for part in zip(*found, strict=True))
    assert squared.mean() == pytest.approx(3 * shift**2, abs=4 * squared.std() / np.sqrt(n))
    # δ'Σδ is cut off at zero, so without a difference the standard error is somewhat too large.
    assert 0.95 < np.sqrt(np.mean(error**2)) / squared.std() < (1.4 if shift == 0 else 1.1)


def test_a_group_without_a_covariance_has_no_distance():
    squared, error = corrected_distances(np.zeros((3, 1)), np.array([1.0, np.nan, 1.0]).reshape(3, 1, 1))
    expected = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool)
    np.testing.assert_array_equal(np.isnan(squared), expected)
    np.testing.assert_array_equal(np.isnan(error), expected)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        corrected_distances(np.zeros((3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="do not fit"):
        corrected_distances(np.zeros((2, 2, 2)), np.zeros((2, 2, 2, 2)))
