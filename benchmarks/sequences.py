"""Promoters and viral proteins through the model: what embeddings say of groups, and what generated sequences are like.

GDE_DATA_DIR=... GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/sequences.py
"""

import argparse
from typing import Any

from _report import output_folder, provenance, quiet, stopwatch, write
from _sequences.page import page
from _sequences.promoters import promoters
from _sequences.proteins import rsv, spike

PARTS = {"spike": spike, "rsv": rsv, "promoters": promoters}


def main() -> None:
    """Run the parts and write the page after each, so that what is done is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--splits", type=int, default=10, help="splits of the groups of proteins")
    parser.add_argument("--quick", action="store_true", help="smoke run: a few steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    results: dict[str, Any] = provenance()
    for name in args.parts or PARTS:
        with stopwatch() as timing:
            results[name] = PARTS[name](seed=args.seed, n_splits=2 if args.quick else args.splits, quick=args.quick)
        results[name] |= {"wall_s": timing.wall_s, "cpu_s": timing.cpu_s}
        write(results, "sequences", page, folder)


if __name__ == "__main__":
    main()
