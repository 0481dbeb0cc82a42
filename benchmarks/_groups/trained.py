"""Methods that train a network; ``about`` takes what training took."""

from typing import Any

import numpy as np
import scvi
from _baselines import group_means
from _report import stopwatch
from anndata import AnnData

import gde
from _groups.methods import GROUP, UNITS, Fit, Represent, groups_of, is_counts
from _groups.representations import Vectors


def gde_model(**options: Any) -> Fit:
    """GDE at its defaults, but for the options; continuous units with location and scale."""

    def fit(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
        train = train.copy()
        setup = {} if is_counts(train) else {"obsm_key": UNITS}
        gde.setup_anndata(train, group_key=GROUP, **setup)
        own = {"location_scale": not is_counts(train)} if "generator" not in options else {}
        model = gde.GDEModel(train, seed=seed, **own, **options)
        with stopwatch() as timing:
            model.train(max_epochs=about.get("max_epochs"), accelerator="cpu", enable_progress_bar=False)
        about |= {"training_cpu_s": timing.cpu_s, "training_wall_s": timing.wall_s}
        return lambda adata: Vectors(model.get_group_embeddings(adata.copy(), key_added=None).sort_index().to_numpy())

    return fit


def scvi_mean(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Mean over the cells of scVI's latent means, at its defaults."""
    train = train.copy()
    scvi.settings.seed = seed
    scvi.model.SCVI.setup_anndata(train)
    model = scvi.model.SCVI(train)
    with stopwatch() as timing:
        model.train(max_epochs=about.get("max_epochs"), accelerator="cpu", enable_progress_bar=False)
    about |= {"training_cpu_s": timing.cpu_s, "training_wall_s": timing.wall_s}

    def represent(adata: AnnData) -> Vectors:
        latent = np.asarray(model.get_latent_representation(adata.copy()))
        return Vectors(group_means(latent, groups_of(adata)).to_numpy())

    return represent


TRAINED: dict[str, Fit] = {
    "GDE": gde_model(),
    "scVI mean": scvi_mean,
}
