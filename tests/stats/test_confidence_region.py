import numpy as np
import pytest
from scipy.stats import t as t_distribution

from gde.stats import confidence_region


def _estimates(rng, n_repeats, m, covariance):
    """Means and their covariances, of normal units about zero."""
    x = rng.multivariate_normal(np.zeros(len(covariance)), covariance, size=(n_repeats, m))
    rest = x - x.mean(1, keepdims=True)
    return x.mean(1), np.swapaxes(rest, 1, 2) @ rest / (m * (m - 1))


@pytest.mark.parametrize(("p", "m"), [(2, 8), (8, 12), (8, 50), (32, 50)])
def test_joint_regions_cover_at_their_level(p, m):
    rng = np.random.default_rng(p + m)
    root = np.tril(rng.normal(size=(p, p)), -1) / p + np.eye(p)
    z, sigma = _estimates(rng, 1500, m, root @ root.T)
    for level in (0.8, 0.95):
        regions = [confidence_region(*pair, m, level) for pair in zip(z, sigma, strict=True)]
        assert {region.method for region in regions} == {"hotelling"}
        covered = np.mean([region.contains(np.zeros(p)) for region in regions])
        assert covered == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / 1500))


def test_too_few_units_for_a_joint_region_leave_intervals_of_coordinates():
    rng = np.random.default_rng(0)
    z, sigma = _estimates(rng, 2000, 6, np.diag([1.0, 4.0, 9.0, 1.0, 1.0]))
    regions = [confidence_region(*pair, 6) for pair in zip(z, sigma, strict=True)]
    assert {region.method for region in regions} == {"marginal_t"} and regions[0].axes.shape == (5, 0)
    covered = np.mean([region.contains(np.zeros(5)) for region in regions], axis=0)
    np.testing.assert_allclose(covered, 0.95, atol=4 * np.sqrt(0.95 * 0.05 / 2000))


def test_one_coordinate_is_students_interval():
    region = confidence_region([2.0], [[0.25]], 10)
    expected = 0.5 * t_distribution.ppf(0.975, 9)
    assert region.half_width == pytest.approx(expected)
    assert np.abs(region.axes) == pytest.approx(np.array([[expected]])), (
        "the ellipsoid of one dimension is the interval"
    )


def test_the_ellipsoid_is_where_contains_changes():
    rng = np.random.default_rng(1)
    z, sigma = (values[0] for values in _estimates(rng, 1, 30, np.diag([1.0, 2.0, 5.0])))
    region = confidence_region(z, sigma, 30)
    u = rng.normal(size=(50, 3))
    surface = u / np.linalg.norm(u, axis=1, keepdims=True) @ region.axes.T
    assert region.contains(z + 0.999 * surface).all() and not region.contains(z + 1.001 * surface).any()


def test_a_direction_that_does_not_vary_is_left_out():
    sigma = np.diag([1.0, 1.0, 1e-9])
    region, plane = confidence_region(np.zeros(3), sigma, 20), confidence_region(np.zeros(2), np.eye(2), 20)
    assert region.axes.shape == (3, 2)
    for point in ([2.0, 1.0], [3.0, 0.5]):
        assert region.contains([*point, 0.3]) == plane.contains(point)
    assert confidence_region(np.zeros(2), np.zeros((2, 2)), 20).method == "marginal_t", "nothing varies"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(2), np.eye(3), 9), r"shape \(p,\), and its covariance"),
        ((np.zeros(2), np.full((2, 2), np.nan), 9), "NaN or infinite"),
        ((np.zeros(2), np.eye(2), 1), "at least 2 units"),
        ((np.zeros(2), np.eye(2), 9, 95), "between 0 and 1"),
    ],
)
def test_bad_input_names_the_cure(arguments, message):
    with pytest.raises(ValueError, match=message):
        confidence_region(*arguments)


@pytest.mark.parametrize(("n", "method"), [(3, "marginal_t"), (4, "marginal_t"), (5, "hotelling")])
def test_joint_regions_need_more_units_than_dimensions(n, method):
    assert confidence_region(np.zeros(3), np.eye(3), n_effective=n).method == method


def test_limits_of_level_and_number():
    for level in (-0.5, 0, 1):
        with pytest.raises(ValueError, match="`level`"):
            confidence_region(np.zeros(1), np.eye(1), 10, level)
    assert confidence_region(np.zeros(1), np.eye(1), 2).method == "marginal_t"
