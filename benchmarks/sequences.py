"""Promoters and viral proteins through the model: what embeddings say of groups, and what generated sequences are like.

GDE_DATA_DIR=... GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/sequences.py
"""

import argparse
import json
from typing import Any

from _report import output_folder, provenance, quiet, stopwatch, write
from _sequences.page import page
from _sequences.promoters import promoters
from _sequences.proteins import rsv, spike

PARTS = {"spike": spike, "rsv": rsv, "promoters": promoters}


def main() -> None:
    """Run the parts and write the page after each, so that what is done is kept; parts that are not asked for stay as they were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), help="the others stay")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--splits", type=int, default=10, help="splits of the groups of proteins")
    parser.add_argument("--steps", type=int, default=600, help="training steps of each model of promoters")
    parser.add_argument("--quick", action="store_true", help="smoke run: a few steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    earlier = folder / "sequences.json"
    options = {"n_splits": 2 if args.quick else args.splits, "n_steps": 2 if args.quick else args.steps}
    for name in args.parts:
        with stopwatch() as timing:
            part = PARTS[name](seed=args.seed, quick=args.quick, **options)
        results: dict[str, Any] = json.loads(earlier.read_text()) if earlier.exists() else {}  # by now
        results |= provenance()
        results[name] = part | {"wall_s": timing.wall_s, "cpu_s": timing.cpu_s, "command": results["command"]}
        write(results, "sequences", page, folder)


if __name__ == "__main__":
    main()
