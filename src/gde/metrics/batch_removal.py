"""Do groups of different batches mix?"""

from numpy.typing import ArrayLike

from gde.metrics._group_distances import Metric
from gde.metrics.information_retention import information_retention
from gde.metrics.score import Score


def batch_removal(
    embeddings: ArrayLike,
    batch: ArrayLike,
    *,
    n_neighbors: int = 3,
    metric: Metric = "euclidean",
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> Score:
    """How little the nearest groups tell of a group's batch: 1 - :func:`information_retention` of the batch.

    Where batch and biology go together, a high score is no merit: biology then is removed, too.

    Parameters
    ----------
    embeddings
        Embeddings, groups x dimensions; or a matrix of distances, groups x groups, with ``metric="precomputed"``.
    batch
        Batch of each group, or a technical number such as its mean library size; None or NaN where it is unknown.
    n_neighbors, metric, n_bootstrap, seed
        See :func:`information_retention`.

    Returns
    -------
    :class:`Score` in [0, 1], 1 if the batch cannot be read off.

    References
    ----------
    Shitov, V., Dehkordi, M. M. & Luecken, M. D. Benchmarking sample representations from single-cell data: metrics for biologically meaningful embeddings. *LMRL workshop at
    ICLR* (2025).

    Examples
    --------
    >>> from gde.metrics import batch_removal
    >>> embeddings = [[0.0], [0.1], [0.2], [0.3], [5.0], [5.1], [5.2], [5.3]]
    >>> batch_removal(embeddings, ["lane 1"] * 4 + ["lane 2"] * 4).value
    0.0
    """
    retained = information_retention(
        embeddings, batch, n_neighbors=n_neighbors, metric=metric, n_bootstrap=n_bootstrap, seed=seed
    )
    return Score(1 - retained.value, 1 - retained.high, 1 - retained.low)
