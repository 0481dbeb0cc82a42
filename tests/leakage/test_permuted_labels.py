"""Labels that say nothing give chance, in whatever benchmarks and tutorials score groups with."""

import sys
from pathlib import Path
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from gde.metrics import information_retention, logistic_probe, replicate_robustness, retrieval, trajectory_preservation

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
N_GROUPS, N_PERMUTATIONS = 60, 8


@pytest.fixture(scope="module")
def embeddings():
    """Two classes far apart, and more dimensions than a fifth of the groups: what saw a group's label knows it."""
    rng = np.random.default_rng(0)
    label = np.arange(N_GROUPS) % 2
    return rng.normal(size=(N_GROUPS, 40)) + 3 * label[:, None], label


def _mean_over_permutations(score, label):
    rng = np.random.default_rng(1)
    return float(np.mean([score(rng.permutation(label)) for _ in range(N_PERMUTATIONS)]))


def test_classes(embeddings):
    z, label = embeddings
    assert logistic_probe(z, label, n_bootstrap=0)["value"].min() > 0.9
    rng = np.random.default_rng(1)
    by_lot = [logistic_probe(z, rng.permutation(label), n_bootstrap=0)["value"] for _ in range(N_PERMUTATIONS)]
    assert (np.mean(by_lot, axis=0) < 0.6).all() and (np.mean(by_lot, axis=0) > 0.4).all()


def test_classes_of_neighbours(embeddings):
    z, label = embeddings
    assert information_retention(z, label, n_bootstrap=0).value > 0.9
    # Cut off below at zero, chance is the positive part of noise.
    assert _mean_over_permutations(lambda y: information_retention(z, y, n_bootstrap=0).value, label) < 0.25


def test_numbers(embeddings):
    z, _ = embeddings
    order = z[:, 0] + 10 * np.arange(N_GROUPS)
    z = np.column_stack([z, 10 * np.arange(N_GROUPS)])
    for score in (information_retention, trajectory_preservation):
        assert score(z, order, n_bootstrap=0).value > 0.9
        # chance is the absolute value of a correlation of noise, more where groups are each other's neighbours
        assert _mean_over_permutations(lambda y, s=score: s(z, y, n_bootstrap=0).value, order) < 0.35


def test_halves_of_other_groups(embeddings):
    z, _ = embeddings
    other = z + 0.1 * np.random.default_rng(2).normal(size=z.shape)
    z, other = (z - z.mean(0)), (other - other.mean(0))
    assert replicate_robustness(z, other) > 0.99
    chance = _mean_over_permutations(lambda order: replicate_robustness(z, other[order]), np.arange(N_GROUPS))
    assert abs(chance - 0.5) < 0.05
    found = retrieval(z, other)
    shuffled = retrieval(z, other[np.random.default_rng(3).permutation(N_GROUPS)])
    assert found["recall@1"] == 1 and shuffled["recall@1"] < 0.1


# The head of `predict`: groups whose labels training did not see


