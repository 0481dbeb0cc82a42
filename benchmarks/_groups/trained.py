"""Methods that train a network; ``about`` takes what training took."""

from typing import Any

import numpy as np
import scvi
from _baselines import group_means
from _report import stopwatch
from anndata import AnnData

import gde
from _groups.methods import GROUP, UNITS, Fit, Represent, fit_space, groups_of, is_counts
from _groups.representations import Distances, Vectors

GDE_EPOCHS = 7  # of 50 batches, of 40 by default: less than a tenth of the time that MrVI takes at its defaults


def gde_model(training: dict[str, Any], setup: dict[str, Any] | None = None, **options: Any) -> Fit:
    """GDE at its defaults, but for what is named."""

    def fit(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
        train = train.copy()
        units = {} if is_counts(train) else {"obsm_key": UNITS}
        gde.setup_anndata(train, group_key=GROUP, **units, **(setup or {}))
        model = gde.GDEModel(train, seed=seed, **options)
        with stopwatch() as timing:
            model.train(accelerator="cpu", enable_progress_bar=False, **(training | about))
        about |= {"training_cpu_s": timing.cpu_s, "training_wall_s": timing.wall_s}
        return lambda adata: Vectors(model.get_group_embeddings(adata.copy(), key_added=None).sort_index().to_numpy())

    return fit


def on_components(fit: Fit) -> Fit:
    """A method for continuous units, on 20 principal components of counts, fitted on the training cells: those that the baselines read."""

    def fit_reduced(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
        space = fit_space(train)

        def reduced(adata: AnnData) -> AnnData:
            adata = adata.copy()
            adata.obsm[UNITS] = space(adata).astype(np.float32)
            return adata

        represent = fit(reduced(train), seed, about)
        return lambda adata: represent(reduced(adata))

    return fit_reduced


def scvi_mean(train: AnnData, seed: int, about: dict[str, Any], batch_key: str | None = None) -> Represent:
    """Mean over the cells of scVI's latent means, at its defaults."""
    train = train.copy()
    scvi.settings.seed = seed
    scvi.model.SCVI.setup_anndata(train, batch_key=batch_key)
    model = scvi.model.SCVI(train)
    with stopwatch() as timing:
        model.train(max_epochs=about.get("max_epochs"), accelerator="cpu", enable_progress_bar=False)
    about |= {"training_cpu_s": timing.cpu_s, "training_wall_s": timing.wall_s}

    def represent(adata: AnnData) -> Vectors:
        latent = np.asarray(model.get_latent_representation(adata.copy()))
        return Vectors(group_means(latent, groups_of(adata)).to_numpy())

    return represent


def mrvi(train: AnnData, seed: int, about: dict[str, Any]) -> Represent:
    """Distances of samples that MrVI predicts for each cell, averaged over the cells, at its defaults; it cannot embed a sample that it was not trained on."""
    train = train.copy()
    scvi.settings.seed = seed
    scvi.external.MRVI.setup_anndata(train, sample_key=GROUP)
    model = scvi.external.MRVI(train)
    with stopwatch() as timing:
        model.train(max_epochs=about.get("max_epochs"), accelerator="cpu", enable_progress_bar=False)
    about |= {"training_cpu_s": timing.cpu_s, "training_wall_s": timing.wall_s}

    def represent(adata: AnnData) -> Distances:
        adata = adata.copy()
        adata.obs["all"] = "all"
        found = model.get_local_sample_distances(adata, groupby="all", keep_cell=False)["all"][0]
        order = np.argsort(model.sample_order)
        return Distances(found.to_numpy()[np.ix_(order, order)])

    return represent


TRAINED: dict[str, Fit] = {
    "GDE": gde_model({"max_epochs": GDE_EPOCHS}),
    "scVI mean": scvi_mean,
    "MrVI": mrvi,
}
FOR_COUNTS = ("scVI mean", "MrVI")
OF_KNOWN_SAMPLES = ("MrVI",)  # no set of cells that was not trained on has an embedding
