"""Labels that say nothing give chance in the functions by which benchmarks split and score; docs/trust.md has the table of all benchmarks."""

from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import gde
from gde.metrics import kmer_counts
from tests.leakage.two_kinds import two_kinds

pytestmark = pytest.mark.usefixtures("benchmarks")
N_PERMUTATIONS = 8


def _groups_with_places(seed, n_groups, n_units):
    """Continuous units of groups that each have a place of their own, as the benchmarks of groups read them."""
    from _groups.methods import GROUP, UNITS

    rng = np.random.default_rng(seed)
    place = rng.normal(size=(n_groups, 1, 4))
    units = place + rng.normal(size=(n_groups, n_units, 4))
    obs = pd.DataFrame({GROUP: np.repeat([f"g{i:03}" for i in range(n_groups)], n_units)}).rename(str)
    return ad.AnnData(obs=obs, obsm={UNITS: units.reshape(-1, 4).astype(np.float32)}), place[:, 0]


@pytest.fixture(scope="module")
def counts():
    """Counts of donors who differ clearly; beside their own name one dealt out among all cells."""
    adata = gde.datasets.simulate_cohort(
        12, n_units=80, n_genes=40, library_size=300, severity_effect=1.5, batch_effect=0.0, seed=0
    )
    adata.obs["donor"] = adata.obs["donor"].astype(str)
    adata.obs["lot"] = np.random.default_rng(1).permutation(adata.obs["donor"])
    return adata


def test_it_is_written_what_each_benchmark_and_tutorial_scores():
    root = Path(__file__).parents[2]
    section = (root / "docs" / "trust.md").read_text().split("## No leakage")[1].split("\n## ")[0]
    for path in (root / "benchmarks").glob("[a-z]*.py"):
        is_there = f"`benchmarks/{path.stem}`" in section or f"`{path.name}`" in section
        assert is_there, f"add to docs/trust.md, 'No leakage', what {path.name} scores by labels"
    for path in (root / "tutorials").glob("*.ipynb"):
        assert f"| {path.stem} |" in section, f"add to docs/trust.md, 'No leakage', what {path.name} scores by labels"


@pytest.fixture
def few_steps(monkeypatch):
    """Twenty steps of training, whatever a benchmark asks for."""
    train = gde.GDEModel.train
    few = {"limit_train_batches": 20, "batch_size": 256}
    monkeypatch.setattr(gde.GDEModel, "train", lambda model, *args, **options: train(model, *args, **(options | few)))


# donors


@pytest.fixture
def without_bootstrap(monkeypatch):
    """Scores alone, without their intervals, which take most of the time."""
    import donors

    for name in ("information_retention", "logistic_probe"):
        monkeypatch.setattr(donors, name, partial(getattr(donors, name), n_bootstrap=0))


def test_halves_of_donors(without_bootstrap):
    from _groups.cohorts import Cohort
    from _groups.methods import BASELINES, GROUP
    from _groups.trained import gde_model
    from donors import measure

    adata, place = _groups_with_places(0, n_groups=24, n_units=80)
    label = np.where(place[:, 0] > np.median(place[:, 0]), "right", "left")
    by_lot = adata.copy()
    by_lot.obs[GROUP] = np.random.default_rng(1).permutation(by_lot.obs[GROUP])
    for fit in (BASELINES["mean and sd"], gde_model({"max_epochs": 1, "limit_train_batches": 5, "batch_size": 256})):
        own, chance = (
            measure(Cohort(cells, label, 4), fit, 0, 4, False)["metrics"]["robustness"] for cells in (adata, by_lot)
        )
        assert np.mean(own) > 0.8 and 0.4 < np.mean(chance) < 0.6


def test_labels_of_donors(without_bootstrap):
    from _groups.cohorts import Cohort
    from _groups.representations import Vectors
    from donors import label_scores

    rng = np.random.default_rng(0)
    label = np.array(["a", "b"])[np.arange(40) % 2]
    z = Vectors(rng.normal(size=(40, 8)) + 3 * (label == "b")[:, None])

    def scores(label, seed=0):
        return [value[0] for value in label_scores(Cohort(None, label, 5), z.distances(z), z.values, seed).values()]

    assert min(scores(label)) > 0.9
    retained, *of_the_probe = np.mean([scores(rng.permutation(label), seed) for seed in range(4)], axis=0)
    assert retained < 0.25 and all(0.35 < value < 0.65 for value in of_the_probe)


# clones


