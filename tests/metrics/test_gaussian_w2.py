import numpy as np

from gde.metrics import bures_squared, gaussian_w2


def test_in_one_dimension_is_the_distance_of_mean_and_standard_deviation():
    distance = gaussian_w2([1.0], [[4.0]], [4.0], [[36.0]])
    np.testing.assert_allclose(distance, np.hypot(3, 4))


def test_many_pairs_at_once():
    rng = np.random.default_rng(0)
    means, roots = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 3))
    covariances = roots @ roots.transpose(0, 2, 1)
    table = gaussian_w2(means[:, None], covariances[:, None], means[None], covariances[None])
    expected = np.sqrt(((means[0] - means[2]) ** 2).sum() + bures_squared(covariances[0], covariances[2]))
    np.testing.assert_allclose(table[0, 2], expected)


def test_a_shift_moves_both_alike():
    covariances = np.array([np.eye(2), np.diag([4.0, 1.0])])
    near = gaussian_w2([0, 0], covariances[0], [1, 1], covariances[1])
    far = gaussian_w2([100, 100], covariances[0], [101, 101], covariances[1])
    np.testing.assert_allclose(near, far)
