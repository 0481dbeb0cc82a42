"""Nuclei of fields of view: what a field that training did not see looks like."""

from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from _report import stopwatch, test_data
from scipy import ndimage
from sklearn.ensemble import RandomForestRegressor

import gde

MIN_NUCLEI, HELD_OUT, N_NEW = 10, 0.2, 60
FIGURES = ("mean intensity", "sd of intensity", "mean area", "sd of area")


def measure_nuclei(generator: str, max_epochs: int, seed: int) -> dict[str, Any]:
    """R² and mean squared error of four figures of the held-out fields, for several sources of nuclei."""
    train, half_a, half_b = _parts(_read(), seed)
    gde.setup_anndata(train, group_key="field", obsm_key="image")
    model = gde.GDEModel(train, generator=generator, n_latent=16, kl_weight=2, seed=seed)
    with stopwatch() as training:
        model.train(max_epochs=max_epochs, batch_size=128, enable_progress_bar=False)
    known = model.get_group_embeddings(key_added=None)
    z = model.get_group_embeddings(half_a, key_added=None)
    guess = pd.DataFrame(_from_covariates(train, known, half_b, z.index, seed), index=z.index, columns=z.columns)
    truth = field_figures(half_b).loc[z.index]
    with stopwatch() as sampling:
        new = {
            "embedding of other nuclei of the field": model.generate(embeddings=z, n_units=N_NEW, seed=seed),
            "embedding predicted from covariates": model.generate(embeddings=guess, n_units=N_NEW, seed=seed),
        }
    figures = {name: field_figures(_as_fields(adata)).loc[z.index] for name, adata in new.items()}
    figures["other real nuclei of the field (floor)"] = field_figures(half_a).loc[z.index]
    mean = field_figures(train).mean()
    figures["mean of the training fields"] = pd.DataFrame([mean] * len(z), index=z.index)
    return {
        "generator": generator,
        "n_fields": {"train": len(known), "held out": len(z)},
        "train": vars(training),
        "sample": vars(sampling),
        "scores": {name: _scores(table, truth) for name, table in figures.items()},
    }


def field_figures(adata: ad.AnnData) -> pd.DataFrame:
    """Mean and standard deviation of intensity and area of the nuclei of each field."""
    pairs = pd.DataFrame([nucleus(image[0]) for image in adata.obsm["image"]], columns=["intensity", "area"])
    by_field = pairs.groupby(adata.obs["field"].astype(str).to_numpy())
    mean, sd = by_field.mean(), by_field.std(ddof=0)
    return pd.concat([mean["intensity"], sd["intensity"], mean["area"], sd["area"]], axis=1).set_axis(FIGURES, axis=1)


def nucleus(image: np.ndarray) -> tuple[float, float]:
    """Mean intensity and area of what lies in the middle of a crop and is brighter than half way from dark to bright."""
    image = image.astype(float)
    dark, bright = np.quantile(image, 0.05), np.quantile(image[12:20, 12:20], 0.9)
    labels, _ = ndimage.label(image > (dark + bright) / 2)
    middle = labels[12:20, 12:20]
    inside = middle[middle > 0]
    if not len(inside):
        return float(image[12:20, 12:20].mean()), 0.0
    mask = labels == np.bincount(inside).argmax()
    return float(image[mask].mean()), float(mask.sum())


def _read() -> ad.AnnData:
    data = np.load(test_data("dsb2018_nuclei_fluo_32px.npz"))
    obs = pd.DataFrame({"field": data["group"].astype(str), "image_type": data["image_type"].astype(str)})
    obs["n_nuclei"] = obs["field"].map(obs["field"].value_counts())
    adata = ad.AnnData(obs=obs.set_index(obs.index.astype(str)), obsm={"image": data["images"][:, None]})
    return adata[adata.obs["n_nuclei"] >= MIN_NUCLEI].copy()


def _parts(adata: ad.AnnData, seed: int) -> tuple[ad.AnnData, ad.AnnData, ad.AnnData]:
    """Training fields, and two halves of the nuclei of each held-out field."""
    rng = np.random.default_rng(seed)
    fields = rng.permutation(np.unique(adata.obs["field"]))
    is_out = adata.obs["field"].isin(fields[: round(HELD_OUT * len(fields))]).to_numpy()
    order = pd.Series(rng.permutation(adata.n_obs)).groupby(adata.obs["field"].to_numpy()).rank().astype(int)
    is_first = (order % 2 == 0).to_numpy()
    return adata[~is_out].copy(), adata[is_out & is_first].copy(), adata[is_out & ~is_first].copy()


def _from_covariates(
    train: ad.AnnData, known: pd.DataFrame, held_out: ad.AnnData, fields: pd.Index, seed: int
) -> np.ndarray:
    """Embeddings of fields from the size of the picture and the number of its nuclei, by a random forest."""
    obs = pd.concat([train.obs, held_out.obs]).drop_duplicates("field").set_index("field")
    covariates = pd.get_dummies(obs["image_type"]).astype(float).assign(n=np.log(obs["n_nuclei"]))
    forest = RandomForestRegressor(300, min_samples_leaf=5, random_state=seed)
    return forest.fit(covariates.loc[known.index], known).predict(covariates.loc[fields])


def _as_fields(adata: ad.AnnData) -> ad.AnnData:
    """Generated nuclei with the name of the column that real ones have."""
    return ad.AnnData(obs=adata.obs.rename(columns={"group": "field"}), obsm=dict(adata.obsm))


def _scores(table: pd.DataFrame, truth: pd.DataFrame) -> dict[str, dict[str, float]]:
    error = ((table - truth) ** 2).mean()
    return {
        name: {"r2": float(1 - error[name] / truth[name].var(ddof=0)), "mse": float(error[name])} for name in FIGURES
    }
