import numpy as np

from gde.stats import combine_parts


def test_covariance_is_that_of_the_mean_of_units_drawn_from_a_mixture():
    """The embedding is a mean of units here, so the covariance of the whole is known from the units alone."""
    rng = np.random.default_rng(0)
    part = np.sort(rng.choice(3, 4000, p=[0.2, 0.5, 0.3]))
    units = rng.normal(size=(4000, 2)) * [1, 2] + np.array([[0, 0], [3, 1], [-2, 4]])[part]
    sizes = np.bincount(part)
    z = np.stack([units[part == t].mean(0) for t in range(3)])
    covariances = np.stack([np.cov(units[part == t].T) / sizes[t] for t in range(3)])
    mean, covariance = combine_parts(sizes[None] / 4000, np.array([4000]), z[None], covariances[None])
    np.testing.assert_allclose(mean[0], units.mean(0))
    np.testing.assert_allclose(covariance[0], np.cov(units.T) / 4000, rtol=2e-3)


def test_what_a_group_lacks_is_not_looked_at():
    z = np.array([[[1.0], [np.nan]]])
    mean, covariance = combine_parts(np.array([[1.0, 0.0]]), np.array([5]), z, np.array([[[[0.5]], [[np.nan]]]]))
    assert mean.tolist() == [[1.0]] and covariance.tolist() == [[[0.5]]]
    assert combine_parts(np.array([[1.0, 0.0]]), np.array([5]), z)[1] is None


def test_a_group_of_one_unit_has_no_spread_between_parts():
    _, covariance = combine_parts(np.array([[1.0, 0.0]]), np.array([1]), np.ones((1, 2, 1)), np.full((1, 2, 1, 1), 0.5))
    assert covariance.tolist() == [[[0.5]]]
