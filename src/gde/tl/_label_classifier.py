"""Labels of units that have none."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

from gde.tl._values import log_normalise

MAX_UNITS, N_COMPONENTS, N_FOLDS = 10_000, 30, 3


class LabelClassifier:
    """Logistic regression on principal components of log-normalised counts (of the values, where units are continuous).

    Parameters
    ----------
    values
        Units, counts in CSR or dense values.
    labels
        Their labels; units without one are left out, and at most 10,000 units are used.
    scale
        Library size that counts are brought to; None: values stay as they are.
    seed
        Seed of the choice of units.

    Attributes
    ----------
    names
        The labels, in order.
    accuracy
        Mean accuracy in 3-fold cross-validation; NaN where a label has fewer than 3 units.
    """

    def __init__(self, values: np.ndarray | sp.csr_matrix, labels: pd.Series, scale: float | None, seed: int):
        rows = np.flatnonzero(labels.notna())
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MAX_UNITS])
        y = labels.iloc[rows].astype(str).to_numpy()
        self._scale = scale
        x = log_normalise(values[rows], scale)
        self._pipeline = self._make(x, seed).fit(x, y)
        self.names: list[str] = self._pipeline.classes_.tolist()
        is_enough = np.unique(y, return_counts=True)[1].min() >= N_FOLDS
        self.accuracy = (
            float(cross_val_score(self._make(x, seed), x, y, cv=N_FOLDS).mean()) if is_enough else float("nan")
        )

    @staticmethod
    def _make(x: np.ndarray, seed: int) -> Pipeline:
        n_components = min(N_COMPONENTS, x.shape[1], len(x) // 2)
        return make_pipeline(PCA(n_components, random_state=seed), LogisticRegression(max_iter=1000))

    def probabilities(self, values: np.ndarray | sp.csr_matrix) -> np.ndarray:
        """Probability of each label for each unit, shape (n_units, n_labels)."""
        return self._pipeline.predict_proba(log_normalise(values, self._scale))
