"""From likelihoods to probabilities of groups."""

import numpy as np
import scipy.sparse as sp

MAX_STEPS = 1000
TOLERANCE = 1e-3  # of the expected number of units of a group
NEGLIGIBLE = 0.01  # expected units of a group


def group_posterior(likelihood: sp.csr_matrix) -> sp.csr_matrix:
    r"""Probability of each group given a unit's evidence, with the proportions of the groups that the units themselves suggest.

    .. math::
        p(g \mid e_i) = \frac{\pi_g L_{ig}}{\sum_k \pi_k L_{ik}}, \qquad
        \pi_g \leftarrow \frac1n \sum_i p(g \mid e_i),

    with the likelihood :math:`L_{ig} = p(e_i \mid g)` up to a factor of the unit. Repeating the second step is the EM algorithm for the
    proportions of a mixture of known components (Dempster, Laird & Rubin 1977, doi 10.1111/j.2517-6161.1977.tb01600.x, section 4.3); their
    log-likelihood is concave, so it has one maximum value.

    Parameters
    ----------
    likelihood
        L, shape (n_units, n_groups), non-negative, with a positive value in each row.

    Returns
    -------
    Probabilities of the same shape; rows sum to 1. Groups that explain less than a hundredth of a unit get none, unless some
    unit has no other.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from gde.data import group_posterior
    >>> group_posterior(sp.csr_matrix([[0.6, 0.2], [0.0, 0.5]])).toarray()[1]
    array([0., 1.])
    """
    n_units, n_groups = likelihood.shape
    likelihood = _scaled(
        likelihood, likelihood.max(axis=1).toarray().ravel()
    )  # the smallest numbers have no reciprocal
    proportion = np.full(n_groups, 1 / n_groups)
    for _ in range(MAX_STEPS):
        responsibility = 1 / (likelihood @ proportion)
        last, proportion = proportion, proportion * (likelihood.T @ responsibility) / n_units
        if np.abs(proportion - last).max() * n_units < TOLERANCE:
            break
    large = np.where(proportion * n_units < NEGLIGIBLE, 0, proportion)
    if (likelihood @ large > 0).all():
        proportion = large
    weighted = sp.csr_matrix(likelihood.multiply(proportion))
    return _scaled(weighted, np.asarray(weighted.sum(axis=1)).ravel())


def _scaled(matrix: sp.csr_matrix, divisor: np.ndarray) -> sp.csr_matrix:
    """Each row over its divisor."""
    scaled = sp.csr_matrix(matrix, dtype=float, copy=True)
    scaled.data /= np.repeat(divisor, np.diff(scaled.indptr))
    return scaled
