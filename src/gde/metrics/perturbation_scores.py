"""All scores of predicted mean effects."""

import pandas as pd
from numpy.typing import ArrayLike

from gde.metrics._effects import effects
from gde.metrics.discrimination_score import discrimination_score
from gde.metrics.mean_shift_mse import mean_shift_mse
from gde.metrics.mean_shift_r2 import mean_shift_r2
from gde.metrics.pearson_delta import pearson_delta


def perturbation_scores(predicted: ArrayLike, real: ArrayLike, control: ArrayLike) -> pd.DataFrame:
    r"""Every score of the predicted means of perturbations.

    Parameters
    ----------
    predicted, real
        Mean profile of each perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order; at least 2.
    control
        Mean profile of the control cells, (n_genes,).

    Returns
    -------
    DataFrame with a row per perturbation and the columns ``pearson_delta``, ``mean_shift_r2``, ``mean_shift_mse``, ``discrimination_cosine`` and
    ``discrimination_cityblock``, each as the function of that name gives it; and in ``.attrs`` the ``pooled_r2`` of all perturbations,
    :math:`1 - \sum_p \lVert \hat\delta_p - \delta_p \rVert^2 / \sum_p \lVert \delta_p \rVert^2`, in which strong effects count more (NaN if there are none).

    Examples
    --------
    >>> from gde.metrics import perturbation_scores
    >>> scores = perturbation_scores([[2.0, 1.0], [1.0, 3.0]], [[3.0, 1.0], [1.0, 2.0]], control=[1.0, 1.0])
    >>> scores["discrimination_cosine"].tolist(), round(scores.attrs["pooled_r2"], 2)
    ([1.0, 1.0], 0.6)
    """
    scores = pd.concat(
        [score(predicted, real, control) for score in (pearson_delta, mean_shift_r2, mean_shift_mse)]
        + [discrimination_score(predicted, real, control, distance=distance) for distance in ("cosine", "cityblock")],
        axis=1,
    )
    _, prediction, truth = effects(predicted, real, control)
    size = float((truth**2).sum())
    scores.attrs["pooled_r2"] = 1 - float(((prediction - truth) ** 2).sum()) / size if size else float("nan")
    return scores
