"""Does a predicted effect find its own perturbation?"""

from typing import Literal

import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._effects import effects
from gde.metrics._own_ranks import own_ranks


def discrimination_score(
    predicted: ArrayLike,
    real: ArrayLike,
    control: ArrayLike,
    *,
    distance: Literal["cityblock", "cosine", "euclidean"] = "cosine",
) -> pd.Series:
    r"""Rank of each perturbation's own real effect among all real effects, by distance to its predicted effect.

    .. math::
        1 - \frac{1}{n-1} \Big(\#\{q \ne p : d_{pq} < d_{pp}\} + \tfrac12 \#\{q \ne p : d_{pq} = d_{pp}\}\Big), \qquad
        d_{pq} = d(\hat\delta_p, \delta_q)

    It is the perturbation discrimination score of the Virtual Cell Challenge with the ranks of 2026 (its first version divides by n, not by n - 1). The knocked-down gene gives its
    perturbation away: leave target genes out of all three arguments, e.g. with ``.drop(columns=targets)``.

    Parameters
    ----------
    predicted, real
        Mean profile of each perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order; at least 2.
    control
        Mean profile of the control cells, (n_genes,).
    distance
        ``"cosine"`` sees the direction alone (an effect of zero lies at distance 1 from all), ``"cityblock"`` (L1) and ``"euclidean"`` see the size, too.

    Returns
    -------
    Series over perturbations, in [0, 1]: 1 if the own effect is nearest, 0.5 on average by chance. A prediction that is the same for all perturbations has the
    mean 0.5.

    References
    ----------
    Roohani, Y. H. et al. Virtual Cell Challenge: toward a Turing test for the virtual cell. *Cell* 188, 3370–3374 (2025).

    Examples
    --------
    >>> from gde.metrics import discrimination_score
    >>> real = [[2.0, 1.0], [1.0, 2.0], [0.0, 1.0]]
    >>> discrimination_score([[9.0, 1.0], [1.0, 3.0], [3.0, 1.0]], real, control=[1.0, 1.0]).tolist()
    [1.0, 1.0, 0.0]
    """
    names, prediction, truth = effects(predicted, real, control, min_rows=2)
    ranks = own_ranks(prediction, truth, distance)
    return pd.Series(1 - ranks / (len(names) - 1), names, name=f"discrimination_{distance}")
