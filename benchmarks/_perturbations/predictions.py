"""What a method says of the cases that were left out."""

from typing import NamedTuple

import numpy as np
import pandas as pd

N_CELLS = 2000  # generated for each case: their sampling noise is a twentieth of that of the real cells


class Prediction(NamedTuple):
    """Shifts of the mean of log-normalised counts, cases x genes, against the control and against the mean of the training cases of the stratum.

    Beside them log-normalised cells of each case; None: the control's cells with the shift added.
    """

    shift: pd.DataFrame
    specific: pd.DataFrame
    cells: dict[str, np.ndarray] | None = None
    covered: dict[str, bool] | None = None  # whether the conformal region has the embedding of the real cells
