"""Does the cloud of groups unfold along a known order?"""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._agreement import abs_spearman
from gde.metrics._bootstrap import bootstrap_score
from gde.metrics._group_distances import Metric, group_distances
from gde.metrics._group_labels import group_labels
from gde.metrics.diffusion_pseudotime import diffusion_pseudotime
from gde.metrics.score import Score


def trajectory_preservation(
    embeddings: ArrayLike,
    order: ArrayLike,
    *,
    root: int | None = None,
    n_neighbors: int = 15,
    metric: Metric = "euclidean",
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> Score:
    r"""Absolute Spearman correlation of a known order with :func:`diffusion_pseudotime`.

    .. math:: | \rho(R, \mathrm{dpt}) |

    Parameters
    ----------
    embeddings
        Embeddings, groups x dimensions; or a matrix of distances, groups x groups, with ``metric="precomputed"``.
    order
        Number of each group: severity, time, age. Groups without one (NaN) take part in the walk, not in the correlation.
    root
        Row of the group where time starts; None: the first of those with the smallest number.
    n_neighbors, metric
        See :func:`diffusion_pseudotime`.
    n_bootstrap, seed
        Number of draws for the interval, and their seed.

    Returns
    -------
    :class:`Score` in [0, 1], 1 is best; NaN if all groups have one pseudotime. Chance is not 0, but the absolute value of a correlation of noise, some :math:`0.8 / \sqrt n`. The pseudotime is
    computed once, from all groups; the 95 % interval draws groups.

    References
    ----------
    Shitov, V., Dehkordi, M. M. & Luecken, M. D. Benchmarking sample representations from single-cell data: metrics for biologically meaningful embeddings. *LMRL workshop at
    ICLR* (2025).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import trajectory_preservation
    >>> severity = np.arange(20)
    >>> round(trajectory_preservation(np.column_stack([severity, severity**2]), severity).value, 6)
    1.0
    """
    distance = group_distances(embeddings, metric)
    rows, values, classes = group_labels(order, len(distance), "order")
    if classes is not None:
        raise ValueError("order must be numbers: code classes that have an order, e.g. as 0, 1, 2.")
    start = int(rows[values.argmin()]) if root is None else root
    time = diffusion_pseudotime(distance, start, n_neighbors=n_neighbors, metric="precomputed")[rows]
    statistic = lambda drawn: abs_spearman(values[drawn], time[drawn])
    return bootstrap_score(statistic, np.zeros(len(rows)), n_bootstrap, seed)
