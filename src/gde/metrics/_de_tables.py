"""Tables of differential expression, of the same genes."""

import numpy as np
import pandas as pd

COLUMNS = ("log2_fold_change", "q_value")


def _check_tables(predicted: pd.DataFrame, real: pd.DataFrame) -> None:
    """Both tables are of :func:`gde.metrics.differential_expression` and of the same genes."""
    for name, table in (("predicted", predicted), ("real", real)):
        if missing := [column for column in COLUMNS if column not in table]:
            raise ValueError(f"{name} has no column {missing[0]!r}: pass what `differential_expression` returns.")
    if not predicted.index.equals(real.index):
        raise ValueError("predicted and real name different genes, or the same in another order: align them first.")


def really_different(predicted: pd.DataFrame, real: pd.DataFrame, alpha: float) -> np.ndarray:
    """Positions of the genes that differ really, strongest first, once both tables are checked."""
    _check_tables(predicted, real)
    return strongest(real, alpha)


def strongest(table: pd.DataFrame, alpha: float) -> np.ndarray:
    """Positions of the genes with q < alpha, largest absolute fold change first."""
    change = table["log2_fold_change"].abs().to_numpy()
    order = np.argsort(-change, kind="stable")
    return order[table["q_value"].to_numpy()[order] < alpha]
