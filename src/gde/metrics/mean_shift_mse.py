"""How far predicted means are from the real ones."""

import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._effects import effects


def mean_shift_mse(predicted: ArrayLike, real: ArrayLike, control: ArrayLike) -> pd.Series:
    r"""Mean squared error of the predicted effect of each perturbation.

    .. math:: \frac1G \sum_g (\hat\delta_{pg} - \delta_{pg})^2, \qquad
        \hat\delta_p = \hat b_p - b_\text{control}, \quad \delta_p = b_p - b_\text{control}

    The real means are of finitely many cells, so even the truth has an error: see :func:`split_half_ceiling`.

    Parameters
    ----------
    predicted, real
        Mean profile of each perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order.
    control
        Mean profile of the control cells, (n_genes,). It cancels, and is asked for so that all scores of a prediction are called alike.

    Returns
    -------
    Series over perturbations, in squared units of the profiles, from 0 upwards, 0 is best.

    References
    ----------
    Ahlmann-Eltze, C., Huber, W. & Anders, S. Deep-learning-based gene perturbation effect prediction does not yet outperform simple linear
    baselines. *Nature Methods* 22, 1657–1661 (2025).

    Examples
    --------
    >>> from gde.metrics import mean_shift_mse
    >>> mean_shift_mse([[1.0, 3.0]], [[1.0, 1.0]], control=[0.0, 0.0]).tolist()
    [2.0]
    """
    names, prediction, truth = effects(predicted, real, control)
    return pd.Series(((prediction - truth) ** 2).mean(1), names, name="mean_shift_mse")
