"""What a model of several modalities makes of cells, and how much it minds if some lack modalities."""

from typing import Any

import anndata as ad
import mudata
import numpy as np
import pandas as pd
import scipy.sparse as sp
import scipy.stats
from _report import stopwatch

import gde
from _multimodal.cohorts import N_IN_ONE_LANE
from gde._no_pulling import no_pulling

CLEAR = 0.1  # correlations below this are mostly noise


def joint(
    mdata: mudata.MuData, modalities: dict[str, Any], seed: int, training: dict[str, Any], **setup: Any
) -> tuple[gde.GDEModel, dict[str, Any]]:
    """A model; correlations between modalities of generated and real cells, and what missing modalities do to embeddings."""
    second = list(modalities)[1]
    gde.setup_mudata(mdata, "donor", modalities=modalities, **setup)
    with stopwatch() as timing:
        model = gde.GDEModel(mdata, seed=seed)
        model.train(**training, enable_progress_bar=False, accelerator="cpu")
    both = mdata[(mdata.obsm["_gde_measured"][:, :2] > 0).all(axis=1)].copy()
    sizes = both.obs["donor"].value_counts()
    new = model.generate(groups=sizes.index.tolist(), n_units=sizes.tolist(), seed=seed)
    is_half = np.random.default_rng(seed).random(both.n_obs) < 0.5
    halves = [both[rows].copy() for rows in (is_half, ~is_half)]
    correlations = [cross_correlations(cells, second) for cells in (both, new, *halves)]
    return model, {
        "n_cells": mdata.n_obs,
        "cpu_s": timing.cpu_s,
        **agreement("generated", correlations[0], correlations[1]),
        **agreement("halves", correlations[2], correlations[3]),
        "generated_margins": distance_of_margins(both, new, second),
        "halves_margins": distance_of_margins(*halves, second),
        **missing(model, mdata, modalities, seed),
    }


def cross_correlations(mdata: mudata.MuData, second: str) -> np.ndarray:
    """Correlations of the most variable log-normalised genes with the variables of a second modality, over all cells."""
    parts = []
    for name in ("rna", second):
        counts = mdata[name][mdata.obs_names].X.toarray().astype(float)
        total = counts.sum(1, keepdims=True).clip(1)
        scale = np.median(total) / total if name == "rna" else 1.0
        parts.append(np.log1p(counts * scale))
    genes, others = parts
    stacked = np.corrcoef(np.concatenate([genes, others], axis=1).T)
    return np.nan_to_num(stacked[: genes.shape[1], genes.shape[1] :])


def agreement(what: str, real: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """Slope, mean relative difference and correlation of other correlations and the real ones, where these are clear."""
    clear = np.abs(real) > CLEAR
    x, y = real[clear], other[clear]
    return {
        f"{what}_slope": float(x @ y / (x @ x)) if len(x) else float("nan"),
        f"{what}_difference": float(np.mean(np.abs(y - x) / np.abs(x))) if len(x) else float("nan"),
        f"{what}_r": float(np.corrcoef(x, y)[0, 1]) if len(x) > 1 else float("nan"),
        f"{what}_pairs": int(clear.sum()),
    }


def distance_of_margins(a: mudata.MuData, b: mudata.MuData, second: str) -> float:
    """Wasserstein-1 distance of log1p counts, mean over the variables of a modality."""
    x, y = (np.log1p(cells[second][cells.obs_names].X.toarray()) for cells in (a, b))
    return float(np.mean([scipy.stats.wasserstein_distance(x[:, j], y[:, j]) for j in range(x.shape[1])]))


def missing(model: gde.GDEModel, mdata: mudata.MuData, modalities: dict[str, Any], seed: int) -> dict[str, Any]:
    """Change of embeddings when half of the cells lose a modality, or all have one alone, and the difference between halves of a donor's cells."""
    rng = np.random.default_rng(seed)
    full = model.get_group_embeddings(key_added=None)
    is_half = rng.random(mdata.n_obs) < 0.5
    halves = [model.get_group_embeddings(mdata[rows].copy(), key_added=None) for rows in (is_half, ~is_half)]
    split = distances(*halves)
    figures: dict[str, Any] = {
        "split_half": split.mean(),
        "between_donors": np.mean(
            [
                distances(full, full.iloc[np.roll(np.arange(len(full)), i)].set_axis(full.index)).mean()
                for i in (1, 2, 3)
            ]
        ),
        "without_half": {},
        "donors_below_split_half": {},
        "alone": {},
    }
    for name in modalities:
        has_others = mdata.obsm["_gde_measured"].sum(axis=1) > 1
        lost = mdata.obs_names[has_others & (rng.random(mdata.n_obs) < 0.5)]
        fewer = {key: mdata[key] for key in mdata.mod} | {name: mdata[name][~mdata[name].obs_names.isin(lost)]}
        moved = distances(full, embed(model, fewer, mdata))
        figures["without_half"][name] = moved.mean()
        figures["donors_below_split_half"][name] = float((moved < split).mean())
        figures["alone"][name] = distances(full, embed(model, {name: mdata[name]}, mdata)).mean()
    return figures


def embed(model: gde.GDEModel, modalities: dict[str, ad.AnnData], like: mudata.MuData) -> pd.DataFrame:
    """Embeddings of the donors by some modalities of their cells."""
    with no_pulling():
        mdata = mudata.MuData({name: part.copy() for name, part in modalities.items()})
    mdata.obs["donor"] = like.obs["donor"]
    return model.get_group_embeddings(mdata, key_added=None, allow_missing_genes=True)


def distances(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series:
    """Distance of each donor's embeddings."""
    return np.sqrt(np.square(a - b.loc[a.index]).sum(axis=1))


def counterfactual(model: gde.GDEModel, mdata: mudata.MuData, kept: np.ndarray, seed: int) -> dict[str, float]:
    """Donors of lane "a" generated in lane "b": log fold changes of the proteins' shares against the truth; and what other donors' cells say."""
    donors = mdata.obs["donor"].cat.categories[:N_IN_ONE_LANE].tolist()
    a, b = (mean_counts(model.generate(groups=donors, n_units=400, batch=lane, seed=seed)["prot"].X) for lane in "ab")
    others = mdata["prot"][~mdata.obs.loc[mdata["prot"].obs_names, "donor"].isin(donors)]
    in_b = (mdata.obs.loc[others.obs_names, "lane"] == "b").to_numpy()
    own = mean_counts(mdata["prot"][mdata.obs.loc[mdata["prot"].obs_names, "donor"].isin(donors)].X)
    log_share = lambda mean: np.log(mean / mean.sum())
    truth = log_share(own * kept) - log_share(own)
    guesses = {
        "generated": log_share(b) - log_share(a),
        "other_donors": log_share(mean_counts(others.X[in_b])) - log_share(mean_counts(others.X[~in_b])),
    }
    figures = {f"{name}_error": float(np.abs(guess - truth).mean()) for name, guess in guesses.items()}
    return {
        **figures,
        "size_of_effect": float(np.abs(truth).mean()),
        "generated_slope": float(guesses["generated"] @ truth / (truth @ truth)),
        "depth_generated": float(np.log(b.sum() / a.sum())),
        "depth_true": float(np.log((own * kept).sum() / own.sum())),
    }


def mean_counts(x: sp.csr_matrix) -> np.ndarray:
    """Mean counts of each variable."""
    return np.asarray(x.mean(axis=0)).ravel()