@pytest.mark.parametrize("is_told", [False, True], ids=["untold", "told of training clones"])
def test_late_cells_of_clones(is_told):
    from _groups.methods import BASELINES, GROUP
    from _groups.told import mapped
    from clones import TOP, measure

    adata, _ = _groups_with_places(0, n_groups=80, n_units=8)
    stage = np.tile(np.repeat(["early", "late"], 4), 80)
    clone = adata.obs[GROUP].to_numpy(dtype=str)
    by_lot, rng = clone.copy(), np.random.default_rng(1)
    for name in ("early", "late"):
        by_lot[stage == name] = rng.permutation(clone[stage == name])
    found = {}
    for name, column in {"own": clone, "by lot": by_lot}.items():
        adata.obs["clone"], adata.obs[GROUP] = column, np.char.add(np.char.add(column, "|"), stage)
        adata.obs["stage"], fit = stage, BASELINES["mean and sd"]
        found[name] = measure(adata, mapped(fit) if is_told else fit, 0, False)["metrics"]
    own, chance = found["own"], found["by lot"]
    assert own["mrr"] > 3 * own["mrr_chance"] and own["p_value"] < 0.05
    assert own[f"recall@{TOP}"] > 2 * own[f"recall@{TOP}_chance"]
    assert chance["mrr"] < 2 * chance["mrr_chance"] and chance["p_value"] > 0.05
    assert chance[f"recall@{TOP}"] < 1.5 * chance[f"recall@{TOP}_chance"]


# main_job


def test_parts_of_donors_of_the_main_job(counts, fit):
    from _baselines import Space, group_means, pseudobulk_pca
    from main_job import Task, _donors, _scores_without, embed

    kept, scores = np.arange(counts.n_vars) % 4 > 0, {}
    for column in ("donor", "lot"):
        adata = counts.copy()
        adata.obs["donor"] = adata.obs[column]
        task = Task(adata, Space(adata.X, 10), seed=0, repeats=3)
        robustness = [np.mean(task.robustness(key, pseudobulk_pca("donor"))) for key in ("trained", "quarters")]
        model = fit(task.a.copy(), encoder="moments")
        scores[column] = [*robustness, *_scores_without(model, task.b, embed(model), kept)]
        units = group_means(task.space(task.a.X), _donors(task.a)), group_means(task.space(task.b.X), _donors(task.b))
        scores[column].append(gde.metrics.rank_score(*units))
    assert min(scores["donor"]) > 0.65
    assert np.mean(scores["lot"]) == pytest.approx(0.5, abs=0.1)


# perturbations


@pytest.fixture
def screen(monkeypatch):
    """Put a small screen in the place of the real one: effects of targets that their families share."""
    from _perturbations import tasks

    families = ("early growth response", "AP-1", "SH2", "tyrosine kinase", "tyrosine phosphatase")
    few = {name: tasks.FAMILIES[name] for name in families}
    monkeypatch.setattr(tasks, "FAMILIES", few)

    def put(by_lot):
        rng = np.random.default_rng(0)
        names = [*sorted({gene for family in few.values() for gene in family.split()}), "control"]
        effect = {name: rng.normal(size=30) for name in few}
        rows = [(name, f"{name}_{g}", s) for name in names for g in (1, 2) for s in ("on", "off") for _ in range(25)]
        obs = pd.DataFrame(rows, columns=["target_gene", "guide", "stimulation"]).rename(str)
        logs = {name: sum(effect[f] for f in few if name in few[f].split()) for name in names}
        mean = np.stack([20 * np.exp(0.3 * logs[name] * np.ones(30)) for name in obs["target_gene"]])
        is_control = obs["target_gene"] == "control"
        obs.loc[is_control, "guide"] = "control"
        if by_lot:
            columns = ["target_gene", "guide"]
            for on in (obs["stimulation"] == "on", obs["stimulation"] == "off"):
                obs.loc[on, columns] = obs.loc[on, columns].to_numpy()[rng.permutation(on.sum())]
        var = pd.DataFrame(index=[f"gene{j}" for j in range(30)])
        cells = ad.AnnData(sp.csr_matrix(rng.poisson(mean).astype(np.float32)), obs=obs, var=var)
        monkeypatch.setattr(gde.datasets, "datlinger", lambda: cells)

    return put


