"""How well a classifier tells two samples of units apart."""

import numpy as np
from numpy.typing import ArrayLike

from gde.metrics._checks import check_pair


def c2st(x: ArrayLike, y: ArrayLike, *, n_splits: int = 3, seed: int = 0) -> float:
    """Classifier two-sample test: cross-fitted ROC-AUC of a random forest that tells ``x`` from ``y``.

    The units are cut into ``n_splits`` folds with equal shares of both samples. A forest of 100 trees, fitted on the
    other folds, scores the units of each fold; the ROC-AUC is computed within each fold and averaged over folds. No
    unit is ever scored by a forest that saw it.

    Parameters
    ----------
    x, y
        Samples, units x dimensions (e.g. real and generated), at least ``n_splits`` units each. Use equal numbers of
        units: the power of the test, and so its AUC, depends on them. Report the AUC of two real halves beside it.
    n_splits
        Number of folds, at least 2.
    seed
        Seed of the folds and of the forests.

    Returns
    -------
    Mean ROC-AUC: 0.5 if the samples cannot be told apart, 1 if they separate. Chance may put it a little below 0.5.

    References
    ----------
    Lopez-Paz, D. & Oquab, M. Revisiting classifier two-sample tests. *ICLR* (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import c2st
    >>> rng = np.random.default_rng(0)
    >>> c2st(rng.normal(size=(50, 2)), rng.normal(9, 1, size=(50, 2)))
    1.0
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    if n_splits < 2:
        raise ValueError(f"n_splits={n_splits}: at least 2 folds are needed.")
    pair = check_pair(x, y, ("x", "y"), min_rows=n_splits)
    units, is_y = np.concatenate(pair), np.repeat([0, 1], [len(sample) for sample in pair])
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=seed)
    aucs = []
    for train, test in folds.split(units, is_y):
        forest = RandomForestClassifier(n_estimators=100, random_state=seed, n_jobs=1)
        probability = forest.fit(units[train], is_y[train]).predict_proba(units[test])[:, 1]
        aucs.append(roc_auc_score(is_y[test], probability))
    return float(np.mean(aucs))
