"""Clones: do the early cells of a clone tell which late cells are its own? For GDE and for what else one could take.

GDE_DATA_DIR=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/clones.py --seeds 0 1 2

Rows that are there are not measured again, so a run that was killed goes on where it stopped.
"""

import argparse
import itertools
from functools import partial
from typing import Any

import anndata as ad
import numpy as np
import torch
from _groups.clones_page import OURS, page
from _groups.methods import BASELINES, GROUP, Fit, groups_of
from _groups.representations import as_vectors
from _groups.told import mapped, whole_clones
from _groups.trained import gde_model, on_components, scvi_mean
from _own_process import in_own_process
from _report import output_folder, quiet, stopwatch
from _rows import Row, Rows

import gde
from gde.metrics import mutual_information
from gde.metrics._own_ranks import ranks_of

EARLY, LATE = ["2", "4"], ["6"]
TOP = 10
# Sets of one or two cells: small batches, since a batch of 1,024 units would hold most clones; no scale of a set, since one cell has none.
TRAINING = {"max_epochs": 6, "batch_size": 128}
COMPARED = ("pseudobulk PCA", "mean and sd", "kernel mean", "Gaussian W2", "sliced W2", "random")
VECTORS = ("pseudobulk PCA", "mean and sd", "kernel mean", "sliced W2")  # which a regression can map
OPTIONS = {"n_latent": 16}
UNTOLD: dict[str, Fit] = {name: BASELINES[name] for name in COMPARED} | {
    "GDE": on_components(gde_model(TRAINING, **OPTIONS)),
    "GDE, counts": gde_model(TRAINING, **OPTIONS),
    "wormhole": on_components(gde_model(TRAINING, generator="wormhole", **OPTIONS)),
    "scVI mean": scvi_mean,
}
STAGE = {"setup": {"batch_key": "stage"}, "encode_covariates": True} | OPTIONS
WHOLE = on_components(whole_clones(gde_model(TRAINING, **STAGE)))
WHOLE_WORMHOLE = on_components(whole_clones(gde_model(TRAINING, generator="wormhole", **STAGE)))
TOLD: dict[str, Fit] = {f"{name}, mapped": mapped(BASELINES[name]) for name in COMPARED if name in VECTORS} | {
    OURS: WHOLE,
    f"{OURS}, mapped": mapped(WHOLE),
    "wormhole, whole clones": WHOLE_WORMHOLE,
    "wormhole, whole clones, mapped": mapped(WHOLE_WORMHOLE),
    "scVI mean, mapped": mapped(partial(scvi_mean, batch_key="stage")),
}
METHODS = UNTOLD | TOLD


def main() -> None:
    """Measure what is not there yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    torch.set_num_threads(args.threads)
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "clones.json")
    cells = cells_of_clones()
    for seed, method in itertools.product(args.seeds[:1] if args.quick else args.seeds, args.methods):
        job = partial(measure, cells, METHODS[method], seed, args.quick)
        rows.run({"method": method, "seed": seed}, partial(in_own_process, job))
        (folder / "clones.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'clones.md'}", flush=True)


def cells_of_clones() -> ad.AnnData:
    """Cells of LARRY; groups are clones at days 2 and 4, and clones at day 6."""
    adata = gde.datasets.larry()
    stage = np.where(adata.obs["day"].isin(EARLY), "early", "late")
    adata.obs[GROUP], adata.obs["stage"] = adata.obs["clone"].astype(str) + "|" + stage, stage
    return adata


def measure(cells: ad.AnnData, fit: Fit, seed: int, quick: bool) -> Row:
    """Fit on one half of the clones, and score those of the other half that have early and late cells."""
    groups, clones = groups_of(cells), cells.obs["clone"].to_numpy(dtype=str)
    both = np.array([name for name in np.unique(clones) if {f"{name}|early", f"{name}|late"} <= set(groups)])
    tested = np.random.default_rng(seed).permutation(both)[: len(both) // 2]
    train = cells[~np.isin(clones, tested)].copy()
    about: dict[str, Any] = {"max_epochs": 1} if quick else {}
    with stopwatch() as timing:
        represent = fit(train, seed, about)
        early, late = (
            represent(cells[np.isin(groups, [f"{name}|{stage}" for name in tested])].copy())
            for stage in ("early", "late")
        )
        ranks = 1 + ranks_of(early.distances(late), np.arange(len(tested)))
        scores = retrieval_scores(ranks) | information(early, late, seed)
    return {
        "metrics": scores,
        "ranks": dict(
            zip(sorted(tested.tolist(), key="{}|".format), ranks.tolist(), strict=True)
        ),  # groups are in this order
        "n_clones": len(tested),
        "wall_s": timing.wall_s,
        "cpu_s": timing.cpu_s,
        "about": about,
    }


def retrieval_scores(ranks: np.ndarray) -> dict[str, float]:
    """How early a clone's own late cells come; as ``gde.metrics.retrieval``, but from ranks."""
    n = len(ranks)
    return {
        "mrr": float((1 / ranks).mean()),
        "mrr_chance": float((1 / np.arange(1, n + 1)).mean()),
        f"recall@{TOP}": float((ranks <= TOP).mean()),
        f"recall@{TOP}_chance": TOP / n,
    }


def information(early: Any, late: Any, seed: int) -> dict[str, float]:
    """Mutual information of early and late vectors, in bits; methods without vectors have none."""
    if not hasattr(early, "values"):
        return {}
    found = mutual_information(as_vectors(early), as_vectors(late), seed=seed)
    return {
        "information": found.value,
        "information_low": found.low,
        "information_high": found.high,
        "information_null": float(found.null.mean()),
        "p_value": found.p_value,
        "n_components": found.n_components,
    }


if __name__ == "__main__":
    main()