@pytest.mark.parametrize("part", ["guides", "targets"])
def test_perturbations(screen, part):
    from _perturbations.measure import measure

    found = []
    for by_lot in (False, True):
        screen(by_lot)
        found.append(pd.DataFrame(measure(part, "direct regression", 0, 5, 1)["cases"]).mean(numeric_only=True))
    own, chance = found
    assert own["discrimination_cosine"] > 0.75
    assert own["gain"] > 0.5 * own["effect"] and own["specific_gain"] > 0.5 * own["specific_effect"]
    # Nothing is explained of effects as large as real ones, and no perturbation is found again.
    assert chance["gain"] < 0.02 * own["effect"] and chance["specific_gain"] < 0.02 * own["specific_effect"]
    assert 0.35 < chance["discrimination_cosine"] < 0.65 and 0.35 < chance["discrimination_cityblock"] < 0.65


def test_perturbations_by_a_model(screen, monkeypatch):
    from _perturbations import methods
    from _perturbations.measure import measure

    monkeypatch.setattr(methods, "N_CELLS", 50)
    monkeypatch.setattr(methods, "GDE_TRAINING", methods.GDE_TRAINING | {"limit_train_batches": 10})
    screen(True)
    found = pd.DataFrame(measure("guides", "GDE", 0, None, 1)["cases"]).mean(numeric_only=True)
    assert found["gain"] < 0.002 and found["specific_gain"] < 0.002  # of effects of about 0.1
    assert 0.35 < found["discrimination_cosine"] < 0.65 and 0.35 < found["discrimination_cityblock"] < 0.65


# batch_depth


def test_batches_and_severity():
    from _batch_depth.measure import _axis_from, _batch_removal, _beside_itself, _explained

    rng = np.random.default_rng(0)
    donor, batch, severity = np.repeat(np.arange(24), 2), np.tile(["b1", "b2"], 24), np.repeat(rng.random(24), 2)
    z = np.repeat(rng.normal(size=(24, 8)), 2, axis=0) + 0.3 * rng.normal(size=(48, 8))
    z[:, 0] = 5 * severity
    apart = z + 9 * (batch == "b2")[:, None]
    assert _axis_from(z, severity, donor) > 0.9 and _beside_itself(z, donor) > 0.9
    assert _batch_removal(apart, batch) < 0.1
    assert _explained(pd.DataFrame(apart), pd.get_dummies(pd.Series(batch))) > 0.8
    chance = [[], [], [], []]
    for _ in range(N_PERMUTATIONS):
        dealt = rng.permutation(batch)
        chance[0].append(_axis_from(z, rng.permutation(severity[::2])[donor], donor))
        chance[1].append(_beside_itself(z, rng.permutation(donor)))
        chance[2].append(_batch_removal(apart, dealt))
        chance[3].append(_explained(pd.DataFrame(apart), pd.get_dummies(pd.Series(dealt))))
    axis, beside, removal, explained = np.mean(chance, axis=1)
    assert axis < 0.1 and abs(beside - 0.5) < 0.1 and removal > 0.8 and explained < 0.1


# contrast_genes


def test_genes_of_contrasts(counts, few_steps):
    from contrast_genes import Task

    by_severity = counts.obs.groupby("donor")["severity"].first().sort_values().index.tolist()
    found = {}
    for column in ("donor", "lot"):
        task = Task(counts.copy(), column, Namespace(seed=0, max_epochs=1, n_units=50))
        scores = task.compare((by_severity[6:], by_severity[:6]))
        found[column] = [scores[which]["spearman_difference"] for which in ("generated", "real")]
    assert min(found["donor"]) > 0.3 and found["donor"][1] > 0.8
    assert max(found["lot"]) < 0.3


# composition_and_state


def test_share_of_composition(monkeypatch):
    from composition_and_state import decomposition

    simulate, found = gde.datasets.simulate_multimodal, {}

    def by_lot(*args, **options):
        mdata = simulate(*args, **options)
        types = mdata.obs["cell_type"].to_numpy(copy=True)
        donor, rng = mdata.obs["donor"].to_numpy(), np.random.default_rng(0)
        for name in np.unique(donor):
            types[donor == name] = rng.permutation(types[donor == name])
        mdata.obs["cell_type"] = types
        return mdata

    for name, function in {"own": simulate, "by lot": by_lot}.items():
        monkeypatch.setattr(gde.datasets, "simulate_multimodal", function)
        found[name] = decomposition(
            (1.0, 0.3), "cvae", 0, 60, {"max_epochs": 1, "limit_train_batches": 10, "batch_size": 256}
        )
    assert found["own"]["share"] > 0.5 and found["by lot"]["share"] < 0.2


# multimodal


