"""Halves of real donors, between which there is no difference."""

from typing import Any

import anndata as ad
import numpy as np
import torch
from _report import stopwatch

import gde
from _uncertainty.estimates import Estimates, Figure, by_halves, distances, estimate, rejections, slope

GROUP = "donor"
N_SPLITS = 50
SIZES = (10, 20, 40)


def donors(adata: ad.AnnData, n_latent: int, seed: int, max_epochs: int | None) -> dict[str, Any]:
    """A model of three quarters of the donors, and halves of all of them."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.unique(adata.obs[GROUP]))
    unseen = names[: len(names) // 4]
    cells = adata[~adata.obs[GROUP].isin(unseen)].copy()
    gde.setup_anndata(cells, group_key=GROUP)
    model = gde.GDEModel(cells, n_latent=n_latent, seed=seed)
    with stopwatch() as timing:
        model.train(max_epochs=max_epochs, accelerator="cpu", enable_progress_bar=False)
    rows = [np.flatnonzero(adata.obs[GROUP] == name) for name in names]
    features = _features(model, adata)
    halves = _splits(model, features, rows, None, 2, rng)
    apart = {m: _distances(model, features, rows, m, rng) for m in SIZES}
    new = np.isin(names, unseen)
    return {
        "cpu_s": timing.cpu_s,
        "n_cells": [min(map(len, rows)), max(map(len, rows))],
        "halves": {
            "all donors": rejections(*halves),
            "donors of the training": rejections(*(half[~new] for half in halves)),
            "new donors": rejections(*(half[new] for half in halves)),
        },
        "distances": apart,
        "slope": slope(SIZES, list(apart.values())),
    }


@torch.no_grad()
def _features(model: gde.GDEModel, adata: ad.AnnData) -> torch.Tensor:
    model.module.eval()
    return model.module.featurise(torch.from_numpy(adata.X.toarray().astype(np.float32)))


def _distances(
    model: gde.GDEModel, features: torch.Tensor, rows: list[np.ndarray], m: int, rng: np.random.Generator
) -> dict[str, Figure]:
    """Distances of two sets of m cells of each donor, the same once more from halves of the sets."""
    sides = _splits(model, features, rows, m, 2, rng)
    quarters = _splits(model, features, rows, m // 2, 4, rng)
    return distances(*sides) | {"by halves": by_halves(*quarters)}


@torch.no_grad()
def _splits(
    model: gde.GDEModel,
    features: torch.Tensor,
    rows: list[np.ndarray],
    m: int | None,
    n_sets: int,
    rng: np.random.Generator,
) -> list[Estimates]:
    """Sets without a common cell of each donor, of m cells or of an equal share of its cells; estimates (n_donors, N_SPLITS, ...)."""
    sizes = [m or len(own) // n_sets for own in rows]
    sides: list[list[Estimates]] = [[] for _ in range(n_sets)]
    for _ in range(N_SPLITS):
        order = [rng.permutation(own) for own in rows]
        for side, estimates in enumerate(sides):
            chosen = np.concatenate([own[side * n : (side + 1) * n] for own, n in zip(order, sizes, strict=True)])
            estimates.append(estimate(model.module.encoder, features[chosen], sizes))
    return [
        Estimates(*(np.stack([getattr(e, name) for e in estimates], 1) for name in ("z", "covariance", "m")))
        for estimates in sides
    ]
