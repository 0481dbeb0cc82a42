"""Random yeast promoters: do embeddings order expression, and do generated promoters carry the motifs of real ones?"""

from typing import Any

import numpy as np
import pandas as pd
import torch
from _report import test_data
from anndata import AnnData
from scipy.stats import spearmanr

import gde
from _sequences.markov import markov_promoters
from _sequences.train import train
from gde.generators import Autoregressive
from gde.metrics import (
    kmer_spectrum_correlation,
    motif_counts,
    nearest_sequence_distance,
    read_jaspar,
    sequence_diversity,
)
from gde.observations import Convolution

N_LATENT, N_LETTERS = 8, 5
BATCH_SIZE, SET_SIZE = (
    256,
    64,
)  # a few promoters say little of their expression: z of small sets is noise, which the generator learns to mistrust
N_ENDS = 5  # quantiles at either end that count as low and high
P_VALUE = 1e-3  # so that motifs of five letters can match
N_NEAREST = 40  # sequences whose nearest training sequence is looked for


def promoters(*, seed: int, n_steps: int, **others: Any) -> dict[str, Any]:
    """Both kinds of label, on the same fifth of promoters held out."""
    adata = gde.datasets.yeast_promoters()
    adata = AnnData(obs=adata.obs.assign(sequence=adata.obs["core"].str.upper()))
    rng = np.random.default_rng(seed)
    is_held_out = rng.random(adata.n_obs) < 0.2
    parts = [adata[~is_held_out].copy(), adata[is_held_out].copy()]
    motifs = read_jaspar(test_data("jaspar2024_core_scerevisiae.jaspar"))
    results: dict[str, Any] = {
        "n_units": [part.n_obs for part in parts],
        "n_motifs": len(motifs),
        "n_steps": n_steps,
        "batch_size": BATCH_SIZE,
        "set_size": SET_SIZE,
    }
    training, held_out = (part.obs for part in parts)
    counts = {"training": motif_counts(training["sequence"], motifs, p_value=P_VALUE)}
    counts["held_out"] = motif_counts(held_out["sequence"], motifs, p_value=P_VALUE)
    results["real"] = _quality(held_out, training, training, counts["held_out"], counts["training"])
    chain = markov_promoters(training, held_out["expression_bin"].value_counts(), seed)
    own = motif_counts(chain["sequence"], motifs, p_value=P_VALUE)
    results["markov"] = _quality(held_out, chain, training, counts["held_out"], own)
    for kind in ("quantiles", "continuous"):
        model = _fit(parts[0], kind, seed, n_steps)
        new, rho = _embed_and_generate(model, parts[1], kind, seed)
        own = motif_counts(new["sequence"], motifs, p_value=P_VALUE)
        print(f"{kind}: Spearman {rho:.3f}", flush=True)
        results[kind] = {"spearman": rho} | _quality(held_out, new, training, counts["held_out"], own)
    return results


def _fit(adata: AnnData, kind: str, seed: int, n_steps: int) -> gde.GDEModel:
    torch.manual_seed(seed)  # of featuriser and generator, which are made here
    length = int(adata.obs["sequence"].str.len().max()) + 30  # held-out promoters may be longer
    labels: dict[str, Any] = {"group_key": "expression_bin"}
    if kind == "continuous":
        labels = {"group_key": "expression", "group_kind": "continuous"}
    return train(
        adata,
        n_steps=n_steps,
        batch_size=BATCH_SIZE,
        set_size=SET_SIZE,
        seed=seed,
        setup=labels | {"sequence_key": "sequence", "alphabet": "dna", "max_length": length},
        n_latent=N_LATENT,
        n_hidden=64,
        featuriser=Convolution(N_LETTERS, n_channels=32),
        generator=Autoregressive(length, N_LATENT, n_letters=N_LETTERS, n_hidden=48, n_layers=1),
    )


def _embed_and_generate(model: gde.GDEModel, held_out: AnnData, kind: str, seed: int) -> tuple[pd.DataFrame, float]:
    """Promoters generated from the embeddings of held-out ones, and how the first axis orders expression."""
    mean = held_out.obs.groupby("expression_bin", observed=True)["expression"].mean()
    sizes = held_out.obs["expression_bin"].value_counts().reindex(mean.index).to_numpy()
    groups, labels, n_units = mean.index.tolist(), mean.to_numpy(), sizes
    if kind == "continuous":  # neighbouring quantiles may have one mean: many promoters tie
        labels, place = np.unique(labels, return_inverse=True)
        groups, n_units = labels.tolist(), np.bincount(place, weights=sizes).astype(int)
    z = model.get_group_embeddings(held_out, groups=groups, key_added=None).to_numpy()
    axis = np.linalg.svd(z - z.mean(0), full_matrices=False)[2][0]
    rho = abs(spearmanr(z @ axis, labels)[0])
    new = model.generate(held_out, groups=groups, n_units=n_units.tolist(), seed=seed).obs
    return new.assign(expression_bin=np.repeat(mean.index.to_numpy(), sizes)), float(rho)


def _quality(
    real: pd.DataFrame, other: pd.DataFrame, training: pd.DataFrame, real_counts: pd.DataFrame, own: pd.DataFrame
) -> dict[str, Any]:
    """Other promoters beside held-out ones; where the others are the training promoters, this is the ceiling."""
    changes = [_change(counts, obs) for counts, obs in ((real_counts, real), (own, other))]
    n = min(len(real), len(other))
    first, second = (obs["sequence"].sample(n, random_state=0) for obs in (real, other))
    some = (real if other is training else other)["sequence"].sample(N_NEAREST, random_state=0).tolist()
    nearest = nearest_sequence_distance(some, training["sequence"].tolist())
    return {
        "motif_change_pearson": float(np.corrcoef(*changes)[0, 1]),
        "motif_change_slope": float(np.polyfit(*changes, 1)[0]),
        "kmer_correlation": kmer_spectrum_correlation(first, second, k=6),
        "diversity": sequence_diversity(second.tolist(), n_pairs=200),
        "nearest_training": {"mean": float(nearest.mean()), "min": int(nearest.min())},
    }


def _change(counts: pd.DataFrame, obs: pd.DataFrame) -> np.ndarray:
    """Mean count of each motif in highly expressed promoters less that in lowly expressed ones."""
    order = obs["expression_bin"].astype(int).to_numpy()
    low, high = order < N_ENDS, order >= 20 - N_ENDS
    return counts.to_numpy()[high].mean(0) - counts.to_numpy()[low].mean(0)
