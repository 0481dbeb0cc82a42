"""A comparison of two samples, group by group."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._checks import check_pair


def by_group(
    metric: Callable[[np.ndarray, np.ndarray], float],
    x: ArrayLike,
    groups_of_x: ArrayLike,
    y: ArrayLike,
    groups_of_y: ArrayLike,
    *,
    min_units: int = 2,
) -> pd.Series:
    """Compare the units of each group on one side with those of the same group on the other.

    With :func:`energy_distance`, predicted and real cells, and perturbations for groups, this is the energy distance per perturbation.

    Parameters
    ----------
    metric
        Function of two samples, units x dimensions: :func:`energy_distance`, :func:`mmd`, :func:`wasserstein`, …
    x, y
        Samples, units x dimensions.
    groups_of_x, groups_of_y
        Group of each unit.
    min_units
        Groups with fewer units on either side are left out.

    Returns
    -------
    Series over the groups that both sides have, in their order, in the units and range of the metric.

    Raises
    ------
    ValueError
        If no group has enough units on both sides.

    Examples
    --------
    >>> from gde.metrics import by_group, energy_distance
    >>> by_group(energy_distance, [[0.0], [1.0], [5.0]], ["a", "a", "b"], [[4.0], [5.0]], ["a", "a"]).to_dict()
    {'a': 6.0}
    """
    first, second = check_pair(x, y, ("x", "y"), min_rows=1)
    labels = _labels(groups_of_x, first, "groups_of_x"), _labels(groups_of_y, second, "groups_of_y")
    names, codes = np.unique(np.concatenate(labels), return_inverse=True)
    of_first, of_second = codes[: len(first)], codes[len(first) :]
    sizes = np.minimum(*(np.bincount(of, minlength=len(names)) for of in (of_first, of_second)))
    kept = np.flatnonzero(sizes >= max(min_units, 1))
    if not len(kept):
        raise ValueError(f"No group has {min_units} units on both sides: do both name their groups alike?")
    values = [metric(first[of_first == code], second[of_second == code]) for code in kept]
    return pd.Series(values, names[kept], dtype=float, name=getattr(metric, "__name__", None))


def _labels(groups: ArrayLike, units: np.ndarray, name: str) -> np.ndarray:
    labels = np.asarray(groups).astype(str)
    if labels.shape != (len(units),):
        raise ValueError(f"{name} has shape {labels.shape}: expected one group for each of the {len(units)} units.")
    return labels
