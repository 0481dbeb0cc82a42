"""Precision, recall, density and coverage of generated units."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from gde.metrics._checks import check_pair
from gde.metrics._row_blocks import row_blocks


def prdc(real: ArrayLike, generated: ArrayLike, *, n_neighbors: int = 5) -> dict[str, float]:
    r"""Are generated units where real ones are, and everywhere where these are?

    The ball of a unit reaches to its k-th nearest other unit of its own sample (Euclidean).

    Parameters
    ----------
    real, generated
        Samples, units x dimensions, more than ``n_neighbors`` units each. The scores depend on the numbers of units: take equal ones, and report the scores of two
        real halves beside them (:func:`floor_of_halves`), which do not reach 1 either.
    n_neighbors
        k.

    Returns
    -------
    Dictionary with

    - ``precision``: share of the generated units in at least one real ball, in [0, 1]
    - ``recall``: share of the real units in at least one generated ball, in [0, 1]
    - ``density``: mean number of real balls around a generated unit, divided by k: about 1 for real units, and more where generated units crowd in dense regions
    - ``coverage``: share of the real units with a generated unit in their ball, in [0, 1]; of two samples of one distribution, and of equal size, about :math:`1 - 2^{-k}`

    References
    ----------
    Kynkäänniemi, T., Karras, T., Laine, S., Lehtinen, J. & Aila, T. Improved precision and recall metric for assessing generative models. *NeurIPS* (2019).

    Naeem, M. F., Oh, S. J., Uh, Y., Choi, Y. & Yoo, J. Reliable fidelity and diversity metrics for generative models. *ICML* (2020).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import prdc
    >>> real = np.arange(10.0)[:, None]
    >>> prdc(real, real[:5], n_neighbors=1)["coverage"], prdc(real, real + 100, n_neighbors=1)["precision"]
    (0.6, 0.0)
    """
    if n_neighbors < 1:
        raise ValueError(f"n_neighbors={n_neighbors}: at least 1 is needed.")
    x, y = check_pair(real, generated, ("real", "generated"), min_rows=n_neighbors + 1)
    radius_x, radius_y = (_radii(units, n_neighbors) for units in (x, y))
    n_real_balls, is_recalled, is_covered = np.zeros(len(y)), np.zeros(len(x), bool), np.zeros(len(x), bool)
    for rows in row_blocks(len(x), len(y)):
        distance = cdist(x[rows], y)
        n_real_balls += (distance <= radius_x[rows, None]).sum(0)
        is_recalled[rows] = (distance <= radius_y).any(1)
        is_covered[rows] = distance.min(1) <= radius_x[rows]
    return {
        "precision": float((n_real_balls > 0).mean()),
        "recall": float(is_recalled.mean()),
        "density": float(n_real_balls.mean() / n_neighbors),
        "coverage": float(is_covered.mean()),
    }


def _radii(units: np.ndarray, k: int) -> np.ndarray:
    """Distance of each unit to its k-th nearest other one."""
    blocks = row_blocks(len(units), len(units))
    return np.concatenate([np.partition(cdist(units[rows], units), k, axis=1)[:, k] for rows in blocks])