def _cohort(seed, n_groups=24, n_units=20):
    """Groups of two kinds, which a glance tells apart, with their kind and a kind drawn by lot."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n_groups) % 2
    units = rng.normal(size=(n_groups, n_units, 3)) + 2 * kind[:, None, None]
    donor = np.repeat([f"d{i}" for i in range(n_groups)], n_units)
    names = np.array(["well", "ill"])
    obs = pd.DataFrame(
        {
            "donor": donor,
            "kind": np.repeat(names[kind], n_units),
            "lot": np.repeat(names[rng.permutation(kind)], n_units),
        }
    )
    obs.index = obs.index.astype(str)
    return ad.AnnData(obs=obs, obsm={"X": units.reshape(-1, 3).astype(np.float32)})


def _accuracy(fit, label, seed):
    adata = _cohort(seed)
    is_new = adata.obs["donor"].isin([f"d{i}" for i in range(12)]).to_numpy()
    train, new = adata[~is_new].copy(), adata[is_new].copy()
    steps = {"limit_train_batches": 25, "validation_size": 0, "batch_size": 128}
    model = fit(train, {"obsm_key": "X", "labels_key": label}, steps, label_weight=10.0)
    truth = new.obs.groupby("donor", observed=True)[label].first()
    predicted = model.predict(new).idxmax(axis=1)
    return (predicted == truth.loc[predicted.index]).mean()


def test_the_head_of_predict(fit):
    assert _accuracy(fit, "kind", 0) > 0.9
    by_lot = [_accuracy(fit, "lot", seed) for seed in range(3)]
    assert 0.25 < np.mean(by_lot) < 0.75


# Functions of benchmarks


class Cohort(NamedTuple):
    adata: ad.AnnData
    group_key: str
    label: pd.Series


@pytest.fixture
def benchmarks(monkeypatch):
    """Modules of the folder of benchmarks; not there where gde is installed."""
    if not BENCHMARKS.is_dir():
        pytest.skip("needs the folder of benchmarks")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


def test_baselines_of_semi_supervised(benchmarks):
    from _semi_supervised.methods import FEATURES, run_baseline, split

    found = {"kind": [], "lot": []}
    for seed in range(4):
        adata = _cohort(seed)
        adata.obsm["X_units"] = adata.obsm["X"]
        for column, aucs in found.items():
            label = adata.obs.groupby("donor")[column].first()
            parts = split(label, 0.5, seed)
            assert not set(parts[2]) & (set(parts[0]) | set(parts[1])), "a patient is in the test and in training"
            aucs += [run_baseline(Cohort(adata, "donor", label), 0.5, seed, name)["auc"] for name in FEATURES]
    assert np.mean(found["kind"]) > 0.9
    assert 0.35 < np.mean(found["lot"]) < 0.65


def test_patients_of_covid(benchmarks):
    from covid_patients import _auc

    rng = np.random.default_rng(0)
    condition = pd.Series(np.where(np.arange(32) < 22, "COV", "CTR"))
    z = rng.normal(size=(32, 32)) + 2.0 * (condition == "COV").to_numpy()[:, None]
    assert np.mean(_auc(z, condition)) > 0.95
    by_lot = [np.mean(_auc(z, pd.Series(rng.permutation(condition)))) for _ in range(2)]
    assert 0.25 < np.mean(by_lot) < 0.75


def test_dates_and_countries_of_sequences(benchmarks):
    from _sequences.proteins import _country_accuracy, _date_error

    rng = np.random.default_rng(0)
    names = [f"group {i}" for i in range(60)]
    labels = pd.DataFrame({"country": np.repeat(["A", "B"], 30), "time": rng.normal(size=60)}, index=names)
    x = pd.DataFrame(rng.normal(size=(60, 20)), index=names)
    x[0], x[1] = 5 * (labels["country"] == "A"), labels["time"]
    by_lot = labels.sample(frac=1, random_state=1).set_axis(names)
    rows = rng.permutation(60)
    scores = {}
    for name, table in {"own": labels, "by lot": by_lot}.items():
        known, new = table.iloc[rows[:40]], table.iloc[rows[40:]]
        scores[name] = _country_accuracy(x, known, new), _date_error(x, known, new), _date_error(None, known, new)
    assert scores["own"][0] > 0.9 and scores["own"][1] < 0.3 * scores["own"][2]
    assert scores["by lot"][0] < 0.75 and scores["by lot"][1] > 0.8 * scores["by lot"][2]


def test_fates_of_clones(benchmarks):
    from fates import _auroc

    rng = np.random.default_rng(0)
    truth = pd.DataFrame(rng.dirichlet([0.2, 0.2, 0.2], 60).round(1), columns=["Baso", "Mast", "Monocyte"])
    assert min(_auroc(truth + 0.1 * rng.normal(size=truth.shape), truth).values()) > 0.9
    by_lot = [list(_auroc(truth.sample(frac=1, random_state=s), truth).values()) for s in range(N_PERMUTATIONS)]
    assert 0.4 < np.mean(by_lot) < 0.6
