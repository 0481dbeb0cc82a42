"""Are the strongest genes of a prediction the real ones?"""

import pandas as pd

from gde.metrics._de_tables import really_different, strongest


def de_overlap(predicted: pd.DataFrame, real: pd.DataFrame, *, alpha: float = 0.05) -> float:
    r"""Share of the really differential genes that are among as many of the strongest predicted ones.

    .. math:: \frac{|R \cap \hat R_k|}{k}, \qquad k = |R|,

    where R are the genes with :math:`q < \alpha` between real perturbed and control cells, and :math:`\hat R_k` the k genes of largest absolute fold change among those with
    :math:`q < \alpha` between predicted and control cells (all of them if they are fewer). It is ``overlap_at_N`` of cell-eval, the differential expression score of
    the Virtual Cell Challenge 2025.

    Parameters
    ----------
    predicted, real
        Tables of :func:`differential_expression` against the same control, same genes. Leave the target gene out.
    alpha
        Largest false discovery rate.

    Returns
    -------
    Share in [0, 1], 1 is best; 0 if no gene differs really.

    References
    ----------
    Roohani, Y. H. et al. Virtual Cell Challenge: toward a Turing test for the virtual cell. *Cell* 188, 3370–3374 (2025).

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.metrics import de_overlap
    >>> real = pd.DataFrame({"log2_fold_change": [2.0, -1.0, 0.1], "q_value": [0.01, 0.01, 0.9]})
    >>> predicted = pd.DataFrame({"log2_fold_change": [0.5, 0.1, 3.0], "q_value": [0.01, 0.01, 0.01]})
    >>> de_overlap(predicted, real)
    0.5
    """
    truth = really_different(predicted, real, alpha)
    if not len(truth):
        return 0.0
    return len(set(truth) & set(strongest(predicted, alpha)[: len(truth)])) / len(truth)
