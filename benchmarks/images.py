"""Do embeddings of sets of images generate the images that they should?

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/images.py

Classes of pictures and mixtures of them, and nuclei of fields of view that training did not see; on two cores.
"""

import argparse
import json
import time
from itertools import product
from typing import Any, NamedTuple

from _images.classes import digits, fashion, measure_classes
from _images.nuclei import measure_nuclei
from _images.page import page
from _report import output_folder, provenance, quiet, write
from _two_at_a_time import two_at_a_time

EPOCHS = {"nuclei": 40, "digits": 40, "fashion": 8}  # of 50 batches at least; the longest first


class Part(NamedTuple):
    """A task with a generator."""

    task: str
    generator: str
    max_epochs: int
    seed: int


def main() -> None:
    """Measure each task with each generator, and write the results after each; what is not asked for stays as it was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tasks", nargs="+", choices=list(EPOCHS), default=list(EPOCHS))
    parser.add_argument("--generators", nargs="+", default=["normalizing_flow"])
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    earlier = folder / "images.json"
    parts = [
        Part(task, generator, 1 if args.quick else EPOCHS[task], args.seed)
        for task, generator in product(args.tasks, args.generators)
    ]
    start = time.perf_counter()
    for part, result in two_at_a_time(measure, parts):
        results: dict[str, Any] = json.loads(earlier.read_text()) if earlier.exists() else {"tasks": {}}  # by now
        results |= provenance() | {"run_s": time.perf_counter() - start}
        results["tasks"].setdefault(part.task, {})[part.generator] = result | {"command": results["command"]}
        write(results, "images", page, folder)


def measure(part: Part) -> dict[str, Any]:
    """What the page says of a task with a generator."""
    if part.task == "nuclei":
        return measure_nuclei(part.generator, part.max_epochs, part.seed)
    images = digits() if part.task == "digits" else fashion()
    return measure_classes(*images, part.generator, part.max_epochs, part.seed)


if __name__ == "__main__":
    main()
