"""Do predicted genes change in the real direction?"""

import numpy as np
import pandas as pd

from gde.metrics._de_tables import really_different


def de_direction(predicted: pd.DataFrame, real: pd.DataFrame, *, alpha: float = 0.05) -> float:
    """Share of the really differential genes whose predicted fold change has the real sign.

    A predicted fold change of zero has no sign and counts as wrong. Whether the prediction is significant plays no part.

    Parameters
    ----------
    predicted, real
        Tables of :func:`differential_expression` against the same control, same genes. Leave the target gene out.
    alpha
        Largest false discovery rate of a really differential gene.

    Returns
    -------
    Share in [0, 1], 1 is best, 0.5 by chance; NaN if no gene differs really.

    References
    ----------
    Roohani, Y. H. et al. Virtual Cell Challenge: toward a Turing test for the virtual cell. *Cell* 188, 3370–3374 (2025).

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.metrics import de_direction
    >>> real = pd.DataFrame({"log2_fold_change": [2.0, -1.0, 0.1], "q_value": [0.01, 0.01, 0.9]})
    >>> predicted = pd.DataFrame({"log2_fold_change": [0.5, 0.1, 3.0], "q_value": [0.01, 0.01, 0.01]})
    >>> de_direction(predicted, real)
    0.5
    """
    truth = really_different(predicted, real, alpha)
    if not len(truth):
        return float("nan")
    sign, real_sign = (np.sign(table["log2_fold_change"].to_numpy()[truth]) for table in (predicted, real))
    return float((sign == real_sign).mean())
