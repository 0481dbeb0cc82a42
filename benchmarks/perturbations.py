"""Perturbations that nobody has measured: predicted from features of the target, from its other guide, or from other patients.

GDE_DATA_DIR=... GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/perturbations.py --seeds 0 1 2

Rows are kept in docs/benchmarks/perturbations.json, and those that are there are not measured again. Linux only.
"""

import argparse
import itertools
from functools import partial

import torch
from _own_process import in_own_process
from _perturbations.measure import measure
from _perturbations.methods import METHODS
from _perturbations.page import CEILING, page
from _perturbations.tasks import PARTS
from _report import output_folder, quiet
from _rows import Rows

TRAINED = ("scVI", "GDE")


def main() -> None:
    """Measure what is not there yet, and write the page."""
    names = [*METHODS, CEILING]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--methods", nargs="+", default=names, choices=names)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument(
        "--folds", type=int, default=20, help="of the part 'targets'; 20 leave out one target at a time"
    )
    parser.add_argument("--epochs", type=int, help="of methods that train a network; by default their own number")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch of one part; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    torch.set_num_threads(1)
    if args.quick:
        args.epochs, args.folds, args.seeds = 1, 2, args.seeds[:1]
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "perturbations.json")
    for seed, part, method in itertools.product(args.seeds, args.parts, args.methods):
        key = {
            "part": part,
            "method": method,
            "seed": seed,
            "folds": args.folds if part == "targets" else None,
            "epochs": args.epochs if method in TRAINED else None,
        }
        rows.run(key, partial(in_own_process, partial(measure, **key)))
        (folder / "perturbations.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'perturbations.md'}", flush=True)


if __name__ == "__main__":
    main()
