"""What a method says of the cases that were left out."""

from typing import NamedTuple

import numpy as np
import pandas as pd

N_CELLS = 500  # generated for each case


class Prediction(NamedTuple):
    """Shift of the mean of log-normalised counts, cases x genes, and log-normalised cells of each case; None: the control's cells with the shift added."""

    shift: pd.DataFrame
    cells: dict[str, np.ndarray] | None = None
    covered: dict[str, bool] | None = None  # whether the conformal region has the embedding of the real cells
