"""Which parts two groups have, and what these are like."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class CompositionAndState(NamedTuple):
    """What :func:`composition_and_state` returns; the distance is the sum of the other two.

    Attributes
    ----------
    squared_distance
        Squared distance of the two groups.
    composition
        What the difference of their compositions contributes.
    state
        What the difference of their parts contributes.
    """

    squared_distance: float
    composition: float
    state: float


def composition_and_state(
    composition: np.ndarray,
    embeddings: np.ndarray,
    n_units: np.ndarray | None = None,
    variances: np.ndarray | None = None,
) -> CompositionAndState:
    r"""Split the squared distance between two groups, each a mixture of parts, into composition and state.

    With :math:`z_d = \sum_t p_{dt} z_{dt}` the difference of two groups is, exactly,

    .. math:: z_a - z_b = \underbrace{\sum_t (p_{at} - p_{bt})\, \tfrac{z_{at} + z_{bt}}{2}}_{C}
       + \underbrace{\sum_t \tfrac{p_{at} + p_{bt}}{2}\, (z_{at} - z_{bt})}_{S}

    (Kitagawa 1955, doi 10.1080/01621459.1955.10501299), and the squared distance :math:`\lVert z_a - z_b \rVert^2` is the sum of
    :math:`C \cdot (z_a - z_b)` and :math:`S \cdot (z_a - z_b)`. Neither depends on where the origin of z is. One of them is negative if composition and
    state pull the groups into opposite directions. A part that one group lacks has no state there: it gets that of the other, so that its absence is
    composition.

    Noise of small groups makes both parts larger. With numbers of units and variances of the embeddings, what noise adds on average is taken
    away: with :math:`\varepsilon` for the noise of compositions (multinomial) and embeddings (independent between parts), the means of
    :math:`\varepsilon_C \cdot \varepsilon_{C + S}` and :math:`\varepsilon_S \cdot \varepsilon_{C + S}` to first order.

    Parameters
    ----------
    composition
        Shares of the parts in the two groups, shape (2, n_parts); rows sum to 1.
    embeddings
        Embeddings of the parts, shape (2, n_parts, n_latent); those whose share is zero are not looked at.
    n_units
        Number of units of the two groups, shape (2,).
    variances
        Trace of the covariance of each embedding, shape (2, n_parts).

    Returns
    -------
    Squared distance and its two parts, in squared units of z.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import composition_and_state
    >>> p = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> z = np.array([[[0.0], [4.0]], [[1.0], [5.0]]])
    >>> composition_and_state(p, z)  # z is 1 and 4: composition moves it by 2, state by 1
    CompositionAndState(squared_distance=9.0, composition=6.0, state=3.0)
    """
    is_there = composition > 0
    other = np.flip(embeddings, axis=0)
    z = np.where(is_there[:, :, None], embeddings, np.where(np.flip(is_there, axis=0)[:, :, None], other, 0))
    change, mean_share = composition[0] - composition[1], composition.mean(0)
    middle, shift = z.mean(0), z[0] - z[1]
    by_composition, by_state = change @ middle, mean_share @ shift
    difference = by_composition + by_state
    parts = np.array([by_composition @ difference, by_state @ difference])
    if n_units is not None and variances is not None:
        is_alone = is_there.sum(0) == 1
        parts -= _spread(composition, z, middle, shift, n_units)
        parts -= _noise_of_parts(composition, np.where(is_there, variances, 0), change, mean_share, is_alone)
    return CompositionAndState(float(parts.sum()), float(parts[0]), float(parts[1]))


def _spread(p: np.ndarray, z: np.ndarray, middle: np.ndarray, shift: np.ndarray, n_units: np.ndarray) -> np.ndarray:
    """What the noise of compositions adds to the two parts."""

    def covariance(share: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
        return float(share @ (x * y).sum(1) - (share @ x) @ (share @ y))

    signs, totals = (1, -1), np.zeros(2)
    for share, embedding, n, sign in zip(p, z, n_units, signs, strict=True):
        both = (covariance(share, middle, embedding), sign * covariance(share, shift, embedding) / 2)
        totals += np.array(both) / max(n - 1, 1)
    return totals


def _noise_of_parts(
    p: np.ndarray, variances: np.ndarray, change: np.ndarray, mean_share: np.ndarray, is_alone: np.ndarray
) -> np.ndarray:
    """What the noise of the parts' embeddings adds to composition and state."""
    signs = np.array([[1], [-1]])
    in_composition = change * np.where(is_alone, 1, 0.5) * signs
    in_state = np.where(is_alone, 0, mean_share)
    return np.array([(in_composition * p * variances).sum(), (in_state * p * variances).sum()])
