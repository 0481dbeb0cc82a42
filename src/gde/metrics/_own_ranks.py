"""How many others lie nearer than one's own."""

from typing import Literal, get_args

import numpy as np
from scipy.spatial.distance import cdist

from gde.metrics._row_blocks import row_blocks

Distance = Literal["euclidean", "cityblock", "cosine"]


def own_ranks(queries: np.ndarray, candidates: np.ndarray, distance: Distance) -> np.ndarray:
    """Number of other candidates that lie nearer to each query than the candidate of the same row; ties count half."""
    if distance not in get_args(Distance):
        raise ValueError(f"distance={distance!r}: expected one of {', '.join(map(repr, get_args(Distance)))}.")
    n = len(queries)
    if n != len(candidates):
        raise ValueError(f"There are {n} rows in one and {len(candidates)} in the other: pass the same rows in both.")
    return np.concatenate(
        [ranks_of(distances(queries[rows], candidates, distance), np.arange(n)[rows]) for rows in row_blocks(n, n)]
    )


def ranks_of(between: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The same from distances, queries x candidates, and the column of each query's own candidate."""
    limit = between[np.arange(len(between)), own][:, None]
    # The own candidate ties with itself: it adds the half that is taken off.
    return (between < limit).sum(1) + 0.5 * ((between == limit).sum(1) - 1)


def distances(x: np.ndarray, y: np.ndarray, distance: Distance) -> np.ndarray:
    """All distances; the cosine distance of a row of zeros from any other is 1."""
    if distance != "cosine":
        return cdist(x, y, distance)
    unit_x, unit_y = (rows / np.where(norm := np.linalg.norm(rows, axis=1), norm, 1)[:, None] for rows in (x, y))
    return 1 - unit_x @ unit_y.T
