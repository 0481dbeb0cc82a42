"""What every metric asks of its two arrays."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def check_pair(
    x: ArrayLike, y: ArrayLike, names: tuple[str, str], *, min_rows: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return both arrays as float64 matrices with the same columns, at least ``min_rows`` rows and finite values."""
    first, second = check_rows(x, names[0], min_rows), check_rows(y, names[1], min_rows)
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names[0]} has {first.shape[1]} columns and {names[1]} has {second.shape[1]}: "
            "bring both into the same space first, e.g. with one PCA."
        )
    return first, second


def check_same_rows(predicted: Any, reference: Any) -> None:
    """Misaligned rows would give a wrong number without a sound."""
    if hasattr(predicted, "iloc") and hasattr(reference, "iloc") and not predicted.index.equals(reference.index):
        raise ValueError(
            "The rows of both DataFrames name different groups, or the same in another order: align them, e.g. with "
            ".loc[groups], or pass .to_numpy() if the rows correspond as they are."
        )


def check_rows(x: ArrayLike, name: str, min_rows: int = 2) -> np.ndarray:
    """Return an array as a float64 matrix with at least ``min_rows`` rows and finite values."""
    if hasattr(x, "toarray"):
        raise TypeError(f"{name} is sparse: pass a dense array, e.g. principal components or {name}.toarray().")
    array = np.asarray(x, dtype=np.float64)
    if array.ndim != 2:
        raise ValueError(
            f"{name} has {array.ndim} dimension(s): expected rows x columns. One column is {name}.reshape(-1, 1)."
        )
    if len(array) < min_rows:
        raise ValueError(f"{name} has {len(array)} row(s): at least {min_rows} are needed.")
    if n_bad := int((~np.isfinite(array)).any(axis=1).sum()):
        raise ValueError(
            f"{name} has NaN or infinite values in {n_bad} of {len(array)} rows: drop or impute these rows."
        )
    return array
