"""Effects of perturbations from mean profiles."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._checks import check_pair, check_rows, check_same_rows


class Effects(NamedTuple):
    """Names of the perturbations, and their effects, (n_perturbations, n_genes), as predicted and as they are."""

    names: pd.Index
    predicted: np.ndarray
    real: np.ndarray


def effects(predicted: ArrayLike, real: ArrayLike, control: ArrayLike, *, min_rows: int = 1) -> Effects:
    """Differences of both means from the mean of the control."""
    check_same_rows(predicted, real)
    _check_same_genes(predicted, real, control)
    prediction, truth = check_pair(predicted, real, ("predicted", "real"), min_rows=min_rows)
    if len(prediction) != len(truth):
        raise ValueError(
            f"predicted has {len(prediction)} rows and real has {len(truth)}: pass the same perturbations in both."
        )
    reference = check_rows(np.atleast_2d(np.asarray(control)), "control", 1)
    if reference.shape != (1, truth.shape[1]):
        raise ValueError(
            f"control has shape {np.shape(control)}: expected the mean of the control cells, ({truth.shape[1]},)."
        )
    names = next((side.index for side in (real, predicted) if isinstance(side, pd.DataFrame)), None)
    return Effects(pd.RangeIndex(len(truth)) if names is None else names, prediction - reference, truth - reference)


def _check_same_genes(predicted: Any, real: Any, control: Any) -> None:
    genes = [side.columns for side in (predicted, real) if isinstance(side, pd.DataFrame)]
    genes += [control.index] if isinstance(control, pd.Series) else []
    if any(not genes[0].equals(other) for other in genes[1:]):
        raise ValueError(
            "predicted, real and control name different genes, or the same in another order: align them, e.g. with "
            "predicted[real.columns] and control[real.columns]."
        )
