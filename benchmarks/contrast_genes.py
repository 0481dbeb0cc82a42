"""Does the contrast of generated distributions find the genes that differ between real cells?

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/contrast_genes.py

A random half A of each group's cells trains the model, half B is kept: pseudobulks of B are the reference, those of A the ceiling.
"""

import argparse
from itertools import combinations
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from _baselines import group_sums, log_normalise, two_parts
from _contrast_genes_page import page
from _report import output_folder, provenance, quiet, stopwatch, test_data, write
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import gde

TOP = (20, 50)
Classes = tuple[list[str], list[str]]


def main() -> None:
    """Measure both data sets, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-units", type=int, default=1000, help="cells that are generated for each group")
    parser.add_argument("--splits", type=int, default=20, help="random pairs of donors, and splits of classes, at most")
    parser.add_argument("--max-epochs", type=int, help="default: the model's own")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch, two splits; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    if args.quick:
        args.n_units, args.splits, args.max_epochs = 50, 2, 1
    results: dict[str, Any] = {**provenance(), "settings": vars(args), "top": TOP, "data": {}}
    folder = output_folder(quick=args.quick)
    for name, measure in {"panobinostat": panobinostat, "onek1k": onek1k}.items():
        print(f"{name} ...", flush=True)
        results["data"][name] = measure(args)
        write(results, "contrast_genes", page, folder)


def panobinostat(args: argparse.Namespace) -> dict[str, Any]:
    """Treated against untreated tumours, and untreated against untreated, treated against treated ones."""
    adata = ad.read_h5ad(test_data("gbm_panobinostat_5patients.h5ad"))
    components = PCA(15, random_state=args.seed).fit_transform(log_normalise(adata.X))
    clusters = KMeans(5, n_init=5, random_state=args.seed).fit_predict(components)
    adata.obs["cell_type"] = pd.Categorical(clusters.astype(str))  # the data have no annotation
    task = Task(adata, "sample_id", args)
    condition = adata.obs.groupby("sample_id", observed=True)["condition"].first().astype(str)
    treated, untreated = (condition.index[condition == name].tolist() for name in ("panobinostat", "ctrl"))
    splits = [
        ([*pair], [name for name in group if name not in pair])
        for group in (treated, untreated)
        for pair in combinations(group, 2)
    ]
    order = np.random.default_rng(args.seed).permutation(len(splits))[: args.splits]
    return task.about() | {
        "contrasts": [task.compare((treated, untreated))],
        "null": [task.null(splits[split]) for split in order],
    }


def onek1k(args: argparse.Namespace) -> dict[str, Any]:
    """Single healthy donors against each other, and random halves of all donors."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    task = Task(adata, "donor", args)
    rng = np.random.default_rng(args.seed)
    donors = np.unique(adata.obs["donor"].astype(str))
    pairs = [rng.choice(donors, 2, replace=False).tolist() for _ in range(args.splits)]
    halves = [np.array_split(rng.permutation(donors), 2) for _ in range(args.splits)]
    return task.about() | {
        "contrasts": [task.compare(([a], [b])) for a, b in pairs],
        "null": [task.null((a.tolist(), b.tolist())) for a, b in halves],
    }


class Task:
    """A model trained on half A of the cells, and pseudobulks of both halves."""

    def __init__(self, adata: ad.AnnData, group: str, args: argparse.Namespace):
        self._args = args
        adata.obs[group] = adata.obs[group].astype(str)
        halves = two_parts(adata.obs[group].to_numpy(), np.random.default_rng(args.seed))
        train = adata[halves[0]].copy()
        self._library = float(np.median(np.asarray(train.X.sum(1))))
        self._bulk_a, self._bulk_b = (self._pseudobulk(adata[rows], group) for rows in halves)
        gde.setup_anndata(train, group_key=group)
        self.model = gde.GDEModel(train, seed=args.seed)
        with stopwatch() as self._timing:
            self.model.train(max_epochs=args.max_epochs, accelerator="cpu", enable_progress_bar=False)

    def _pseudobulk(self, adata: ad.AnnData, group: str) -> pd.DataFrame:
        sums = group_sums(adata.X, adata.obs[group].to_numpy())
        return sums.div(sums.sum(axis=1), axis=0) * self._library

    def about(self) -> dict[str, Any]:
        """Sizes, and the time that training took."""
        n_cells, n_genes = self.model.adata.shape
        sizes = {"n_cells": n_cells, "n_genes": n_genes, "n_groups": len(self._bulk_a), "library_size": self._library}
        return sizes | {"training_wall_s": self._timing.wall_s}

    def _contrast(self, classes: Classes, n_units: int) -> pd.DataFrame:
        settings = {"n_units": n_units, "library_size": self._library, "seed": self._args.seed}
        return gde.tl.contrast_genes(self.model, *classes, **settings)

    def compare(self, classes: Classes) -> dict[str, Any]:
        """Generated cells and pseudobulks of A against pseudobulks of B."""
        with stopwatch() as timing:
            table = self._contrast(classes, self._args.n_units)
        reference, ceiling = (self._real(bulk, classes) for bulk in (self._bulk_b, self._bulk_a))
        shares = {part: float((table[part] ** 2).sum()) for part in ("composition", "state")}
        return {
            "generated": _agreement(table["difference"], table["log2_fold_change"], *reference),
            "real": _agreement(*ceiling, *reference),
            "composition_share": shares["composition"] / sum(shares.values()),
            "classifier_accuracy": table.attrs["classifier_accuracy"],
            "wall_s": timing.wall_s,
        }

    def _real(self, bulk: pd.DataFrame, classes: Classes) -> tuple[pd.Series, pd.Series]:
        """Difference, and log2 fold change, of pseudobulk means."""
        a, b = (bulk.loc[groups].mean() for groups in classes)
        more = self._library * 1e-5
        return a - b, np.log2((a + more) / (b + more))

    def null(self, classes: Classes) -> dict[str, Any]:
        """Share of genes whose interval excludes zero, though nothing but chance parts the classes."""
        table = self._contrast(classes, max(self._args.n_units // 4, 50))
        intervals = {
            part: (table[f"{part}_low"] > 0) | (table[f"{part}_high"] < 0)
            for part in ("difference", "composition", "state")
        }
        real = stats.ttest_ind(*(self._bulk_b.loc[groups] for groups in classes), equal_var=False)
        return {part: float(excluded.mean()) for part, excluded in intervals.items()} | {
            "real": float((real.pvalue < 0.05).mean())
        }


def _agreement(difference: Any, fold_change: Any, true_difference: Any, true_fold_change: Any) -> dict[str, float]:
    x, y = np.asarray(difference), np.asarray(true_difference)
    overlap = {f"top_{k}": len(set(np.argsort(-abs(x))[:k]) & set(np.argsort(-abs(y))[:k])) / k for k in TOP}
    return {
        "spearman_difference": float(stats.spearmanr(x, y)[0]),
        "spearman_fold_change": float(stats.spearmanr(fold_change, true_fold_change)[0]),
        **overlap,
    }


if __name__ == "__main__":
    main()
