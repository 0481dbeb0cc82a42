import numpy as np
import pytest

from gde.stats import distances_by_halves


def _roots(rng, p=3):
    return rng.normal(size=(2, 2, p, p)) / 3  # groups, halves


@pytest.mark.parametrize("shift", [0.0, 1.0, 5.0])
def test_is_unbiased_and_says_how_much_it_varies(shift):
    rng = np.random.default_rng(1)
    n, roots, mean = 4000, _roots(rng), np.array([0.0, shift])[:, None, None]
    covariances = roots @ roots.swapaxes(-1, -2)
    noise = np.einsum("ghij,nghj->nghi", roots, rng.normal(size=(n, 2, 2, 3)))
    found = [distances_by_halves(mean + one, covariances) for one in noise]
    squared, error = (np.array([matrix[0, 1] for matrix in part]) for part in zip(*found, strict=True))
    assert squared.mean() == pytest.approx(3 * shift**2, abs=4 * squared.std() / np.sqrt(n))
    # δ'Σδ is cut off at zero, so without a difference the standard error is somewhat too large.
    assert 0.95 < np.sqrt(np.mean(error**2)) / squared.std() < (1.6 if shift == 0 else 1.1)


def test_is_unbiased_where_an_approximation_of_the_covariance_is_not():
    rng = np.random.default_rng(0)
    points = rng.normal(1.0, 2.0, size=(20000, 2, 2, 3))
    embeddings = np.exp(points / 2)  # a curved head
    found = [distances_by_halves(z, np.zeros((2, 2, 3, 3)))[0][0, 1] for z in embeddings]
    assert np.mean(found) == pytest.approx(0, abs=4 * np.std(found) / np.sqrt(len(found)))


def test_matrices_are_symmetric_with_a_zero_diagonal():
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(4, 2, 3, 3))
    for matrix in distances_by_halves(rng.normal(size=(4, 2, 3)), roots @ roots.swapaxes(-1, -2)):
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
        np.testing.assert_array_equal(np.diag(matrix), 0)


def test_a_half_without_a_covariance_has_a_distance_and_no_error():
    covariances = np.ones((2, 2, 1, 1))
    covariances[0, 1] = np.nan
    squared, error = distances_by_halves(np.arange(4.0).reshape(2, 2, 1), covariances)
    assert squared[0, 1] == 4
    assert np.isnan(error[0, 1])


@pytest.mark.parametrize("shape", [(3, 2), (3, 3, 2), (3, 1, 2)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match="do not fit"):
        distances_by_halves(np.zeros(shape), np.zeros((*shape, shape[-1])))


def test_the_error_is_the_formula():
    halves = np.array([[[0.0], [1.0]], [[3.0], [5.0]]])
    covariances = np.array([[[[0.5]], [[2.0]]], [[[0.1]], [[0.3]]]])
    squared, error = distances_by_halves(halves, covariances)
    first, second = 0.5 + 0.1, 2.0 + 0.3
    assert squared[0, 1] == 3 * 4
    assert error[0, 1] ** 2 == pytest.approx(9 * second + 16 * first - first * second)
