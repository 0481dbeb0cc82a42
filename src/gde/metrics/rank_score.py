"""How well each group finds itself among all groups."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from gde.metrics._checks import check_pair
from gde.metrics._row_blocks import row_blocks


def rank_score(predicted: ArrayLike, reference: ArrayLike) -> float:
    r"""Mean rank of each group's own reference among all references, scaled to [0, 1].

    .. math::
        1 - \frac{1}{n(n-1)} \sum_i \Big(
        \#\{j \ne i : d_{ij} < d_{ii}\} + \tfrac12 \#\{j \ne i : d_{ij} = d_{ii}\}\Big),
        \qquad d_{ij} = \lVert \text{predicted}_i - \text{reference}_j \rVert_2

    For instance, the mean of the units generated for each group against the means of the real units of all groups. It
    is the perturbation discrimination score of the Virtual Cell Challenge, with Euclidean distances and ties counted
    half.

    Parameters
    ----------
    predicted, reference
        One row per group, groups x dimensions, at least 2 groups. Row ``i`` of both is the same group; of two
        DataFrames the index must agree.

    Returns
    -------
    1 if each group is nearest to itself, 0.5 by chance (also if all rows are equal), 0 if each is furthest from itself.

    References
    ----------
    Roohani, Y. H. et al. Virtual Cell Challenge: toward a Turing test for the virtual cell. *Cell* 188, 3370–3374
    (2025).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import rank_score
    >>> reference = np.array([[0.0], [1.0], [2.0]])
    >>> rank_score(reference + 0.1, reference)
    1.0
    """
    _check_same_groups(predicted, reference)
    own_rows, candidates = check_pair(predicted, reference, ("predicted", "reference"))
    n = len(own_rows)
    if n != len(candidates):
        raise ValueError(f"predicted has {n} rows and reference has {len(candidates)}: pass the same groups in both.")
    rank = 0.0
    for rows in row_blocks(n, n):
        distance = cdist(own_rows[rows], candidates)
        own = distance[np.arange(len(distance)), np.arange(n)[rows]][:, None]
        # The own reference ties with itself: it adds the half that is taken off.
        rank += (distance < own).sum() + 0.5 * ((distance == own).sum() - len(distance))
    return float(1 - rank / (n * (n - 1)))


def _check_same_groups(predicted: Any, reference: Any) -> None:
    """Misaligned rows would give a wrong number without a sound."""
    if hasattr(predicted, "iloc") and hasattr(reference, "iloc") and not predicted.index.equals(reference.index):
        raise ValueError(
            "The rows of both DataFrames name different groups, or the same in another order: align them, e.g. with "
            ".loc[groups], or pass .to_numpy() if the rows correspond as they are."
        )
