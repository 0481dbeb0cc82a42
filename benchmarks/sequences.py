"""Promoters and viral proteins through the model: what embeddings say of groups, and what generated sequences are like.

GDE_DATA_DIR=... GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/sequences.py

On two cores.
"""

import argparse
import json
import time
from functools import partial
from typing import Any

from _report import output_folder, provenance, quiet, stopwatch, write
from _sequences.page import page
from _sequences.promoters import promoters
from _sequences.proteins import rsv, spike
from _two_at_a_time import two_at_a_time

PARTS = {"rsv": rsv, "promoters": promoters, "spike": spike}  # the longest first


def main() -> None:
    """Run the parts and write the page after each, so that what is done is kept; parts that are not asked for stay as they were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), help="the others stay")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--splits", type=int, default=10, help="splits of the groups of proteins")
    parser.add_argument("--steps", type=int, default=500, help="training steps of each model of promoters")
    parser.add_argument("--quick", action="store_true", help="smoke run: a few steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    earlier = folder / "sequences.json"
    options = {"n_splits": 2 if args.quick else args.splits, "n_steps": 2 if args.quick else args.steps}
    start = time.perf_counter()
    for name, part in two_at_a_time(partial(measure, seed=args.seed, quick=args.quick, **options), args.parts):
        results: dict[str, Any] = json.loads(earlier.read_text()) if earlier.exists() else {}  # by now
        results |= provenance() | {"run_s": time.perf_counter() - start}
        results[name] = part | {"command": results["command"]}
        write(results, "sequences", page, folder)


def measure(name: str, **options: Any) -> dict[str, Any]:
    """What the page says of a part, and how long it took."""
    with stopwatch() as timing:
        part = PARTS[name](**options)
    return part | vars(timing)


if __name__ == "__main__":
    main()
