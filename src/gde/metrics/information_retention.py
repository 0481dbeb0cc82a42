"""Do groups lie near groups of their kind?"""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._agreement import abs_spearman, macro_f1
from gde.metrics._bootstrap import bootstrap_score
from gde.metrics._group_distances import Metric, group_distances
from gde.metrics._group_labels import group_labels
from gde.metrics.score import Score


def information_retention(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    n_neighbors: int = 3,
    metric: Metric = "euclidean",
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> Score:
    r"""How well a group's label can be read off its nearest groups.

    Each group is predicted from its k nearest *other* groups. Of L classes, by their vote (a tie goes to the class of the nearest):

    .. math:: \max\Big(0,\ \frac{L}{L-1} \big(F_1^\text{macro} - \tfrac1L\big)\Big)

    Of numbers, by their mean: the absolute Spearman correlation of prediction and label. The paper's definitions; its code weights neighbours by distance and gives 0 to
    negative correlations.

    Parameters
    ----------
    embeddings
        Embeddings, groups x dimensions; or a matrix of distances, groups x groups, with ``metric="precomputed"``.
    labels
        Label of each group: numbers (ages, grades coded as numbers) or classes; at least 2 different ones. Groups without a label (None, NaN) are left out.
    n_neighbors
        k.
    metric
        ``"euclidean"`` or ``"precomputed"``.
    n_bootstrap
        Number of draws for the interval; 0: none.
    seed
        Seed of the draws.

    Returns
    -------
    :class:`Score` in [0, 1], 1 is best. Chance is about 0 for classes (a vote of the largest class is below it), and for numbers the absolute value of a correlation of noise, some
    :math:`0.8 / \sqrt n`. The 95 % interval is of fixed predictions: neighbours are never recomputed on a draw.

    Raises
    ------
    ValueError
        If there are at most ``n_neighbors`` groups with a label, or one label.

    References
    ----------
    Shitov, V., Dehkordi, M. M. & Luecken, M. D. Benchmarking sample representations from single-cell data: metrics for biologically meaningful embeddings. *LMRL workshop at
    ICLR* (2025).

    Examples
    --------
    >>> from gde.metrics import information_retention
    >>> embeddings = [[0.0], [0.1], [0.2], [0.3], [5.0], [5.1], [5.2], [5.3]]
    >>> information_retention(embeddings, ["well"] * 4 + ["ill"] * 4).value
    1.0
    """
    distance = group_distances(embeddings, metric)
    rows, values, classes = group_labels(labels, len(distance))
    if not 1 <= n_neighbors < len(rows):
        raise ValueError(
            f"n_neighbors={n_neighbors}: expected at least 1, and fewer than the {len(rows)} labelled groups."
        )
    distance = distance[np.ix_(rows, rows)]
    np.fill_diagonal(distance, np.inf)
    neighbours = values[np.argsort(distance, axis=1, kind="stable")[:, :n_neighbors]]
    if classes is None:
        predicted = neighbours.mean(1)
        statistic = lambda drawn: abs_spearman(values[drawn], predicted[drawn])
        return bootstrap_score(statistic, np.zeros(len(rows)), n_bootstrap, seed)
    n = len(classes)
    votes = _vote(neighbours, n)
    rescaled = lambda drawn: max(0.0, n / (n - 1) * (macro_f1(values[drawn], votes[drawn], n) - 1 / n))
    return bootstrap_score(rescaled, values, n_bootstrap, seed)


def _vote(neighbours: np.ndarray, n_classes: int) -> np.ndarray:
    """Most frequent class in each row, nearest first; a tie goes to the nearest of those that tie."""
    counts = (neighbours[:, :, None] == np.arange(n_classes)).sum(1)
    own_count = np.take_along_axis(counts, neighbours, axis=1)
    return np.take_along_axis(neighbours, own_count.argmax(1)[:, None], axis=1)[:, 0]
