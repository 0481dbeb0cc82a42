import numpy as np
import pytest
from scipy.stats import t
from sklearn.covariance import ledoit_wolf

from gde.stats import EmbeddingRange


@pytest.mark.parametrize(("n", "p"), [(5, 8), (10, 32), (40, 32), (200, 4)])
def test_further_groups_of_the_cohort_are_inside_and_far_ones_are_not(n, p):
    rng = np.random.default_rng(0)
    inside, far = [], []
    for _ in range(100):
        mix = rng.normal(size=(p, p)) / np.sqrt(p) + np.eye(p)
        z = 3 + rng.normal(size=(n + 20, p)) @ mix
        seen = EmbeddingRange.fit(z[:n])
        assert not seen.is_outside(z[:n]).any(), "the groups themselves"
        inside.append(seen.is_outside(z[n:]).mean())
        far.append(seen.is_outside(3 + 12 * (z[n:] - 3)).mean())
    assert np.mean(inside) < 0.006
    assert np.mean(far) > (0.6 if n == 5 else 0.97)


def test_distances_from_the_others_are_those_of_refitting_without_each():
    z = np.random.default_rng(1).normal(size=(12, 4)) * [1, 2, 3, 4]
    seen = EmbeddingRange.fit(z)
    shrinkage = 1 - (seen.covariance - np.diag(np.diag(seen.covariance)))[0, 1] / np.cov(z.T, ddof=0)[0, 1]
    ridge = shrinkage * np.trace(np.cov(z.T, ddof=0)) / 4 * np.eye(4)
    roots = []
    for i in range(12):
        others = np.delete(z, i, axis=0)
        covariance = (1 - shrinkage) * np.cov(others.T, ddof=0) + ridge
        rest = z[i] - others.mean(0)
        roots.append((rest @ np.linalg.solve(covariance, rest)) ** (1 / 3))
    limit = np.mean(roots) + t.ppf(0.999, 11) * np.std(roots, ddof=1) * np.sqrt(1 + 1 / 12)
    assert seen.threshold == pytest.approx(max(limit, *roots) ** 1.5)


def test_means_of_embeddings_inside_are_inside():
    rng = np.random.default_rng(2)
    z = rng.standard_t(3, size=(15, 6))
    weights = rng.dirichlet(np.full(15, 0.2), size=200)
    assert not EmbeddingRange.fit(z).is_outside(weights @ z).any()


def test_the_scale_of_embeddings_does_not_matter():
    z = np.random.default_rng(3).normal(size=(20, 5))
    one, other = EmbeddingRange.fit(z), EmbeddingRange.fit(1e-3 * z + 7)
    np.testing.assert_allclose(other.distances(1e-3 * z + 7), one.distances(z), rtol=1e-6)
    assert other.threshold == pytest.approx(one.threshold)


def test_the_covariance_is_that_of_ledoit_and_wolf():
    z = np.random.default_rng(4).normal(size=(12, 4)) * [1, 2, 3, 4]
    np.testing.assert_allclose(EmbeddingRange.fit(z).covariance, ledoit_wolf(z)[0])


def test_two_groups_have_no_range_three_have_one_and_equal_ones_no_extent():
    three = [[0, 0], [1, 0], [0, 2]]
    assert not EmbeddingRange.fit(three[:2]).is_outside([[1e6, 0]]).any()
    assert EmbeddingRange.fit(three).is_outside([[1e6, 0]]).all()
    same = EmbeddingRange.fit(np.ones((4, 2)))
    assert same.is_outside([[1, 1], [1, 2]]).tolist() == [False, True]


@pytest.mark.parametrize("z", [np.zeros(3), np.zeros((0, 3)), [[np.nan, 1.0]]])
def test_what_is_no_embedding_is_refused(z):
    with pytest.raises(ValueError, match="Finite embeddings, one row each"):
        EmbeddingRange.fit(z)