def test_donors_and_lanes_of_several_modalities(few_steps):
    from _multimodal.cohorts import N_IN_ONE_LANE, in_two_lanes
    from _multimodal.joint import counterfactual, missing

    modalities, rng = {"rna": {}, "prot": {}}, np.random.default_rng(0)

    def fitted(mdata):
        gde.setup_mudata(mdata, "donor", modalities=modalities, batch_key="lane")
        model = gde.GDEModel(mdata, n_latent=8, n_hidden=32)
        model.train(1, enable_progress_bar=False)
        return model

    mdata, kept = in_two_lanes(60, 0)
    by_lot = mdata.copy()
    by_lot.obs["donor"] = by_lot.obs["donor"].array[rng.permutation(by_lot.n_obs)]
    model = fitted(mdata)
    own, chance = (missing(m, m.adata, modalities, 0) for m in (model, fitted(by_lot)))
    assert own["between_donors"] > 1.3 * own["split_half"] and chance["between_donors"] < 1.15 * chance["split_half"]

    own = counterfactual(model, mdata, kept, 0)
    rows = np.flatnonzero(mdata.obs["donor"].cat.codes >= N_IN_ONE_LANE)
    mdata.obs.iloc[rows, mdata.obs.columns.get_loc("lane")] = rng.permutation(mdata.obs["lane"].iloc[rows])
    chance = counterfactual(model, mdata, kept, 0)
    assert own["other_donors_error"] < 0.7 * own["size_of_effect"]
    assert chance["other_donors_error"] > 0.8 * chance["size_of_effect"]


# images


def test_classes_of_images(few_steps):
    from _images.classes import digits, measure_classes

    images, label = digits()
    few = np.isin(label, ["0", "1"])
    images, label = images[few], label[few]
    by_lot = np.random.default_rng(0).permutation(label)
    own, chance = (measure_classes(images, column, "cvae", 1, 0) for column in (label, by_lot))
    assert own["accuracy_real"] > 0.95 and own["accuracy_generated"] > 0.7
    assert abs(chance["accuracy_real"] - 0.5) < 0.2 and abs(chance["accuracy_generated"] - 0.5) < 0.2


def test_fields_of_nuclei():
    from _images.nuclei import FIGURES, _parts, _scores, field_figures

    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32] - 15.5
    size = np.repeat(rng.uniform(3, 9, 40), 12) + 0.3 * rng.normal(size=480)
    light = np.repeat(rng.uniform(60, 200, 40), 12) + 3 * rng.normal(size=480)
    images = 10 + light[:, None, None] * ((x**2 + y**2) < size[:, None, None] ** 2)
    field = np.repeat([f"f{i:02}" for i in range(40)], 12)
    found = {}
    for name, column in {"own": field, "by lot": rng.permutation(field)}.items():
        obs = pd.DataFrame({"field": column}).rename(str)
        _, a, b = _parts(ad.AnnData(obs=obs, obsm={"image": images[:, None].astype(np.uint8)}), 0)
        found[name] = [s["r2"] for s in _scores(field_figures(a), field_figures(b)).values()]
    own, chance = (dict(zip(FIGURES, found[name], strict=True)) for name in ("own", "by lot"))
    assert min(own["mean intensity"], own["mean area"]) > 0.9
    assert max(chance.values()) < 0.1


# uncertainty


def test_donors_that_do_not_differ():
    import torch
    from _uncertainty.estimates import Estimates, by_halves, distances, estimate, rejections

    from gde.encoders import Moments

    rng = np.random.default_rng(0)
    n_donors, n_units, n_splits = 20, 120, 10
    donor = np.repeat(np.arange(n_donors), n_units)
    units = rng.normal(size=(n_donors, 1, 3)) + rng.normal(size=(n_donors, n_units, 3))
    units = torch.from_numpy(units.reshape(-1, 3).astype(np.float32))
    found = {}
    for name, column in {"own": donor, "by lot": rng.permutation(donor)}.items():
        quarters = [[], [], [], []]
        for _ in range(n_splits):
            rows = np.stack([rng.permutation(np.flatnonzero(column == d)) for d in range(n_donors)]).reshape(20, 4, -1)
            for part, estimates in enumerate(quarters):
                estimates.append(estimate(Moments(3, 3), units[rows[:, part].ravel()], [30] * n_donors))
        sides = [
            Estimates(*(np.stack([getattr(e, n) for e in q], 1) for n in ("z", "covariance", "m"))) for q in quarters
        ]
        other = [side[np.roll(np.arange(n_donors), 1)] for side in sides]  # each donor against the next
        found[name] = {
            "rejected": rejections(sides[0], other[1])["rejected"]["mean"],
            "corrected": distances(sides[0], other[1])["corrected"]["mean"],
            "halves": by_halves(sides[0], sides[1], other[2], other[3])["mean"],
        }
    own, chance = found["own"], found["by lot"]
    assert own["rejected"] > 0.8 and chance["rejected"] < 0.12
    assert abs(chance["corrected"]) < 0.02 * own["corrected"] and abs(chance["halves"]) < 0.02 * own["halves"]


