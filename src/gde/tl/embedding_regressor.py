"""Embeddings of groups that were never measured, from what is known of them."""

from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from gde.tl.conformal_region import ConformalRegion

Method = Literal["ridge", "kernel_ridge", "mlp"]
MIN_TARGETS = 4  # a fold must leave enough to choose a penalty
MAX_LEFT_OUT_ONE_BY_ONE = 30
N_FOLDS = 10  # of more targets
PENALTIES = np.logspace(-3, 5, 17)


class EmbeddingRegressor(RegressorMixin, BaseEstimator):
    r"""Predict embeddings of groups from features of them, with the interface of scikit-learn.

    Features may be of any kind: an embedding of the gene that is knocked out (:func:`gene_features`, or a language model's), a fingerprint of a drug, the
    embedding of a clone's early cells. What is predicted is an embedding, or its shift against a control, which is added to the control's embedding afterwards;
    ``model.generate(embeddings=...)`` then makes cells of groups that nobody has measured.

    Embeddings of few units are noisy. With ``covariances`` a target with the noise :math:`\operatorname{tr} \Sigma_i` has the weight

    .. math:: w_i \propto \Big(\sigma^2 + \operatorname{tr} \Sigma_i\Big)^{-1}, \qquad
        \sigma^2 = \max\Big(0,\ \operatorname{tr} \operatorname{Cov}(z) - \overline{\operatorname{tr} \Sigma_i}\Big),

    so that groups that differ truly count alike, however many units they have, and groups that differ by their noise count by its inverse.

    Parameters
    ----------
    method
        ``"ridge"``: linear, the penalty, of 17 from 1e-3 to 1e5, by leave-one-out error. ``"kernel_ridge"``: a Gaussian kernel, penalty and width by
        cross-validation. ``"mlp"``: a network with one hidden layer of 32 units. Features are scaled to unit variance.
    n_folds
        Number of folds that residuals for uncertainty are from; None: each target is left out once, or 10 folds of more than 30 targets.
    seed
        Seed of folds and networks.

    Attributes
    ----------
    residuals_
        Embedding less the prediction of the regressor that did not see it, (n_targets, n_latent).
    attainable_level_
        Highest level of a conformal region that says anything: n / (n + 1) with n targets.

    References
    ----------
    Barber, R. F., Candès, E. J., Ramdas, A. & Tibshirani, R. J. Predictive inference with the jackknife+. *Annals of Statistics* 49, 486–507 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.tl import EmbeddingRegressor
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(20, 3))
    >>> embeddings = features @ rng.normal(size=(3, 2)) + 0.1 * rng.normal(size=(20, 2))
    >>> regressor = EmbeddingRegressor().fit(features, embeddings)
    >>> mean, sd = regressor.predict(features[:1], return_std=True)
    >>> bool((np.abs(mean - embeddings[:1]) < 5 * sd).all())
    True
    >>> region = regressor.predict_region(features[:1], level=0.9)
    >>> round(region.attainable_level, 3), region.contains(mean).tolist()
    (0.952, [True])
    """

    def __init__(self, method: Method = "ridge", *, n_folds: int | None = None, seed: int = 0):
        self.method = method
        self.n_folds = n_folds
        self.seed = seed

    def fit(
        self,
        features: ArrayLike,
        embeddings: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        covariances: ArrayLike | None = None,
    ) -> Self:
        """Learn the map, once from all targets and once without each fold.

        Parameters
        ----------
        features
            Targets x features.
        embeddings
            Targets x n_latent, in the same order: embeddings, or shifts of them. A DataFrame names the columns of predictions.
        weights
            Weight of each target, not negative; None: all alike, unless there are covariances.
        covariances
            Covariance of each embedding, (n_targets, n_latent, n_latent), as ``model.get_group_embeddings(return_cov=True)`` returns them.

        Raises
        ------
        ValueError
            If there are fewer than 4 targets, arguments do not fit, or a covariance is not known (of a group of one unit).
        """
        if self.method not in get_args(Method):
            raise ValueError(f"method={self.method!r}: expected one of {', '.join(map(repr, get_args(Method)))}.")
        _check_same_targets(features, embeddings)
        if np.ndim(embeddings) == 1:
            raise ValueError("embeddings has one dimension: one column is embeddings.reshape(-1, 1).")
        x, z = validate_data(self, features, embeddings, dtype=np.float64, multi_output=True, y_numeric=True)
        n = len(z)
        if n < MIN_TARGETS:
            raise ValueError(f"There are {n} targets, and at least {MIN_TARGETS} are needed: add targets.")
        trust = _Trust.of(weights, covariances, z.shape)
        self.columns_ = embeddings.columns if isinstance(embeddings, pd.DataFrame) else None
        self.fold_of_target_ = self._folds(n)
        self.map_ = _Map.fit(x, z, trust, self.method, self.seed)
        self.fold_maps_ = []
        self.residuals_ = np.empty_like(z)
        for fold in range(self.fold_of_target_.max() + 1):
            is_out = self.fold_of_target_ == fold
            if trust.weights is not None and np.count_nonzero(trust.weights[~is_out]) < MIN_TARGETS - 1:
                raise ValueError(
                    "`weights`: without one of the folds fewer than 3 targets with a weight above 0 are left to learn from. Give more targets a "
                    "weight, or set a higher `n_folds`."
                )
            without = _Map.fit(x[~is_out], z[~is_out], trust.take(~is_out), self.method, self.seed)
            self.residuals_[is_out] = z[is_out] - without(x[is_out])
            self.fold_maps_.append(without)
        self.attainable_level_ = n / (n + 1)
        return self

    def predict(self, features: ArrayLike, return_std: bool = False) -> Any:
        r"""Embeddings of new targets.

        Parameters
        ----------
        features
            New targets x the features of training.
        return_std
            Also return how far off each coordinate may be: the standard deviation about the prediction of what the folds predict plus their
            residuals, :math:`\big(\frac1n \sum_i (\hat\mu_{-i}(x) + r_i - \hat\mu(x))^2\big)^{1/2}`.

        Returns
        -------
        Embeddings, new targets x n_latent, a DataFrame if training had one; with ``return_std`` a pair of such.
        """
        x, mean = self._map(features)
        if not return_std:
            return self._frame(mean, features)
        folds = np.stack([fitted(x) for fitted in self.fold_maps_])[self.fold_of_target_]
        sd = np.sqrt(((folds + self.residuals_[:, None] - mean) ** 2).mean(0))
        return self._frame(mean, features), self._frame(sd, features)

    def predict_region(self, features: ArrayLike, level: float = 0.9) -> ConformalRegion:
        """Joint CV+ conformal regions for the embeddings of new targets.

        Parameters
        ----------
        features
            New targets x the features of training.
        level
            Probability of covering, at most ``attainable_level_``.

        Raises
        ------
        ValueError
            If so few targets do not attain the level.
        """
        x, mean = self._map(features)
        if not 0 < level < 1:
            raise ValueError(f"`level` is a probability between 0 and 1, e.g. 0.9, not {level}.")
        n = len(self.residuals_)
        if level > self.attainable_level_ + 1e-9:
            needed = int(np.ceil(level / (1 - level) - 1e-9))
            raise ValueError(
                f"{n} targets attain at most the level {self.attainable_level_:.3f}: ask for that or less, or train with at least {needed} targets."
            )
        scores = np.linalg.norm(self.residuals_, axis=1)
        return ConformalRegion(
            level, np.stack([fitted(x) for fitted in self.fold_maps_]), self.fold_of_target_, scores, mean
        )

    def _folds(self, n: int) -> np.ndarray:
        """Fold of each target."""
        n_folds = self.n_folds if self.n_folds is not None else (n if n <= MAX_LEFT_OUT_ONE_BY_ONE else N_FOLDS)
        if not 2 <= n_folds <= n:
            raise ValueError(f"n_folds={n_folds}: expected 2 to {n}, the number of targets.")
        return np.random.default_rng(self.seed).permutation(np.arange(n) % n_folds)

    def _map(self, features: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        x = validate_data(self, features, dtype=np.float64, reset=False)
        return x, self.map_(x)

    def _frame(self, values: np.ndarray, features: Any) -> np.ndarray | pd.DataFrame:
        if self.columns_ is None:
            return values
        return pd.DataFrame(values, getattr(features, "index", None), self.columns_)


class _Trust(NamedTuple):
    """Weights of targets, or the noise that they follow from, or neither."""

    weights: np.ndarray | None = None
    noise: np.ndarray | None = None

    @classmethod
    def of(cls, weights: ArrayLike | None, covariances: ArrayLike | None, shape: tuple[int, int]) -> "_Trust":
        if weights is not None and covariances is not None:
            raise ValueError("Pass either `weights` or `covariances`, which weights are made of, not both.")
        if weights is not None:
            w = np.asarray(weights, dtype=float)
            if w.shape != shape[:1] or not np.isfinite(w).all() or (w < 0).any() or not w.any():
                raise ValueError(f"`weights` must be {shape[0]} numbers that are not negative, one for each target.")
            return cls(weights=w)
        if covariances is None:
            return cls()
        sigma = np.asarray(covariances, dtype=float)
        if sigma.shape != (*shape, shape[1]):
            raise ValueError(f"`covariances` has shape {sigma.shape}: expected {(*shape, shape[1])}.")
        noise = np.trace(sigma, axis1=1, axis2=2)
        if n_unknown := int((~np.isfinite(noise)).sum()):
            raise ValueError(
                f"`covariances` has NaN for {n_unknown} of {shape[0]} targets, e.g. groups of one unit: drop these targets, or pass `weights`."
            )
        return cls(noise=noise)

    def take(self, rows: np.ndarray) -> "_Trust":
        """Those of some targets."""
        return _Trust(*(None if part is None else part[rows] for part in (self.weights, self.noise)))

    def of_targets(self, z: np.ndarray) -> np.ndarray:
        """Weights with mean 1, from these targets alone: no fold may know of those left out."""
        if self.noise is not None:
            between = max(0.0, z.var(0, ddof=1).sum() - self.noise.mean())
            variance = between + self.noise
            weights = 1 / np.maximum(variance, max(variance.max(), 1e-300) * 1e-6)
        else:
            weights = np.ones(len(z)) if self.weights is None else self.weights
        return weights / weights.mean()


class _Map(NamedTuple):
    """A fitted regression on scaled features and embeddings."""

    scaler: StandardScaler
    mean: np.ndarray
    scale: float
    regressor: Any

    @classmethod
    def fit(cls, x: np.ndarray, z: np.ndarray, trust: _Trust, method: Method, seed: int) -> "_Map":
        weights = trust.of_targets(z)
        x, z, weights = (part[weights > 0] for part in (x, z, weights))  # others make leave-one-out errors NaN
        mean = np.average(z, axis=0, weights=weights)  # a kernel regression has no intercept of its own
        scale = float((z - mean).std()) or 1.0
        scaler = StandardScaler().fit(x)
        regressor = _regressor(method, seed, len(z))
        return cls(scaler, mean, scale, regressor.fit(scaler.transform(x), (z - mean) / scale, sample_weight=weights))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.mean + self.scale * self.regressor.predict(self.scaler.transform(x)).reshape(len(x), -1)


def _regressor(method: Method, seed: int, n: int) -> Any:
    if method == "ridge":
        return RidgeCV(PENALTIES)
    if method == "mlp":
        return MLPRegressor(
            hidden_layer_sizes=(32,), alpha=1.0, learning_rate_init=0.01, max_iter=2000, random_state=seed
        )
    grid = {"alpha": np.logspace(-2, 2, 5), "gamma": [0.03, 0.1, 0.3, 1.0]}
    return GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=min(5, n), scoring="neg_mean_squared_error")


def _check_same_targets(features: Any, embeddings: Any) -> None:
    both = isinstance(features, pd.DataFrame) and isinstance(embeddings, pd.DataFrame)
    if both and not features.index.equals(embeddings.index):
        raise ValueError(
            "The rows of features and embeddings name different targets, or the same in another order: align them, e.g. with features.loc[embeddings.index]."
        )
