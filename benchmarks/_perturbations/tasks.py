"""What is to be predicted from what: cells to learn from, cases with features, and the real cells of those left out."""

from collections.abc import Callable
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
from _baselines import group_means, two_parts
from _report import test_data
from sklearn.decomposition import PCA

import gde
from gde.tl._values import library_sizes, log_normalise

GROUP, N_GENES = "perturbation_group", 500

# Protein families of the targets, written down before anything was measured: only 6 of the 20 are among the 2,000 genes, seen in 0 to 5 of the 200 control cells, so
# that co-expression says nothing of them.
FAMILIES = {
    "transcription factor": "EGR1 EGR2 EGR3 EGR4 FOS JUN JUND NFAT5 NFATC1 NFKB1 NFKB2 RELA NR4A1 RUNX2",
    "early growth response": "EGR1 EGR2 EGR3 EGR4",
    "AP-1": "FOS JUN JUND",
    "Rel homology": "NFAT5 NFATC1 NFKB1 NFKB2 RELA",
    "NFAT": "NFAT5 NFATC1",
    "NF-kappa-B": "NFKB1 NFKB2 RELA",
    "nuclear receptor": "NR4A1",
    "runt": "RUNX2",
    "SH2": "LCK ZAP70 PTPN6 PTPN11",
    "tyrosine kinase": "LCK ZAP70",
    "tyrosine phosphatase": "PTPN6 PTPN11",
    "adaptor": "LAT DOK2",
}


class Screen(NamedTuple):
    """Cells with their group in ``.obs``, and a row for each perturbed group: ``control``, ``stratum`` (within which cases are alike), ``unit`` (what is left out together).

    Control cells that are ``spared`` are what the truth is taken against, and no method sees them: the noise of a control that methods learn against would be in the truth, too.
    """

    cells: ad.AnnData
    cases: pd.DataFrame
    features: pd.DataFrame
    spared: np.ndarray


class Task(NamedTuple):
    """One fold. ``train`` is to learn from; ``known`` has the controls of the new cases as well; ``held`` is for scores alone."""

    train: ad.AnnData
    known: ad.AnnData
    held: ad.AnnData
    cases: pd.DataFrame
    new: pd.DataFrame
    features: pd.DataFrame


def groups_of(adata: ad.AnnData) -> np.ndarray:
    """Group of each cell."""
    return adata.obs[GROUP].to_numpy(dtype=str)


def normalised(adata: ad.AnnData, scale: float) -> np.ndarray:
    """Log-normalised counts, dense."""
    return log_normalise(adata.X.tocsr(), scale)


def scale_of(cells: ad.AnnData) -> float:
    """The library size that all cells are brought to: their median."""
    return float(np.median(library_sizes(cells.X.tocsr())))


def targets(seed: int, n_folds: int) -> tuple[Screen, list[Task]]:
    """Targets left out with both their guides, at rest and stimulated."""
    screen = _datlinger("target_gene", seed)
    units = np.random.default_rng(seed).permutation(screen.cases["unit"].unique())
    return screen, [_fold(screen, screen.cases["unit"].isin(units[k::n_folds])) for k in range(n_folds)]


def guides(seed: int, n_folds: int) -> tuple[Screen, list[Task]]:
    """One of the two guides of each target left out, then the other; two folds."""
    screen = _datlinger("guide", seed)
    names = screen.cases["unit"].unique()
    first = np.random.default_rng(seed).integers(2, size=len(names)) == 1
    is_first_guide = screen.cases["name"].str.endswith("_1").to_numpy()
    swapped = screen.cases["unit"].map(dict(zip(names, first, strict=True))).to_numpy(dtype=bool)
    fold = is_first_guide ^ swapped
    # A guide competes with those that are left out with it, so that a target's other guide is no rival.
    screen.cases["stratum"] += np.where(fold, "|fold 1", "|fold 2")
    return screen, [_fold(screen, fold == side) for side in (True, False)]


def patients(seed: int, n_folds: int) -> tuple[Screen, list[Task]]:
    """The treated cells of a patient from the untreated; neither are in training. A fold for each of five patients."""
    cells = ad.read_h5ad(test_data("gbm_panobinostat_5patients.h5ad"))
    patient, condition = (cells.obs[column].astype(str) for column in ("patient_id", "condition"))
    names = cells.obs["condition"].astype(str).unique()
    treated = next(name for name in names if "pano" in name.lower())
    cells.obs[GROUP] = patient + "|" + np.where(condition == treated, "treated", "control")
    of = patient.unique()
    cases = pd.DataFrame(
        {"name": of, "unit": of, "control": [f"{p}|control" for p in of], "stratum": "treated"},
        index=[f"{p}|treated" for p in of],
    )
    spared = _spare(cells, cases, seed)
    profiles = group_means(normalised(cells, scale_of(cells))[~spared], groups_of(cells)[~spared])
    features = pd.DataFrame(PCA(2, svd_solver="full").fit_transform(profiles.loc[cases["control"]]), cases.index)
    screen = Screen(cells, cases, features, spared)
    return screen, [_fold(screen, cases["unit"] == name, drop_control=True) for name in of]


PARTS: dict[str, Callable[[int, int], tuple[Screen, list[Task]]]] = {
    "guides": guides,
    "patients": patients,
    "targets": targets,
}


def _datlinger(key: str, seed: int) -> Screen:
    """The screen in its 500 genes with most counts, without the genes that are targets."""
    cells = gde.datasets.datlinger()
    is_target = cells.var_names.isin(cells.obs["target_gene"].unique())
    total = np.where(is_target, -1, np.asarray(cells.X.sum(axis=0)).ravel())
    cells = cells[:, np.sort(np.argsort(-total, kind="stable")[:N_GENES])].copy()
    cells = cells[np.asarray(cells.X.sum(axis=1)).ravel() > 0].copy()
    cells.obs[GROUP] = cells.obs[key].astype(str) + "|" + cells.obs["stimulation"].astype(str)
    columns = {"group": GROUP, "name": key, "unit": "target_gene", "stratum": "stimulation"}
    obs = pd.DataFrame({name: cells.obs[column].astype(str) for name, column in columns.items()})
    cases = obs[obs["unit"] != "control"].drop_duplicates().set_index("group").sort_index()
    cases["control"] = "control|" + cases["stratum"]
    families = {name: cases["unit"].isin(members.split()).astype(float) for name, members in FAMILIES.items()}
    own = pd.get_dummies(cases["unit"], dtype=float) if key == "guide" else pd.DataFrame(index=cases.index)
    features = pd.concat([pd.DataFrame(families), own], axis=1)
    return Screen(cells, cases, features, _spare(cells, cases, seed))


def _spare(cells: ad.AnnData, cases: pd.DataFrame, seed: int) -> np.ndarray:
    """One half of the cells of each control."""
    groups, spared = groups_of(cells), np.zeros(cells.n_obs, dtype=bool)
    rows = np.flatnonzero(np.isin(groups, cases["control"]))
    spared[rows[two_parts(groups[rows], np.random.default_rng(seed))[0]]] = True
    return spared


def _fold(screen: Screen, is_new: np.ndarray | pd.Series, *, drop_control: bool = False) -> Task:
    cells, cases = screen.cells, screen.cases
    new = cases[np.asarray(is_new)]
    groups = groups_of(cells)
    is_held = np.isin(groups, new.index)
    unseen = is_held | (np.isin(groups, new["control"]) & drop_control)
    return Task(
        cells[~unseen & ~screen.spared].copy(),
        cells[~is_held & ~screen.spared].copy(),
        cells[is_held].copy(),
        cases.drop(new.index),
        new,
        screen.features,
    )
