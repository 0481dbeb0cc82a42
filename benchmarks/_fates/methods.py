"""Ways to predict what a clone's late cells will be from its early cells; each learns from the clones of training alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
from _baselines import group_means, log_normalise
from _groups.methods import GROUP, groups_of
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import gde
from gde.tl import EmbeddingRegressor

N_CELLS, N_SPACE = 200, 20
# As on the page of clones.
WHOLE_MODEL: dict[str, Any] = {"n_latent": 16, "encode_covariates": True}
WHOLE_TRAINING: dict[str, Any] = {"max_epochs": 6, "batch_size": 128}
# What `perturbations.py` found for small groups, a fixed encoder and small networks; nothing was chosen on clones.
GDE_MODEL: dict[str, Any] = {
    "encoder": "moments",
    "generator": "cvae",
    "n_latent": 10,
    "n_latent_unit": 8,
    "n_hidden": 64,
}
GDE_TRAINING: dict[str, Any] = {"max_epochs": 10, "batch_size": 512, "validation_size": 0}


class Split(NamedTuple):
    """Cells of training clones, early cells of tested clones, names of the clones with both stages, and the types of real cells as a classifier sees them."""

    train: ad.AnnData
    early: ad.AnnData
    known: list[str]
    tested: list[str]
    fates: pd.DataFrame
    classifier: Pipeline


Method = Callable[[Split, int, int | None], pd.DataFrame]  # of a seed and epochs: tested clones x types, rows sum to 1


def fit_classifier(train: ad.AnnData) -> Pipeline:
    """Logistic regression of the type on 20 principal components of log-normalised counts."""
    space = make_pipeline(FunctionTransformer(log_normalise), PCA(N_SPACE, random_state=0), StandardScaler())
    return make_pipeline(space, LogisticRegression(max_iter=2000)).fit(train.X, train.obs["cell_state"].astype(str))


def mean_fates(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """The mean of the training clones, the same for all."""
    mean = split.fates.mean(0).to_numpy()
    return pd.DataFrame(np.tile(mean, (len(split.tested), 1)), split.tested, split.fates.columns)


def early_types(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """Early cells stay what they are."""
    return _types(split, split.early.X, groups_of(split.early), split.tested, "early")


def nearest_neighbour(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """The late cells of the training clone whose early cells have the nearest mean."""
    known, new = _early_means(split)
    return split.fates.iloc[cdist(new, known).argmin(1)].set_axis(split.tested)


def direct_regression(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """Ridge regression of the shares of types on the mean of the early cells."""
    known, new = _early_means(split)
    return _shares(EmbeddingRegressor(seed=seed).fit(known, split.fates.set_axis(known.index)).predict(new), split)


def gde_cells(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """Late z by ridge regression on early z, weighted by how well late z is known; cells generated from it are typed."""
    train = split.train.copy()
    gde.setup_anndata(train, group_key=GROUP)
    model = gde.GDEModel(train, seed=seed, **GDE_MODEL)
    options = GDE_TRAINING | ({} if epochs is None else {"max_epochs": epochs})
    model.train(accelerator="cpu", enable_progress_bar=False, **options)
    z, covariances = model.get_group_embeddings(return_cov=True, key_added=None)
    new = model.get_group_embeddings(split.early.copy(), key_added=None)
    sizes = pd.Series(groups_of(train)).value_counts().loc[z.index].to_numpy()
    late = z.loc[[f"{name}|late" for name in split.known]]
    of_late = _known_covariances(covariances, sizes)[z.index.get_indexer(late.index)]
    early = z.loc[[f"{name}|early" for name in split.known]].set_axis(late.index)
    regressor = EmbeddingRegressor(seed=seed).fit(early, late, covariances=of_late)
    predicted = regressor.predict(new.loc[[f"{name}|early" for name in split.tested]])
    cells = model.generate(embeddings=predicted, n_units=N_CELLS, seed=seed)
    return _types(split, cells.X, np.repeat(predicted.index.to_numpy(dtype=str), N_CELLS), split.tested, "early")


def gde_whole_clones(split: Split, seed: int, epochs: int | None) -> pd.DataFrame:
    """Whole clones are groups and the stage is their batch: cells of the late one are generated from the embedding of the early cells, and typed."""
    train = split.train.copy()
    train.obs[GROUP] = train.obs["clone"].astype(str)
    gde.setup_anndata(train, group_key=GROUP, batch_key="stage")
    model = gde.GDEModel(train, seed=seed, **WHOLE_MODEL)
    options = WHOLE_TRAINING | ({} if epochs is None else {"max_epochs": epochs})
    model.train(accelerator="cpu", enable_progress_bar=False, **options)
    cells = model.generate(split.early.copy(), batch="late", n_units=N_CELLS, seed=seed)
    return _types(split, cells.X, groups_of(cells), split.tested, "early")


METHODS: dict[str, Method] = {
    "mean of training": mean_fates,
    "early types": early_types,
    "nearest neighbour": nearest_neighbour,
    "direct regression": direct_regression,
    "GDE, late cells generated": gde_cells,
    "GDE, whole clones": gde_whole_clones,
}


def _known_covariances(covariances: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """A group of one cell does not tell how much cells vary: it gets the mean covariance of a cell in the others."""
    is_single = sizes < 2
    of_cell = np.mean(covariances[~is_single] * sizes[~is_single, None, None], axis=0)
    return np.where(is_single[:, None, None], of_cell, covariances)


def _early_means(split: Split) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean of each clone's early cells, in the space of the classifier."""
    space = split.classifier[0]
    means = [
        group_means(space.transform(adata.X), groups_of(adata)).loc[[f"{name}|early" for name in names]]
        for adata, names in ((split.train, split.known), (split.early, split.tested))
    ]
    return means[0], means[1]


def _types(split: Split, counts: object, groups: np.ndarray, clones: list[str], stage: str) -> pd.DataFrame:
    """Mean probability of each type over the cells of each clone."""
    probabilities = split.classifier.predict_proba(counts)
    means = group_means(probabilities, groups).set_axis(split.classifier.classes_, axis=1)
    return means.loc[[f"{name}|{stage}" for name in clones]].set_axis(clones)[split.fates.columns]


def _shares(predicted: pd.DataFrame, split: Split) -> pd.DataFrame:
    positive = predicted.clip(lower=0).set_axis(split.tested)
    return positive.div(positive.sum(axis=1), axis=0)
