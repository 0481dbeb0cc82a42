"""Several modalities: cross-modal correlations, missing modalities, counterfactuals.

python benchmarks/multimodal.py --seeds 2
"""

import argparse
from typing import Any

from _multimodal.cohorts import in_two_lanes, real
from _multimodal.joint import counterfactual, joint
from _multimodal.page import page
from _multimodal.speed import unimodal_speed
from _report import output_folder, provenance, quiet, write

SIMULATED = {"rna": {}, "prot": {}, "atac": {"likelihood": "bernoulli"}}
REAL = {"rna": {}, "panel": {}}


def main() -> None:
    """Measure, and write the results after each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="models for each row")
    parser.add_argument("--epochs", type=int, default=None, help="of each model; None: the default, 40")
    parser.add_argument("--batch-size", type=int, default=1024, help="units in a batch")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of the speed")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells and steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    n_units = 400
    if args.quick:
        args.seeds, args.epochs, args.repeats, n_units = 1, 1, 1, 60
    training = {"max_epochs": args.epochs, "batch_size": args.batch_size}
    folder = output_folder(quick=args.quick)
    results: dict[str, Any] = {
        **provenance(),
        "joint": [],
        "counterfactual": [],
        "training": training,
    }
    for seed in range(args.seeds):
        simulated, kept = in_two_lanes(n_units, seed)
        model, figures = joint(simulated, SIMULATED, seed, training, batch_key="lane")
        results["joint"].append({"data": "simulated", "seed": seed, **figures})
        results["counterfactual"].append({"seed": seed, **counterfactual(model, simulated, kept, seed)})
        write(results, "multimodal", page, folder)
        _, figures = joint(real(quick=args.quick), REAL, seed, training)
        results["joint"].append({"data": "onek1k", "seed": seed, **figures})
        write(results, "multimodal", page, folder)
    results["speed"] = unimodal_speed(args.repeats)
    write(results, "multimodal", page, folder)


if __name__ == "__main__":
    main()
