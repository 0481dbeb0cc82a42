"""Where embeddings of targets that were never measured may be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class ConformalRegion(NamedTuple):
    r"""CV+ regions for new targets; what :meth:`EmbeddingRegressor.predict_region` returns.

    With :math:`\hat\mu_{-i}` the regressor that did not see the fold of target i, and :math:`s_i = \lVert z_i - \hat\mu_{-i}(x_i) \rVert`, the region of a new target
    at level :math:`1 - \alpha` is

    .. math:: \Big\{ z : 1 + \#\{i : s_i \ge \lVert z - \hat\mu_{-i}(x) \rVert\} > \alpha (n + 1) \Big\}.

    With exchangeable targets it covers about :math:`1 - \alpha`, and at least ``guaranteed_level``, whatever the regressor (Barber et al. 2021). With n targets it is the whole
    space for :math:`\alpha < 1 / (n + 1)`.

    Parameters
    ----------
    level
        What was asked for.
    fold_predictions
        Prediction of each fold's regressor for each new target, (n_folds, n_new, n_latent).
    fold_of_target
        Fold of each training target, (n_targets,).
    scores
        Distance of each training target from its prediction, (n_targets,), in units of z.
    center
        Prediction of the regressor that saw all targets, (n_new, n_latent).

    References
    ----------
    Barber, R. F., Candès, E. J., Ramdas, A. & Tibshirani, R. J. Predictive inference with the jackknife+. *Annals of Statistics* 49, 486–507 (2021).
    """

    level: float
    fold_predictions: np.ndarray
    fold_of_target: np.ndarray
    scores: np.ndarray
    center: np.ndarray

    @property
    def attainable_level(self) -> float:
        """Highest level at which so many targets say anything."""
        return len(self.scores) / (len(self.scores) + 1)

    @property
    def guaranteed_level(self) -> float:
        """Lower bound of the coverage, for any distribution of exchangeable targets; the coverage is mostly close to ``level``."""
        n, k, alpha = len(self.scores), len(self.fold_predictions), 1 - self.level
        price_of_folds = min(2 * (1 - 1 / k) / (n / k + 1), (1 - k / n) / (k + 1))
        return max(0.0, 1 - 2 * alpha - price_of_folds)

    @property
    def radius(self) -> np.ndarray:
        """Radius of a ball about ``center`` that holds the region of each new target, (n_new,), in units of z."""
        gaps = np.linalg.norm(self.fold_predictions - self.center, axis=2)[self.fold_of_target]
        return np.sort(gaps + self.scores[:, None], axis=0)[-self._n_needed]

    def contains(self, embeddings: ArrayLike) -> np.ndarray:
        """Whether an embedding of each new target, (n_new, n_latent), lies in its region, (n_new,)."""
        points = np.asarray(embeddings, dtype=float)
        if points.shape != self.center.shape:
            raise ValueError(
                f"`embeddings` has shape {points.shape}: expected one for each new target, {self.center.shape}."
            )
        distance = np.linalg.norm(points - self.fold_predictions, axis=2)[self.fold_of_target]
        return (self.scores[:, None] >= distance).sum(0) >= self._n_needed

    @property
    def _n_needed(self) -> int:
        """Number of targets that must have been missed by as much; in steps, which rounding errors must not move."""
        return int(np.floor((1 - self.level) * (len(self.scores) + 1) + 1e-9))
