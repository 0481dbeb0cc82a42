"""Which share of an effect a prediction explains."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._effects import effects


def mean_shift_r2(predicted: ArrayLike, real: ArrayLike, control: ArrayLike) -> pd.Series:
    r"""Share of the squared real effect of each perturbation that the prediction explains.

    .. math:: R^2_p = 1 - \frac{\lVert \hat\delta_p - \delta_p \rVert^2}{\lVert \delta_p \rVert^2}, \qquad
        \hat\delta_p = \hat b_p - b_\text{control}, \quad \delta_p = b_p - b_\text{control}

    The yardstick is the prediction that nothing happens, not the mean over genes: other packages give the name R² to the agreement of the *profiles*,
    which is near 1 for the control itself. Of weak effects the denominator is mostly noise; to pool perturbations, divide sums, not the values here:
    ``1 - mean_shift_mse(predicted, ...).sum() / mean_shift_mse(control repeated, ...).sum()``, as :func:`perturbation_scores` does in ``.attrs``.

    Parameters
    ----------
    predicted, real
        Mean profile of each perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order.
    control
        Mean profile of the control cells, (n_genes,).

    Returns
    -------
    Series over perturbations: 1 is perfect, 0 as good as predicting no effect, below 0 worse; NaN where there is no real effect at all.

    References
    ----------
    Ahlmann-Eltze, C., Huber, W. & Anders, S. Deep-learning-based gene perturbation effect prediction does not yet outperform simple linear
    baselines. *Nature Methods* 22, 1657–1661 (2025).

    Examples
    --------
    >>> from gde.metrics import mean_shift_r2
    >>> mean_shift_r2([[1.0, 3.0], [1.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], control=[1.0, 1.0]).tolist()
    [0.0, 0.0]
    """
    names, prediction, truth = effects(predicted, real, control)
    size = (truth**2).sum(1)
    error = ((prediction - truth) ** 2).sum(1)
    return pd.Series(
        1 - np.divide(error, size, out=np.full_like(size, np.nan), where=size > 0), names, name="mean_shift_r2"
    )
