"""What any prediction of unseen perturbations must beat."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gde.metrics._checks import check_pair, check_rows, check_same_rows

_PENALTIES = np.logspace(-3, 5, 17)


def perturbation_baselines(features: ArrayLike, means: ArrayLike, new_features: ArrayLike) -> dict[str, pd.DataFrame]:
    """Predict the mean profiles of new perturbations by the simplest means.

    Parameters
    ----------
    features
        What is known of each training perturbation, perturbations x features: an embedding of the target gene, a fingerprint of the drug.
    means
        Mean profile of each training perturbation, e.g. of log-normalised counts, perturbations x genes, in the same order; at least 2. Rows of
        DataFrames must be named alike.
    new_features
        Features of the perturbations to predict.

    Returns
    -------
    Dictionary of DataFrames, new perturbations x genes:

    - ``mean_response``: the mean of all training perturbations, the same for each
    - ``nearest_neighbour``: the profile of the training perturbation with the nearest features (Euclidean, each feature scaled to unit variance)
    - ``linear``: ridge regression of the profiles on scaled features; the penalty, of 17 from 1e-3 to 1e5, by leave-one-out error

    In a leave-one-out design the mean response differs a little from one perturbation to the next, *against* the one left out: its correlation with the truth may
    fall below that of a constant.

    References
    ----------
    Ahlmann-Eltze, C., Huber, W. & Anders, S. Deep-learning-based gene perturbation effect prediction does not yet outperform simple linear
    baselines. *Nature Methods* 22, 1657–1661 (2025).

    Examples
    --------
    >>> from gde.metrics import perturbation_baselines
    >>> predictions = perturbation_baselines([[0.0], [1.0], [2.0]], [[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]], [[1.1]])
    >>> predictions["mean_response"].to_numpy().tolist(), predictions["nearest_neighbour"].to_numpy().tolist()
    ([[2.0, 1.0]], [[2.0, 1.0]])
    """
    known, new = check_pair(features, new_features, ("features", "new_features"), min_rows=1)
    check_same_rows(features, means)
    _check_same_features(features, new_features)
    profiles = check_rows(means, "means")
    if len(known) != len(profiles):
        raise ValueError(f"features has {len(known)} rows and means has {len(profiles)}: one for each perturbation.")
    scaler = StandardScaler().fit(known)
    nearest = cdist(scaler.transform(new), scaler.transform(known)).argmin(1)
    linear = make_pipeline(StandardScaler(), RidgeCV(_PENALTIES)).fit(known, profiles)
    predictions = {
        "mean_response": np.broadcast_to(profiles.mean(0), (len(new), profiles.shape[1])),
        "nearest_neighbour": profiles[nearest],
        "linear": linear.predict(new).reshape(len(new), -1),
    }
    rows = new_features.index if isinstance(new_features, pd.DataFrame) else None
    genes = means.columns if isinstance(means, pd.DataFrame) else None
    return {name: pd.DataFrame(values, index=rows, columns=genes) for name, values in predictions.items()}


def _check_same_features(known: Any, new: Any) -> None:
    both = isinstance(known, pd.DataFrame) and isinstance(new, pd.DataFrame)
    if both and not known.columns.equals(new.columns):
        raise ValueError(
            "features and new_features name different columns, or the same in another order: align them, e.g. with new_features[features.columns]."
        )
