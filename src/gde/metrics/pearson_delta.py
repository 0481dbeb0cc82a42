"""Does a predicted effect point the right way?"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._effects import effects


def pearson_delta(predicted: ArrayLike, real: ArrayLike, control: ArrayLike) -> pd.Series:
    r"""Pearson correlation over genes of the predicted and the real effect of each perturbation.

    .. math:: \operatorname{corr}_g(\hat\delta_{pg}, \delta_{pg}), \qquad
        \hat\delta_p = \hat b_p - b_\text{control}, \quad \delta_p = b_p - b_\text{control}

    One control stands on both sides, so its noise alone makes predictions correlate with the truth: compare with a baseline
    (:func:`perturbation_baselines`), never with 0.

    Parameters
    ----------
    predicted, real
        Mean profile of each perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order.
    control
        Mean profile of the control cells, (n_genes,).

    Returns
    -------
    Series over perturbations (named by the rows of a DataFrame), in [-1, 1], 1 is best. A prediction that is no effect at all, or the same shift of every
    gene, has no direction: 0.

    References
    ----------
    Roohani, Y., Huang, K. & Leskovec, J. Predicting transcriptional outcomes of novel multigene perturbations with GEARS. *Nature Biotechnology*
    42, 927–935 (2024).

    Examples
    --------
    >>> from gde.metrics import pearson_delta
    >>> pearson_delta([[2.0, 1.0, 0.0]], [[4.0, 1.0, -2.0]], control=[1.0, 1.0, 1.0]).tolist()
    [1.0]
    """
    names, prediction, truth = effects(predicted, real, control)
    x, y = (side - side.mean(1, keepdims=True) for side in (prediction, truth))
    norm = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    correlation = np.divide((x * y).sum(1), norm, out=np.zeros_like(norm), where=norm > 0)
    return pd.Series(np.clip(correlation, -1, 1), names, name="pearson_delta")
