"""Ways to predict perturbations; each learns from the training cells of a fold alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import scvi
import torch
from _baselines import group_means
from anndata import AnnData
from scipy.sparse import csr_matrix

import gde
from _perturbations.predictions import N_CELLS, Prediction
from _perturbations.tasks import GROUP, Task, groups_of, normalised
from gde.metrics import perturbation_baselines
from gde.tl import EmbeddingRegressor
from gde.tl._values import log_normalise

Method = Callable[[Task, float, int, int | None], Prediction]  # of a task, the library size, a seed, and epochs
LEVEL = 0.8  # of conformal regions: what the four patients of training attain


def shifts_of(vectors: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Vector of each case less that of its control."""
    return vectors.loc[cases.index] - vectors.loc[cases["control"]].to_numpy()


def no_effect(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """The control."""
    return Prediction(pd.DataFrame(0.0, task.new.index, task.train.var_names))


def baseline(name: str) -> Method:
    """One of ``gde.metrics.perturbation_baselines``, on mean shifts."""

    def predict(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
        means = group_means(normalised(task.known, scale), groups_of(task.known)).set_axis(task.train.var_names, axis=1)
        shifts = shifts_of(means, task.cases)
        return Prediction(
            _by_stratum(task, lambda own, new: perturbation_baselines(own, shifts.loc[own.index], new)[name])
        )

    return predict


def gde_model(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """Ridge regression of the shift of z, weighted by how well embeddings are known, and cells generated from what it predicts."""
    train = task.train.copy()
    gde.setup_anndata(train, group_key=GROUP)
    model = gde.GDEModel(train, seed=seed)
    model.train(epochs, accelerator="cpu", enable_progress_bar=False)
    z, covariances = model.get_group_embeddings(task.known.copy(), return_cov=True, key_added=None)
    held = model.get_group_embeddings(task.held.copy(), key_added=None)
    truth = shifts_of(pd.concat([z, held]), task.new)
    shifts = shifts_of(z, task.cases)
    covered: dict[str, bool] = {}

    def predict(own: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
        # The noise of a shared control is the same for all.
        of_own = covariances[z.index.get_indexer(own.index)]
        regressor = EmbeddingRegressor(seed=seed).fit(own, shifts.loc[own.index], covariances=of_own)
        if regressor.attainable_level_ >= LEVEL:
            inside = regressor.predict_region(new, LEVEL).contains(truth.loc[new.index])
            covered.update(zip(new.index, inside.tolist(), strict=True))
        return regressor.predict(new)

    predicted = _by_stratum(task, predict)
    controls = task.new["control"].unique().tolist()
    wanted = pd.concat([predicted + z.loc[task.new["control"]].to_numpy(), z.loc[controls]])
    made = model.generate(embeddings=wanted, n_units=N_CELLS, seed=seed)
    cells = np.split(log_normalise(made.X.tocsr(), scale), len(wanted))
    return _from_cells(task, dict(zip(wanted.index, cells, strict=True)), covered)


def scvi_model(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """The same regression on scVI's mean latent vectors; cells are the control's, moved in latent space and decoded."""
    train = task.train.copy()
    scvi.settings.seed = seed
    scvi.model.SCVI.setup_anndata(train)
    model = scvi.model.SCVI(train)
    model.train(max_epochs=epochs, accelerator="cpu", enable_progress_bar=False)
    latent = np.asarray(model.get_latent_representation(task.known.copy()))
    means = group_means(latent, groups_of(task.known))
    shifts = shifts_of(means, task.cases)
    fit = lambda own: EmbeddingRegressor(seed=seed).fit(own, shifts.loc[own.index])
    predicted = _by_stratum(task, lambda own, new: fit(own).predict(new))
    cells, rng = {}, np.random.default_rng(seed)
    for control, cases in task.new.groupby("control"):
        rows = rng.choice(np.flatnonzero(groups_of(task.known) == control), N_CELLS)
        library = np.asarray(task.known.X[rows].sum(axis=1)).reshape(-1, 1)
        cells[control] = _decode(model, latent[rows], library, scale)
        for name in cases.index:
            cells[name] = _decode(model, latent[rows] + predicted.loc[name].to_numpy(), library, scale)
    return _from_cells(task, cells)


METHODS: dict[str, Method] = {
    "no effect": no_effect,
    "mean response": baseline("mean_response"),
    "nearest neighbour": baseline("nearest_neighbour"),
    "direct regression": baseline("linear"),
    "scVI": scvi_model,
    "GDE": gde_model,
}


def _by_stratum(task: Task, predict: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """A regression for each stratum, from features of its cases to what is predicted."""
    stratum = lambda cases: cases["stratum"].str.split("|").str[0]
    parts = []
    for _, new in task.new.groupby(stratum(task.new)):
        own = task.cases[stratum(task.cases) == stratum(new).iloc[0]]
        parts.append(predict(task.features.loc[own.index], task.features.loc[new.index]))
    return pd.concat(parts).loc[task.new.index]


def _from_cells(task: Task, cells: dict[Any, np.ndarray], covered: dict[str, bool] | None = None) -> Prediction:
    """Shifts against cells that were made of the control in the same way, so that what a decoder always gets wrong cancels."""
    means = pd.DataFrame({name: values.mean(0) for name, values in cells.items()}, task.train.var_names).T
    return Prediction(shifts_of(means, task.new), {name: cells[name] for name in task.new.index}, covered)


def _decode(model: Any, latent: np.ndarray, library: np.ndarray, scale: float) -> np.ndarray:
    z, size = (torch.tensor(np.asarray(values), dtype=torch.float32) for values in (latent, np.log(library)))
    with torch.no_grad():
        counts = model.module.generative(z, size, torch.zeros(len(z), 1, dtype=torch.long))["px"].sample()
    return normalised(AnnData(csr_matrix(counts.numpy())), scale)
