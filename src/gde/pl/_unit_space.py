"""Where real and generated units are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import PCA

N_COMPONENTS = 20


def dense_rows(values: Any, rows: np.ndarray) -> np.ndarray:
    """Some units as a matrix, (n_units, any)."""
    chosen = values[rows]
    return np.asarray(chosen.toarray() if sp.issparse(chosen) else chosen, dtype=float).reshape(len(rows), -1)


def are_counts(values: Any) -> bool:
    """Whether values, in a dense or sparse matrix, are whole numbers and none is negative."""
    stored = values.data if sp.issparse(values) else np.asarray(values)
    return bool(((stored >= 0) & (stored == np.round(stored))).all())


def both_counts(new: Any, *real: Any) -> bool:
    """Whether generated and real values are counts; real ones that are not, where the generated ones are, come from the wrong place."""
    if not are_counts(new):
        return False
    if not all(map(are_counts, real)):
        raise ValueError(
            "`layer`: the generated units are counts and the real ones are not. Name the layer that holds the counts, e.g. `layer='counts'`."
        )
    return True


def log_normalise(samples: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Counts log-normalised to the median library size of the first sample."""
    sizes = [np.maximum(counts.sum(1, keepdims=True), 1) for counts in samples]
    scale = float(np.median(sizes[0]))
    return [np.log1p(counts * (scale / size)) for counts, size in zip(samples, sizes, strict=True)]


def to_components(samples: Sequence[np.ndarray], n_real: int) -> list[np.ndarray]:
    """All samples in 20 principal components of the first ``n_real`` of them."""
    real = np.concatenate(samples[:n_real])
    space = PCA(min(N_COMPONENTS, *real.shape), random_state=0).fit(real)
    return [space.transform(values) for values in samples]
