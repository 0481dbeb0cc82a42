"""How well each group finds itself among all groups."""

from numpy.typing import ArrayLike

from gde.metrics._checks import check_pair, check_same_rows
from gde.metrics._own_ranks import own_ranks


def rank_score(predicted: ArrayLike, reference: ArrayLike) -> float:
    r"""Mean rank of each group's own reference among all references, scaled to [0, 1].

    .. math::
        1 - \frac{1}{n(n-1)} \sum_i \Big(
        \#\{j \ne i : d_{ij} < d_{ii}\} + \tfrac12 \#\{j \ne i : d_{ij} = d_{ii}\}\Big),
        \qquad d_{ij} = \lVert \text{predicted}_i - \text{reference}_j \rVert_2

    For instance, the mean of the units generated for each group against the means of the real units of all groups. It
    is the perturbation discrimination score of the Virtual Cell Challenge, with Euclidean distances and ties counted
    half; :func:`discrimination_score` is its form for effects of perturbations.

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
    check_same_rows(predicted, reference)
    queries, candidates = check_pair(predicted, reference, ("predicted", "reference"))
    n = len(queries)
    if n != len(candidates):
        raise ValueError(f"predicted has {n} rows and reference has {len(candidates)}: pass the same groups in both.")
    return float(1 - own_ranks(queries, candidates, "euclidean").mean() / (n - 1))
