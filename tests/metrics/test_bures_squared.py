import numpy as np
import pytest

from gde.metrics import bures_squared


def covariances(rng, n, d=3):
    roots = rng.normal(size=(n, d, d))
    return roots @ roots.transpose(0, 2, 1)


def test_of_matrices_that_commute_is_the_distance_of_their_roots():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(1, 5, size=(2, 4))
    rotation = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    distance = bures_squared(rotation * a @ rotation.T, rotation * b @ rotation.T)
    np.testing.assert_allclose(distance, ((np.sqrt(a) - np.sqrt(b)) ** 2).sum())


def test_is_symmetric_and_zero_on_the_diagonal():
    a, b = covariances(np.random.default_rng(1), 2)
    np.testing.assert_allclose(bures_squared(a, b), bures_squared(b, a))
    np.testing.assert_allclose(bures_squared(a, a), 0, atol=1e-12)


def test_is_the_smallest_cost_of_a_coupling():
    # tr(A) + tr(B) - 2 tr(C) for any cross-covariance C = A^(1/2) U B^(1/2), U orthogonal, is the cost of a coupling.
    rng = np.random.default_rng(2)
    roots = rng.normal(size=(2, 3, 3))
    a, b = roots @ roots.transpose(0, 2, 1)
    costs = [
        np.trace(a) + np.trace(b) - 2 * np.trace(roots[0] @ np.linalg.qr(rng.normal(size=(3, 3)))[0] @ roots[1].T)
        for _ in range(2000)
    ]
    assert 0 < bures_squared(a, b) <= min(costs) < 1.5 * bures_squared(a, b)


def test_broadcasts():
    a = covariances(np.random.default_rng(3), 5)
    table = bures_squared(a[:, None], a[None])
    assert table.shape == (5, 5)
    np.testing.assert_allclose(table[1, 3], bures_squared(a[1], a[3]))


def test_singular_matrices_are_fine():
    np.testing.assert_allclose(bures_squared(np.zeros((2, 2)), np.eye(2)), 2)


@pytest.mark.parametrize("b", [np.eye(3), np.ones((2, 3)), np.ones(2)])
def test_refuses_matrices_that_do_not_fit(b):
    with pytest.raises(ValueError, match="expected"):
        bures_squared(np.eye(2), b)
