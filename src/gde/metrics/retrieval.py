"""Does a group's early embedding find its late one?"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._checks import check_rows, check_same_rows
from gde.metrics._own_ranks import Distance, own_ranks


def retrieval(
    queries: ArrayLike, candidates: ArrayLike, *, k: Sequence[int] = (1, 10), distance: Distance = "euclidean"
) -> dict[str, float]:
    r"""How early each group's own candidate comes when all candidates are ranked by distance to its query.

    .. math:: \mathrm{MRR} = \frac1n \sum_i \frac{1}{r_i}, \qquad \text{recall@}k = \frac1n \#\{i : r_i \le k\}, \qquad
        r_i = 1 + \#\{j \ne i : d_{ij} < d_{ii}\} + \tfrac12 \#\{j \ne i : d_{ij} = d_{ii}\}

    For instance the embedding of a clone's early cells against the embeddings of late cells of all clones. Embeddings in different spaces need a map from one to the other first, which is fitted on
    other groups.

    Parameters
    ----------
    queries, candidates
        Embeddings, groups x dimensions, at least 2 groups, row ``i`` of both the same group; of two DataFrames the index must agree.
    k
        Numbers of candidates to look at.
    distance
        ``"euclidean"``, ``"cosine"`` or ``"cityblock"``.

    Returns
    -------
    Dictionary of ``mrr`` and ``recall@k`` in [0, 1], 1 is best, and what chance gives of so many groups: ``mrr_chance`` (:math:`\frac1n \sum_{r \le n} \frac1r`) and ``recall@k_chance``
    (:math:`k / n`). The scores fall with the number of groups, so compare methods on the same ones.

    References
    ----------
    Manning, C. D., Raghavan, P. & Schütze, H. *Introduction to Information Retrieval.* Cambridge University Press (2008), chapter 8.

    Examples
    --------
    >>> from gde.metrics import retrieval
    >>> retrieval([[0.0], [1.0], [2.0]], [[0.1], [1.9], [1.1]], k=[1, 2])["mrr"]
    0.6666666666666666
    """
    check_same_rows(queries, candidates)
    first, second = check_rows(queries, "queries"), check_rows(candidates, "candidates")
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"queries has {first.shape[1]} columns and candidates has {second.shape[1]}: map one into the space of the other first."
        )
    ranks, n = 1 + own_ranks(first, second, distance), len(first)
    scores = {"mrr": float((1 / ranks).mean()), "mrr_chance": float((1 / np.arange(1, n + 1)).mean())}
    for cut in k:
        scores |= {f"recall@{cut}": float((ranks <= cut).mean()), f"recall@{cut}_chance": min(1.0, cut / n)}
    return scores