# promoters


@pytest.fixture(scope="module")
def promoters():
    """Promoters with more G and C in higher quantiles, those quantiles, and which promoters are held out."""
    rng = np.random.default_rng(0)
    quantile = np.repeat(np.arange(20), 30)
    strong = rng.random((600, 30)) < (0.2 + 0.03 * quantile)[:, None]
    letters = np.where(strong, rng.choice(list("CG"), (600, 30)), rng.choice(list("AT"), (600, 30)))
    return ["".join(row) for row in letters], quantile, np.arange(600) % 3 == 0


def _of_expression(promoters, quantile):
    obs = pd.DataFrame({"sequence": promoters, "expression": quantile + 0.001 * np.arange(600)}).rename(str)
    obs["expression_bin"] = pd.Categorical(quantile.astype(str), [str(i) for i in range(20)])
    return obs


@pytest.mark.parametrize("kind", ["quantiles", "continuous"])
def test_order_of_promoters(promoters, kind):
    from _sequences.promoters import _embed_and_generate, _fit

    letters, quantile, held = promoters

    def order(quantile):
        adata = ad.AnnData(obs=_of_expression(letters, quantile))
        model = _fit(adata[~held].copy(), kind, 0, 2)
        return _embed_and_generate(model, adata[held].copy(), kind, 0)[1]

    assert order(quantile) > 0.9
    assert order(np.random.default_rng(0).permutation(quantile)) < 0.6  # of 20 quantiles; beyond by chance in 1 of 200


def test_changes_of_motifs(promoters):
    from _sequences.promoters import _change

    letters, quantile, held = promoters
    words = pd.DataFrame(kmer_counts(letters, 3, letters="ACGT").toarray())

    def agreement(quantile):
        obs = _of_expression(letters, quantile)
        return np.corrcoef(*(_change(words[rows], obs[rows]) for rows in (held, ~held)))[0, 1]

    rng = np.random.default_rng(0)
    assert agreement(quantile) > 0.9
    assert abs(np.mean([agreement(rng.permutation(quantile)) for _ in range(20)])) < 0.2


# semi_supervised, covid_patients, proteins, fates


class _Cohort(NamedTuple):
    adata: ad.AnnData
    group_key: str
    label: pd.Series


def test_baselines_of_semi_supervised():
    from _semi_supervised.methods import FEATURES, run_baseline, split

    found = {"kind": [], "lot": []}
    for seed in range(4):
        adata = two_kinds(seed)
        adata.obsm["X_units"] = adata.obsm["X"]
        for column, aucs in found.items():
            label = adata.obs.groupby("donor")[column].first()
            parts = split(label, 0.5, seed)
            assert not set(parts[2]) & (set(parts[0]) | set(parts[1])), "a patient is in the test and in training"
            aucs += [run_baseline(_Cohort(adata, "donor", label), 0.5, seed, name)["auc"] for name in FEATURES]
    assert np.mean(found["kind"]) > 0.9
    assert 0.35 < np.mean(found["lot"]) < 0.65


def test_patients_of_covid():
    from covid_patients import _auc

    rng = np.random.default_rng(0)
    condition = pd.Series(np.where(np.arange(32) < 22, "COV", "CTR"))
    z = rng.normal(size=(32, 32)) + 2.0 * (condition == "COV").to_numpy()[:, None]
    assert np.mean(_auc(z, condition)) > 0.95
    by_lot = [np.mean(_auc(z, pd.Series(rng.permutation(condition)))) for _ in range(2)]
    assert 0.25 < np.mean(by_lot) < 0.75


def test_dates_and_countries_of_sequences():
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


def test_fates_of_clones():
    from fates import _auroc

    rng = np.random.default_rng(0)
    truth = pd.DataFrame(rng.dirichlet([0.2, 0.2, 0.2], 60).round(1), columns=["Baso", "Mast", "Monocyte"])
    assert min(_auroc(truth + 0.1 * rng.normal(size=truth.shape), truth).values()) > 0.9
    by_lot = [list(_auroc(truth.sample(frac=1, random_state=s), truth).values()) for s in range(N_PERMUTATIONS)]
    assert 0.4 < np.mean(by_lot) < 0.6
