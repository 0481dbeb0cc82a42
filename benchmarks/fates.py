"""What will the late cells of a clone be? Predicted from its early cells, split by clone.

GDE_DATA_DIR=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/fates.py --seeds 0 1 2

Rows are kept in docs/benchmarks/fates.json, and those that are there are not measured again.
"""

import argparse
import itertools

import numpy as np
import pandas as pd
import torch
from _fates.methods import METHODS, Split, fit_classifier
from _fates.page import page
from _groups.methods import groups_of
from _report import output_folder, quiet, stopwatch
from _rows import Row, Rows
from clones import cells_of_clones
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import roc_auc_score

MIN_CLONES = 3  # with and without a fate, for its AUROC


def main() -> None:
    """Measure what is not there yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    torch.set_num_threads(1)
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "fates.json")
    for seed, method in itertools.product(args.seeds[:1] if args.quick else args.seeds, args.methods):
        epochs = 1 if args.quick else None
        rows.run({"method": method, "seed": seed}, lambda m=method, s=seed, e=epochs: measure(m, s, e))
        (folder / "fates.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'fates.md'}", flush=True)


def measure(method: str, seed: int, epochs: int | None) -> Row:
    """Fit on one half of the clones, and predict the late types of the other half."""
    cells = cells_of_clones()
    groups, clones = groups_of(cells), cells.obs["clone"].to_numpy(dtype=str)
    both = [name for name in np.unique(clones) if {f"{name}|early", f"{name}|late"} <= set(groups)]
    order = np.random.default_rng(seed).permutation(both)
    tested, known = np.sort(order[: len(both) // 2]).tolist(), np.sort(order[len(both) // 2 :]).tolist()
    train = cells[~np.isin(clones, tested)].copy()
    early = cells[np.isin(groups, [f"{name}|early" for name in tested])].copy()
    classifier = fit_classifier(train)
    shares = pd.crosstab(groups, cells.obs["cell_state"].astype(str), normalize="index")[classifier.classes_]
    late = lambda names: shares.loc[[f"{name}|late" for name in names]].set_axis(names)
    split = Split(train, early, known, tested, late(known), classifier)
    with stopwatch() as timing:
        predicted = METHODS[method](split, seed, epochs)
    truth = late(tested)
    distance = [jensenshannon(*pair, base=2) for pair in zip(predicted.to_numpy(), truth.to_numpy(), strict=True)]
    metrics = {"jensen_shannon": np.nan_to_num(distance).tolist(), "auroc": _auroc(predicted, truth)}
    return {"metrics": metrics, "n_clones": len(tested), "wall_s": timing.wall_s, "cpu_s": timing.cpu_s}


def _auroc(predicted: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Of each fate that enough clones have and lack: does its predicted share tell which clones have such a cell?"""
    has = truth > 0
    enough = [fate for fate in truth if MIN_CLONES <= has[fate].sum() <= len(has) - MIN_CLONES]
    return {fate: float(roc_auc_score(has[fate], predicted[fate])) for fate in enough}


if __name__ == "__main__":
    main()
