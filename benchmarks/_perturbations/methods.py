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
# Chosen on a split that is not reported; see the page.
GDE_MODEL: dict[str, Any] = {
    "encoder": "moments",
    "generator": "cvae",
    "n_latent": 8,
    "n_latent_unit": 4,
    "n_hidden": 64,
}
GDE_TRAINING: dict[str, Any] = {"batch_size": 512, "validation_size": 0}
GDE_EPOCHS, SCVI_EPOCHS = 20, 30  # of 50 steps, and of all cells


def shifts_of(vectors: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Vector of each case less that of its control."""
    return vectors.loc[cases.index] - vectors.loc[cases["control"]].to_numpy()


def stratum_of(cases: pd.DataFrame) -> pd.Series:
    """Stratum of each case, without its fold."""
    return cases["stratum"].str.split("|").str[0]


def mean_of_stratum(shifts: pd.DataFrame, task: Task) -> pd.DataFrame:
    """For each new case the mean of the training cases of its stratum."""
    means = shifts.loc[task.cases.index].groupby(stratum_of(task.cases)).mean()
    return means.loc[stratum_of(task.new)].set_axis(task.new.index)


def no_effect(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """The control."""
    shift = pd.DataFrame(0.0, task.new.index, task.train.var_names)
    return Prediction(shift, shift - mean_of_stratum(_real_shifts(task, scale), task))


def baseline(name: str) -> Method:
    """One of ``gde.metrics.perturbation_baselines``, on mean shifts."""

    def predict(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
        shifts = _real_shifts(task, scale)
        fit = lambda own, new: perturbation_baselines(own, shifts.loc[own.index], new)[name]
        predicted = _by_stratum(task, fit)
        return Prediction(predicted, predicted - mean_of_stratum(shifts, task))

    return predict


def gde_model(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """Ridge regression of the shift of z, weighted by how well embeddings are known, and cells generated from what it predicts."""
    train = task.train.copy()
    gde.setup_anndata(train, group_key=GROUP)
    model = gde.GDEModel(train, seed=seed, **GDE_MODEL)
    model.train(epochs or GDE_EPOCHS, accelerator="cpu", enable_progress_bar=False, **GDE_TRAINING)
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

    def make(shifts: pd.DataFrame) -> dict[str, np.ndarray]:
        # One name for all: cells then have the same random numbers, which cancel in differences.
        wanted = z.loc[task.new["control"]].to_numpy() + shifts
        cells = {}
        for name, row in wanted.iterrows():
            known = task.cases.index[stratum_of(task.cases) == stratum_of(task.new)[name]]
            made = model.generate(
                embeddings=pd.DataFrame([row], ["cells"]),
                n_units=N_CELLS,
                library_size=_libraries(task, known, seed).ravel(),
                seed=seed,
            )
            cells[name] = log_normalise(made.X.tocsr(), scale)
        return cells

    predicted = _by_stratum(task, predict)
    return _from_cells(make, predicted, mean_of_stratum(shifts, task), covered)


def scvi_model(task: Task, scale: float, seed: int, epochs: int | None) -> Prediction:
    """The same regression on scVI's mean latent vectors; cells are the control's, moved in latent space and decoded."""
    train = task.train.copy()
    scvi.settings.seed = seed
    scvi.model.SCVI.setup_anndata(train)
    model = scvi.model.SCVI(train)
    model.train(max_epochs=epochs or SCVI_EPOCHS, accelerator="cpu", enable_progress_bar=False)
    latent = np.asarray(model.get_latent_representation(task.known.copy()))
    shifts = shifts_of(group_means(latent, groups_of(task.known)), task.cases)

    def make(shifts: pd.DataFrame) -> dict[str, np.ndarray]:
        cells = {}
        for name, shift in shifts.iterrows():
            rows = _draw(task, [task.new.loc[name, "control"]], seed)
            library = _libraries(task, [task.new.loc[name, "control"]], seed)
            cells[name] = _decode(model, latent[rows] + shift.to_numpy(), library, scale, seed)
        return cells

    fit = lambda own, new: EmbeddingRegressor(seed=seed).fit(own, shifts.loc[own.index]).predict(new)
    return _from_cells(make, _by_stratum(task, fit), mean_of_stratum(shifts, task))


METHODS: dict[str, Method] = {
    "no effect": no_effect,
    "mean response": baseline("mean_response"),
    "nearest neighbour": baseline("nearest_neighbour"),
    "direct regression": baseline("linear"),
    "scVI": scvi_model,
    "GDE": gde_model,
}


def _draw(task: Task, names: Any, seed: int) -> np.ndarray:
    """Rows of random cells of some groups."""
    return np.random.default_rng(seed).choice(np.flatnonzero(np.isin(groups_of(task.known), names)), N_CELLS)


def _libraries(task: Task, names: Any, seed: int) -> np.ndarray:
    """Their library sizes, cells x 1: depth is the same for control and perturbed, since it is no biology."""
    return np.asarray(task.known.X[_draw(task, names, seed)].sum(axis=1)).reshape(-1, 1)


def _real_shifts(task: Task, scale: float) -> pd.DataFrame:
    means = group_means(normalised(task.known, scale), groups_of(task.known)).set_axis(task.train.var_names, axis=1)
    return shifts_of(means, task.cases)


def _by_stratum(task: Task, predict: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """A regression for each stratum, from features of its cases to what is predicted."""
    parts = []
    for stratum, new in task.new.groupby(stratum_of(task.new)):
        own = task.cases[stratum_of(task.cases) == stratum]
        parts.append(predict(task.features.loc[own.index], task.features.loc[new.index]))
    return pd.concat(parts).loc[task.new.index]


def _from_cells(
    make: Callable[[pd.DataFrame], dict[str, np.ndarray]],
    predicted: pd.DataFrame,
    mean: pd.DataFrame,
    covered: dict[str, bool] | None = None,
) -> Prediction:
    """Shifts against cells of the control and of the mean of training, made in the same way, so that what a decoder always gets wrong cancels."""
    cells = make(predicted)
    of = lambda made: pd.DataFrame({name: values.mean(0) for name, values in made.items()}).T
    profiles, control, usual = of(cells), of(make(0 * predicted)), of(make(mean))
    return Prediction(profiles - control, profiles - usual, cells, covered)


def _decode(model: Any, latent: np.ndarray, library: np.ndarray, scale: float, seed: int) -> np.ndarray:
    z, size = (torch.tensor(np.asarray(values), dtype=torch.float32) for values in (latent, np.log(library)))
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(seed)
        counts = model.module.generative(z, size, torch.zeros(len(z), 1, dtype=torch.long))["px"].sample()
    return normalised(AnnData(csr_matrix(counts.numpy())), scale)
