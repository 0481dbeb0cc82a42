"""Halves of real donors, between which there is no difference."""

from typing import Any

import anndata as ad
import numpy as np
import torch
from _report import stopwatch

import gde
from _uncertainty.estimates import Estimates, distances, estimate, rejections, slope

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
    halves = _splits(model, features, rows, None, rng)
    apart = {m: distances(*_splits(model, features, rows, m, rng)) for m in SIZES}
    new = np.isin(names, unseen)
    return {
        "n_latent": n_latent,
        "seed": seed,
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


@torch.no_grad()
def _splits(
    model: gde.GDEModel, features: torch.Tensor, rows: list[np.ndarray], m: int | None, rng: np.random.Generator
) -> tuple[Estimates, Estimates]:
    """Two sets without a common cell of each donor, of m cells or of half of its cells; estimates (n_donors, N_SPLITS, ...)."""
    sizes = [m or len(own) // 2 for own in rows]
    sides: tuple[list[Estimates], list[Estimates]] = ([], [])
    for _ in range(N_SPLITS):
        order = [rng.permutation(own) for own in rows]
        for side, estimates in enumerate(sides):
            chosen = np.concatenate([own[side * n : (side + 1) * n] for own, n in zip(order, sizes, strict=True)])
            estimates.append(estimate(model.module.encoder, features[chosen], sizes))
    return tuple(
        Estimates(*(np.stack([getattr(e, name) for e in estimates], 1) for name in ("z", "covariance", "m")))
        for estimates in sides
    )
