"""Do patients without a label help? GDE with them and without, and logistic regressions on fixed statistics.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/semi_supervised.py

Rows are kept in docs/benchmarks/semi_supervised.json, and those that are there are not measured again.
"""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path

from _report import output_folder, quiet
from _rows import Rows
from _semi_supervised.cohorts import COHORTS, Cohort
from _semi_supervised.methods import ALL, FEATURES, HALF, LABELLED, TEST_SHARE, run_baseline, run_gde
from _semi_supervised.page import page

SHARES = {"IgAN": (0.1, 0.25, 0.5, 1.0), "simulated": (0.1, 0.25), "COVID CD8": (0.25, 1.0), "COVID PBMC": (0.25, 1.0)}


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", nargs="+", default=list(COHORTS), choices=list(COHORTS))
    parser.add_argument("--shares", nargs="+", type=float, help="default: those of the page")
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument(
        "--test-share", type=float, default=TEST_SHARE, help="0.5: one half of the patients tells of the other"
    )
    parser.add_argument("--epochs", type=int, default=8, help="of 50 batches of 512 units")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch, one seed; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder: Path = output_folder(quick=args.quick)
    rows, load = Rows(folder / "semi_supervised.json"), cache(lambda name: COHORTS[name]())
    for name in args.cohorts[:1] if args.quick else args.cohorts:
        for share in args.shares or SHARES[name]:
            for seed in args.seeds[:1] if args.quick else args.seeds:
                key = {"cohort": name, "share": share, "seed": seed}
                key |= {} if args.test_share == TEST_SHARE else {"test_share": args.test_share}
                measure(rows, load, key, 1 if args.quick else args.epochs, args.test_share)
                (folder / "semi_supervised.md").write_text(page(rows.rows))


def measure(rows: Rows, load: Callable[[str], Cohort], key: dict, epochs: int, test_share: float) -> None:
    """All methods on one division of the patients."""
    name, share, seed = key["cohort"], key["share"], key["seed"]
    for baseline in FEATURES:
        rows.run(key | {"method": baseline}, lambda b=baseline: run_baseline(load(name), share, seed, b, test_share))
    for method in (ALL, LABELLED, HALF):
        if method == ALL or share < 1:
            rows.run(
                key | {"method": method, "epochs": epochs},
                lambda m=method: (
                    run_gde(load(name), share, seed, epochs, m, test_share) | {"oracle_auc": load(name).oracle_auc}
                ),
            )


if __name__ == "__main__":
    main()
