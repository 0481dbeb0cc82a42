"""Do embeddings of sets of images generate the images that they should?

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=2 python benchmarks/images.py

Classes of pictures and mixtures of them, and nuclei of fields of view that training did not see.
"""

import argparse
import json
from typing import Any

from _images.classes import digits, fashion, measure_classes
from _images.nuclei import measure_nuclei
from _images.page import page
from _report import output_folder, provenance, quiet, write

TASKS = ("digits", "fashion", "nuclei")
EPOCHS = {"digits": 40, "fashion": 8, "nuclei": 48}  # of 50 batches at least


def main() -> None:
    """Measure each task with each generator, and write the results after each; what is not asked for stays as it was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--generators", nargs="+", default=["normalizing_flow"])
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    earlier = folder / "images.json"
    for task in args.tasks:
        for generator in args.generators:
            print(f"{task}, {generator} ...", flush=True)
            epochs = 1 if args.quick else EPOCHS[task]
            if task == "nuclei":
                result = measure_nuclei(generator, epochs, args.seed)
            else:
                result = measure_classes(*(digits if task == "digits" else fashion)(), generator, epochs, args.seed)
            results: dict[str, Any] = json.loads(earlier.read_text()) if earlier.exists() else {"tasks": {}}  # by now
            results |= provenance()
            results["tasks"].setdefault(task, {})[generator] = result | {"command": results["command"]}
            write(results, "images", page, folder)


if __name__ == "__main__":
    main()
