"""How well predictions agree with labels; fast, as a bootstrap calls them a thousand times."""

import numpy as np
from scipy.stats import rankdata


def confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Number of rows of each class (rows) that were given each class (columns)."""
    return np.bincount(truth * n_classes + predicted, minlength=n_classes**2).reshape(n_classes, n_classes)


def macro_f1(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
    """Mean over the classes of the harmonic mean of precision and recall; 0 for a class that is never right."""
    counts = confusion(truth, predicted, n_classes)
    either = counts.sum(0) + counts.sum(1)
    return float((2 * np.diag(counts) / np.maximum(either, 1)).mean())


def balanced_accuracy(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
    """Mean over the classes of the share that is right."""
    counts = confusion(truth, predicted, n_classes)
    return float((np.diag(counts) / counts.sum(1)).mean())


def roc_auc(truth: np.ndarray, probability: np.ndarray) -> float:
    """Area under the ROC curve, of more than two classes the mean of each against the rest; ``probability`` is (n_rows, n_classes)."""
    classes = [1] if probability.shape[1] == 2 else range(probability.shape[1])
    return float(np.mean([_binary_auc(truth == code, probability[:, code]) for code in classes]))


def _binary_auc(is_positive: np.ndarray, score: np.ndarray) -> float:
    n, n_positive = len(score), int(is_positive.sum())
    above = rankdata(score)[is_positive].sum() - n_positive * (n_positive + 1) / 2
    return above / (n_positive * (n - n_positive))


def abs_spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Absolute rank correlation; NaN if either is constant."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(abs(np.corrcoef(rankdata(x), rankdata(y))[0, 1]))
