import numpy as np
import pytest
import scipy.sparse as sp

from gde.data import group_posterior


def _calls(n_first, n_second, right=0.8):
    """Likelihoods of two groups whose units are called right with this probability."""
    return np.repeat([[right, 1 - right], [1 - right, right]], [n_first, n_second], axis=0)


def test_proportions_of_two_groups_are_the_closed_form():
    # A call for the first group has probability 0.8 p + 0.2 (1 - p), which is the observed 0.65 at p = 0.75.
    posterior = group_posterior(sp.csr_matrix(_calls(65, 35))).toarray()
    p = (0.65 - 0.2) / (0.8 - 0.2)
    np.testing.assert_allclose(posterior[0, 0], 0.8 * p / (0.8 * p + 0.2 * (1 - p)), atol=1e-4)
    np.testing.assert_allclose(posterior[-1, 0], 0.2 * p / (0.2 * p + 0.8 * (1 - p)), atol=1e-4)
    assert posterior[:, 0].mean() == pytest.approx(p, abs=1e-4)


def test_rows_are_probabilities_whatever_the_factors_of_the_units():
    likelihood = np.random.default_rng(0).random((50, 4))
    posterior = group_posterior(sp.csr_matrix(likelihood)).toarray()
    np.testing.assert_allclose(posterior.sum(axis=1), 1)
    scaled = likelihood * np.random.default_rng(1).uniform(1e-6, 1e6, (50, 1))
    np.testing.assert_allclose(group_posterior(sp.csr_matrix(scaled)).toarray(), posterior, atol=1e-6)


def test_a_group_that_explains_nothing_is_left_out():
    likelihood = np.column_stack([_calls(60, 40), np.full(100, 0.1)])
    posterior = group_posterior(sp.csr_matrix(likelihood))
    np.testing.assert_array_equal(posterior.toarray()[:, 2], 0)
    np.testing.assert_allclose(posterior.sum(axis=1), 1)


def test_certain_evidence_stays_certain():
    hard = np.eye(3)[[0, 0, 1, 2, 2, 2]]
    np.testing.assert_allclose(group_posterior(sp.csr_matrix(0.3 * hard)).toarray(), hard, rtol=1e-12)


def test_the_two_kinds_differ_by_the_proportions_of_the_groups():
    likelihood = _calls(90, 10)
    posterior = group_posterior(sp.csr_matrix(likelihood)).toarray()
    assert posterior[0, 0] > likelihood[0, 0] and posterior[-1, 1] < likelihood[-1, 1]


def test_evidence_too_small_for_a_reciprocal_is_only_relative():
    likelihood = np.array([[0.6, 0.2], [0.3, 0.5]])
    tiny = sp.csr_matrix(likelihood * np.array([[1e-310], [1.0]]))
    np.testing.assert_allclose(
        group_posterior(tiny).toarray(), group_posterior(sp.csr_matrix(likelihood)).toarray(), rtol=1e-6
    )


def test_a_unit_that_only_negligible_groups_explain_keeps_them():
    np.testing.assert_allclose(group_posterior(sp.csr_matrix(np.ones((2, 500)))).toarray(), 1 / 500)
