"""Viral proteins: month or year and country of groups that training did not see, from their embeddings."""

from typing import Any

import numpy as np
import pandas as pd
from _report import test_data
from anndata import AnnData
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from _sequences.train import train
from gde.generators import Autoregressive
from gde.metrics import kmer_counts, mutation_frequencies

N_LATENT = 128
LETTERS = "ACDEFGHIKLMNPQRSTVWYX-*"
AMINO_ACIDS = LETTERS[:20]
METHODS = ("GDE", "one-hot mean", "2-mer mean", "majority")


def spike(*, seed: int, quick: bool, n_splits: int, **others: Any) -> dict[str, Any]:
    """Spike proteins of SARS-CoV-2, months × countries."""
    table = pd.read_csv(test_data("sarscov2_spike_genbank_2020.csv.gz"))
    month = 12 * (table["date"].str[:4].astype(int) - 2020) + table["date"].str[5:7].astype(int)
    table = pd.DataFrame({"protein": table["aa_S"], "country": table["country"], "time": month})
    return _run(table, "months", n_sites=30, min_units=1, seed=seed, quick=quick, n_splits=n_splits)


def rsv(*, seed: int, quick: bool, n_splits: int, **others: Any) -> dict[str, Any]:
    """G proteins of RSV-A, years × countries."""
    table = pd.read_csv(test_data("rsv_a_GF_protein.csv.gz"))
    year = table["date"].str[:4].astype(int)
    table = pd.DataFrame({"protein": table["aa_G"], "country": table["country"], "time": year})
    return _run(table, "years", n_sites=60, min_units=3, seed=seed, quick=quick, n_splits=n_splits)


def _run(
    table: pd.DataFrame, unit: str, *, n_sites: int, min_units: int, seed: int, quick: bool, n_splits: int
) -> dict[str, Any]:
    table = table.dropna().reset_index(drop=True)
    table["group"] = table["country"] + " " + table["time"].astype(str)
    size = table.groupby("group")["group"].transform("size")
    table = table[size >= min_units].reset_index(drop=True)
    labels = table.groupby("group")[["country", "time"]].first()
    errors: dict[str, list[float]] = {method: [] for method in METHODS}
    accuracies: dict[str, list[float]] = {method: [] for method in METHODS}
    mutations = []
    splitter = ShuffleSplit(n_splits, test_size=0.2, random_state=seed)
    for number, (train_rows, test_rows) in enumerate(splitter.split(labels)):
        known, new = labels.iloc[train_rows], labels.iloc[test_rows]
        features, correlation = _features(table, known.index, n_sites, seed + number, quick)
        mutations.append(correlation)
        for method in METHODS:
            x = features.get(method)
            errors[method].append(_date_error(x, known, new))
            accuracies[method].append(_country_accuracy(x, known, new))
    return {
        "unit": unit,
        "n_units": len(table),
        "n_groups": len(labels),
        "n_countries": int(labels["country"].nunique()),
        "n_sites": n_sites,
        "mae": errors,
        "accuracy": accuracies,
        "mutation_pearson": mutations,
    }


def _features(
    table: pd.DataFrame, known: pd.Index, n_sites: int, seed: int, quick: bool
) -> tuple[dict[str, pd.DataFrame], float]:
    """What each method makes of the groups, and how well generated proteins have the mutations of held-out groups."""
    is_known = table["group"].isin(known).to_numpy()
    letters = np.array([list(protein) for protein in table["protein"]])
    sites = _variable_sites(letters[is_known], n_sites)
    one_hot = (letters[:, sites, None] == np.array(list(LETTERS))).reshape(len(table), -1).astype(np.float32)
    one_hot = one_hot[:, one_hot[is_known].any(0)]
    obs = table.assign(haplotype=["".join(row) for row in letters[:, sites]]).rename(index=str)
    adata = AnnData(obs=obs, obsm={"X_one_hot": one_hot})
    model = train(
        adata[is_known].copy(),
        n_steps=2 if quick else 100,
        batch_size=128,
        seed=seed,
        setup={"group_key": "group", "sequence_key": "haplotype", "alphabet": LETTERS, "encoder_obsm_key": "X_one_hot"},
        n_latent=N_LATENT,
        n_hidden=128,
        generator=Autoregressive(n_sites, N_LATENT, n_letters=len(LETTERS), n_hidden=32, n_layers=1),
    )
    pairs = kmer_counts([protein.replace("-", "") for protein in table["protein"]], 2, letters=AMINO_ACIDS)
    features = {
        "GDE": model.get_group_embeddings(adata, key_added=None),
        "one-hot mean": pd.DataFrame(one_hot).groupby(table["group"].to_numpy()).mean(),
        "2-mer mean": pd.DataFrame(pairs.toarray()).groupby(table["group"].to_numpy()).mean(),
    }
    return features, _mutation_agreement(model, adata[~is_known].copy())


def _variable_sites(letters: np.ndarray, n_sites: int) -> np.ndarray:
    """The sites of training proteins where most of them differ from the commonest letter, in the order of the protein."""
    n_other = [len(column) - max(np.unique(column, return_counts=True)[1]) for column in letters.T]
    return np.sort(np.argsort(n_other)[::-1][:n_sites])


def _mutation_agreement(model: Any, held_out: AnnData) -> float:
    """Pearson correlation over groups and mutations of frequencies in held-out groups and in proteins generated from their embeddings."""
    new = model.generate(held_out, n_units=50).obs
    n_sites = len(held_out.obs["haplotype"].iloc[0])
    whole = new[new["haplotype"].str.len() == n_sites]
    reference = model.adata.obs["haplotype"].mode()[0]
    real, generated = (
        mutation_frequencies(obs["haplotype"], obs["group"].astype(str), reference) for obs in (held_out.obs, whole)
    )
    groups, names = real.index.intersection(generated.index), real.columns.union(generated.columns)
    flat = [
        part.reindex(groups).reindex(columns=names, fill_value=0).fillna(0).to_numpy().ravel()
        for part in (real, generated)
    ]
    return float(np.corrcoef(*flat)[0, 1])


def _date_error(x: pd.DataFrame | None, known: pd.DataFrame, new: pd.DataFrame) -> float:
    if x is None:
        return float((new["time"] - known["time"].median()).abs().mean())
    ridge = _chosen(Ridge(), {"alpha": np.logspace(-4, 4, 9)}, "neg_mean_absolute_error")
    ridge.fit(x.loc[known.index], known["time"])
    return float(np.abs(ridge.predict(x.loc[new.index]) - new["time"]).mean())


def _country_accuracy(x: pd.DataFrame | None, known: pd.DataFrame, new: pd.DataFrame) -> float:
    """Only countries that training knows can be right."""
    if x is None:
        return float((new["country"] == known["country"].mode()[0]).mean())
    classifier = _chosen(LinearSVC(random_state=0), {"C": [0.001, 0.01, 0.1, 1, 10]}, "accuracy")
    classifier.fit(x.loc[known.index], known["country"])
    return float((classifier.predict(x.loc[new.index]) == new["country"]).mean())


def _chosen(readout: Any, grid: dict[str, Any], scoring: str) -> GridSearchCV:
    """A readout whose penalty is chosen within the training groups, and whether features are standardised: rare letters suffer from it."""
    pipeline = Pipeline([("scale", "passthrough"), ("readout", readout)])
    options = {"scale": ["passthrough", StandardScaler()]} | {f"readout__{name}": of for name, of in grid.items()}
    return GridSearchCV(pipeline, options, scoring=scoring, cv=KFold(3, shuffle=True, random_state=0))
