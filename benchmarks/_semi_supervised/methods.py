"""GDE with and without unlabelled patients, and what it is compared with."""

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from _baselines import log_normalise
from _report import stopwatch
from scipy.spatial.distance import pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gde
from _semi_supervised.cohorts import Cohort

TEST_SHARE, N_FEATURES, UNKNOWN = 0.4, 256, "unknown"
ALL, LABELLED, HALF = "GDE, all patients", "GDE, labelled patients only", "GDE, all patients, half of the sets labelled"


def split(
    label: pd.Series, share: float, seed: int, test_share: float = TEST_SHARE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names of labelled, unlabelled and test patients, each class in proportion; at least two labelled ones of each class."""
    rng, parts = np.random.default_rng(seed), ([], [], [])
    for name in sorted(label.unique()):
        own = rng.permutation(label.index[label == name])
        n_test = max(1, round(test_share * len(own)))
        n_labelled = max(2, round(share * (len(own) - n_test)))
        for part, names in zip(parts, np.split(own, [n_test, n_test + n_labelled]), strict=True):
            part.append(names)
    test, labelled, unlabelled = (np.concatenate(part) for part in parts)
    return labelled, unlabelled, test


def run_gde(
    cohort: Cohort, share: float, seed: int, epochs: int, method: str, test_share: float = TEST_SHARE
) -> dict[str, Any]:
    """Train on one part of the patients, predict the test patients, whom the model has not seen."""
    labelled, unlabelled, test = split(cohort.label, share, seed, test_share)
    group = cohort.adata.obs[cohort.group_key].astype(str).to_numpy()
    names = np.concatenate([labelled, unlabelled]) if method != LABELLED else labelled
    adata = cohort.adata[np.isin(group, names)].copy()
    own = pd.Series(adata.obs[cohort.group_key].astype(str).to_numpy(), index=adata.obs_names)
    adata.obs["known"] = own.map(cohort.label).where(own.isin(labelled), UNKNOWN)
    gde.setup_anndata(adata, group_key=cohort.group_key, labels_key="known", unlabeled_category=UNKNOWN, **cohort.setup)
    model = gde.GDEModel(adata, seed=seed, **cohort.model)
    with stopwatch() as timing:
        model.train(
            epochs,
            group_prior=_prior(model, labelled, method),
            validation_size=0,
            batch_size=512,
            accelerator="cpu",
            enable_progress_bar=False,
        )
    new = cohort.adata[np.isin(group, test)].copy()
    row = scores(model.predict(new), cohort.label) | {"cpu_s": timing.cpu_s}
    # The same embeddings, read by a regression that is fitted afterwards.
    z = pd.concat([model.get_group_embeddings(part, key_added=None) for part in (adata, new)])
    return row | {"logistic_on_z": _logistic(z, cohort.label, labelled, test)}


def _prior(model: gde.GDEModel, labelled: np.ndarray, method: str) -> str | np.ndarray:
    """How often patients are drawn: all alike, or those with a label in half of the sets."""
    has_label = np.isin(list(model.group_names), labelled)
    if method != HALF or has_label.all():
        return "uniform"
    return np.where(has_label, 1 / has_label.sum(), 1 / (~has_label).sum())


def run_baseline(cohort: Cohort, share: float, seed: int, name: str, test_share: float = TEST_SHARE) -> dict[str, Any]:
    """A logistic regression on fixed statistics of the labelled patients."""
    labelled, _, test = split(cohort.label, share, seed, test_share)
    return _logistic(FEATURES[name](cohort.adata, cohort.group_key), cohort.label, labelled, test)


def scores(found: pd.DataFrame, label: pd.Series) -> dict[str, float]:
    """Macro one-against-rest ROC-AUC, and balanced accuracy."""
    truth = label.loc[found.index]
    auc = [roc_auc_score(truth == name, found[name]) for name in found.columns]
    return {
        "auc": float(np.mean(auc)),
        "balanced_accuracy": float(balanced_accuracy_score(truth, found.idxmax(axis=1))),
    }


def _logistic(x: pd.DataFrame, label: pd.Series, labelled: np.ndarray, test: np.ndarray) -> dict[str, float]:
    fit = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced"))
    fit.fit(x.loc[labelled], label.loc[labelled])
    return scores(pd.DataFrame(fit.predict_proba(x.loc[test]), index=test, columns=fit.classes_), label)


def _units(adata: ad.AnnData) -> np.ndarray:
    return log_normalise(adata.X) if sp.issparse(adata.X) else np.asarray(adata.obsm["X_units"], dtype=float)


def mean_and_sd(adata: ad.AnnData, group_key: str) -> pd.DataFrame:
    """Mean and standard deviation of each variable of each patient."""
    table = pd.DataFrame(_units(adata)).groupby(adata.obs[group_key].astype(str).to_numpy())
    return pd.concat([table.mean(), table.std(ddof=0)], axis=1, ignore_index=True)


def kernel_mean(adata: ad.AnnData, group_key: str) -> pd.DataFrame:
    """Mean of random Fourier features of standardised variables; the bandwidth is the median distance."""
    units, rng = StandardScaler().fit_transform(_units(adata)), np.random.default_rng(0)
    some = units[rng.permutation(len(units))[:1000]]
    frequency = rng.normal(size=(units.shape[1], N_FEATURES)) / np.median(pdist(some))
    features = np.cos(units @ frequency + rng.uniform(0, 2 * np.pi, N_FEATURES))
    return pd.DataFrame(features).groupby(adata.obs[group_key].astype(str).to_numpy()).mean()


FEATURES = {"mean and sd": mean_and_sd, "kernel mean": kernel_mean}
