"""Labels of groups: classes or numbers, some of them missing."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


class GroupLabels(NamedTuple):
    """Rows that have a label, and their labels: codes of the classes, or numbers if there are no ``classes``."""

    rows: np.ndarray
    values: np.ndarray
    classes: np.ndarray | None


def group_labels(labels: ArrayLike, n_groups: int, name: str = "labels") -> GroupLabels:
    """Numbers are numbers, all else (booleans, too) is classes; at least two of either."""
    series = pd.Series(labels).reset_index(drop=True)
    if len(series) != n_groups:
        raise ValueError(f"{name} has {len(series)} entries: expected one for each of the {n_groups} groups.")
    rows = np.flatnonzero(series.notna())
    known = series.iloc[rows]
    if known.nunique() < 2:
        raise ValueError(f"{name} has {known.nunique()} different value(s), so there is nothing to tell apart.")
    is_number = pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known)
    if is_number:
        return GroupLabels(rows, known.to_numpy(dtype=float), None)
    classes, codes = np.unique(known.astype(str), return_inverse=True)
    return GroupLabels(rows, codes, classes)
