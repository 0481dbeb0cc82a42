"""A cohort in crossed batches, and what its embeddings say of batch, depth and donors."""

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors

import gde

N_NEIGHBORS = 3


def cohort(seed: int, *, shallow: float = 1.0) -> ad.AnnData:
    """24 donors, each sequenced in two batches; the second has a share ``shallow`` of the depth."""
    adata = gde.datasets.simulate_cohort(
        24, n_units=(100, 200), n_genes=200, batch_effect=0.6, library_size=300, seed=seed
    )
    if shallow < 1:
        kept = np.where(adata.obs["batch"] == "batch2", shallow, 1.0)
        adata.X = thinned(adata.X, kept, np.random.default_rng(seed))
    adata.obs["sample"] = adata.obs["donor"].astype(str) + " in " + adata.obs["batch"].astype(str)
    return adata


def thinned(counts: sp.csr_matrix, kept: np.ndarray, rng: np.random.Generator) -> sp.csr_matrix:
    """Each count as a binomial draw, with the probability of its cell."""
    new = counts.copy()
    new.data = rng.binomial(counts.data.astype(int), np.repeat(kept, np.diff(counts.indptr))).astype(np.float32)
    return new


def measure(model: gde.GDEModel, seed: int) -> dict[str, Any]:
    """All figures of a model whose groups are donors; a sample is what a donor has in one batch."""
    z = _samples(model)
    batch, donor = (z.index.get_level_values(name).astype(str) for name in ("batch", "donor"))
    severity = model.adata.obs.groupby("donor", observed=True)["severity"].first().loc[donor].set_axis(z.index)
    return {
        "r2_batch": _explained(z, pd.get_dummies(pd.Series(batch))),
        "r2_axis": _explained(z, severity.to_frame()),
        "axis_from_z": _axis_from(z.to_numpy(), severity.to_numpy(), donor.to_numpy()),
        "batch_removal": _batch_removal(z.to_numpy(), batch.to_numpy()),
        "donor_beside_itself": _beside_itself(z.to_numpy(), donor.to_numpy()),
        "moved": _moved(model, np.random.default_rng(seed)),
    }


def _samples(model: gde.GDEModel) -> pd.DataFrame:
    """Embeddings of samples: of what each donor has in each batch."""
    if model.group_keys == ["sample"]:
        z = model.get_group_embeddings(key_added=None)
        pairs = [name.split(" in ")[::-1] for name in z.index]
        return z.set_axis(pd.MultiIndex.from_tuples(pairs, names=["batch", "donor"]))
    obs = model.adata.obs
    parts = {name: model.adata[rows].copy() for name, rows in obs.groupby("batch", observed=True).indices.items()}
    each = {name: model.get_group_embeddings(part, key_added=None) for name, part in parts.items()}
    return pd.concat(each, names=["batch", "donor"])


def _explained(z: pd.DataFrame, by: pd.DataFrame) -> float:
    """Share of the variance of z, over all its axes, that a linear regression on something explains."""
    centred = z.to_numpy(float) - z.to_numpy(float).mean(0)
    predictors = by.to_numpy(float) - by.to_numpy(float).mean(0)
    fitted = predictors @ np.linalg.lstsq(predictors, centred, rcond=None)[0]
    return float((fitted**2).sum() / (centred**2).sum())


def _axis_from(z: np.ndarray, severity: np.ndarray, donor: np.ndarray) -> float:
    """R² of the hidden axis by ridge regression on z, cross-validated over donors."""
    found = cross_val_predict(RidgeCV(np.logspace(-3, 3, 13)), z, severity, groups=donor, cv=GroupKFold(6))
    return float(1 - ((found - severity) ** 2).sum() / ((severity - severity.mean()) ** 2).sum())


def _batch_removal(z: np.ndarray, batch: np.ndarray) -> float:
    """1 − the rescaled macro F1 of the batch by a vote of the three nearest samples (SPARE, Shitov et al. 2025); two batches."""
    nearest = NearestNeighbors(n_neighbors=N_NEIGHBORS).fit(z).kneighbors(return_distance=False)
    names = np.unique(batch)
    votes = np.stack([(batch[nearest] == name).sum(1) for name in names], axis=1)
    found = names[votes.argmax(1)]
    f1 = [2 * ((found == n) & (batch == n)).sum() / max(((found == n).sum() + (batch == n).sum()), 1) for n in names]
    return float(1 - np.clip(2 * (np.mean(f1) - 0.5), 0, 1))


def _beside_itself(z: np.ndarray, donor: np.ndarray) -> float:
    """Replicate robustness of the two samples of each donor: 1 if each is the other's nearest, 0.5 by chance."""
    order = np.lexsort((np.arange(len(donor)), donor))
    distances = np.linalg.norm(z[order][:, None] - z[order][None], axis=2)
    np.fill_diagonal(distances, np.inf)
    partner = np.arange(len(order)) ^ 1
    nearer = (distances < distances[np.arange(len(order)), partner][:, None]).sum(1)
    return float(1 - nearer.mean() / (len(order) - 2))


def _moved(model: gde.GDEModel, rng: np.random.Generator) -> dict[str, float]:
    """How far thinning moves a donor, in units of how far its two halves lie apart; medians over donors."""
    z = model.get_group_embeddings(key_added=None)
    names = model.adata.obs[model.group_keys[0]].astype(str).to_numpy()
    first = np.zeros(len(names), bool)
    for name in np.unique(names):
        rows = rng.permutation(np.flatnonzero(names == name))
        first[rows[: len(rows) // 2]] = True
    halves = [
        model.get_group_embeddings(model.adata[part].copy(), key_added=None).loc[z.index] for part in (first, ~first)
    ]
    noise = np.median(np.linalg.norm(halves[0] - halves[1], axis=1))
    moved = {}
    for kept in (0.5, 0.25):
        thin = model.adata.copy()
        thin.X = thinned(thin.X, np.full(thin.n_obs, kept), rng)
        after = model.get_group_embeddings(thin, key_added=None).loc[z.index]
        moved[f"{kept:g}"] = float(np.median(np.linalg.norm(after - z, axis=1)) / noise)
    return moved
