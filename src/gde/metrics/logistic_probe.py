"""Can classes of groups be read off their embeddings?"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneOut, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gde.metrics._agreement import balanced_accuracy, roc_auc
from gde.metrics._bootstrap import bootstrap_score
from gde.metrics._checks import check_rows
from gde.metrics._group_labels import group_labels


def logistic_probe(
    embeddings: ArrayLike,
    labels: ArrayLike,
    *,
    n_splits: int | None = 5,
    penalty_strength: float = 1.0,
    n_bootstrap: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Cross-validated logistic regression of classes on embeddings.

    Embeddings are scaled to unit variance within each training fold, classes are weighted to equal sums, and every group is predicted once, by a regression that has not seen it. The scores
    are of all these predictions together.

    Parameters
    ----------
    embeddings
        Embeddings, groups x dimensions.
    labels
        Class of each group; those without one (None, NaN) are left out. Numbers are classes here, too.
    n_splits
        Number of folds, with equal shares of the classes; None: leave one out, whose AUC is biased *downwards* where there is no signal, as leaving out a group
        moves the intercept against it.
    penalty_strength
        Weight of the squared norm of the coefficients, 1 / C of scikit-learn.
    n_bootstrap
        Number of draws of groups, within classes, for the intervals.
    seed
        Seed of the folds and draws.

    Returns
    -------
    DataFrame with the rows ``roc_auc`` (of more than two classes the mean of each against the rest), ``balanced_accuracy`` (mean over the classes of the share that is right) and
    ``accuracy``; and the columns ``value``, ``low`` and ``high`` (95 % interval of fixed predictions, see :class:`Score`), and ``majority``, the score of always naming the largest class. All in
    [0, 1], 1 is best.

    Raises
    ------
    ValueError
        If there is a single class, or one with fewer groups than folds.

    References
    ----------
    Alain, G. & Bengio, Y. Understanding intermediate layers using linear classifier probes. *ICLR workshop* (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import logistic_probe
    >>> ill = np.arange(40) % 4 == 0
    >>> table = logistic_probe(np.column_stack([3.0 * ill, np.ones(40)]), ill)
    >>> table["value"].tolist(), table["majority"].tolist()
    ([1.0, 1.0, 1.0], [0.5, 0.5, 0.75])
    """
    x = check_rows(embeddings, "embeddings")
    rows, truth, classes = group_labels(pd.Series(labels).astype(object), len(x))
    assert classes is not None
    sizes = np.bincount(truth)
    if sizes.min() < (n_splits or 2):
        raise ValueError(
            f"Class {classes[sizes.argmin()]!r} has {sizes.min()} groups, fewer than {n_splits or 2}: merge or drop it, or take fewer `n_splits`."
        )
    folds = LeaveOneOut() if n_splits is None else StratifiedKFold(n_splits, shuffle=True, random_state=seed)
    classifier = LogisticRegression(C=1 / penalty_strength, class_weight="balanced", max_iter=5000)
    pipeline = make_pipeline(StandardScaler(), classifier)
    probability = cross_val_predict(pipeline, x[rows], truth, cv=folds, method="predict_proba")
    chosen, n = probability.argmax(1), len(classes)
    statistics = {
        "roc_auc": (lambda drawn: roc_auc(truth[drawn], probability[drawn]), 0.5),
        "balanced_accuracy": (lambda drawn: balanced_accuracy(truth[drawn], chosen[drawn], n), 1 / n),
        "accuracy": (lambda drawn: float((truth[drawn] == chosen[drawn]).mean()), float(sizes.max() / sizes.sum())),
    }
    scores = {
        name: (*bootstrap_score(statistic, truth, n_bootstrap, seed), majority)
        for name, (statistic, majority) in statistics.items()
    }
    return pd.DataFrame.from_dict(scores, orient="index", columns=["value", "low", "high", "majority"])
