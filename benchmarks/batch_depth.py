"""Do batch and sequencing depth stay out of embeddings? With the covariates in the encoder, with thinned counts in training, and without.

OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/batch_depth.py

Rows are kept in docs/benchmarks/batch_depth.json, and those that are there are not measured again.
"""

import argparse
from typing import Any

from _batch_depth.measure import cohort, measure
from _batch_depth.page import page
from _report import output_folder, quiet, stopwatch
from _rows import Rows

import gde

SETTINGS: dict[str, dict[str, Any]] = {
    "neither": {},
    "thinning": {"thinning": 0.8},
    "covariates": {"encode_covariates": True},
    "both": {"encode_covariates": True, "thinning": 0.8},
}


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", nargs="+", default=["donor", "sample"], choices=["donor", "sample"])
    parser.add_argument("--shallow", nargs="+", type=float, default=[1.0, 0.3], help="depth of the second batch")
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, default=6, help="of 50 batches of 512 units")
    parser.add_argument("--quick", action="store_true", help="smoke run: one epoch of one setting; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "batch_depth.json")
    keys = [
        {"group": group, "shallow": shallow, "seed": seed, "setting": setting, "epochs": args.epochs}
        for shallow in args.shallow
        for seed in args.seeds
        for group in args.groups
        for setting in args.settings
    ]
    for key in [keys[0] | {"epochs": 1}] if args.quick else keys:
        rows.run(key, lambda key=key: run(**key))
        (folder / "batch_depth.md").write_text(page(rows.rows))


def run(group: str, shallow: float, seed: int, setting: str, epochs: int) -> dict[str, Any]:
    """Train on one cohort and measure."""
    adata = cohort(seed, shallow=shallow)
    gde.setup_anndata(adata, group_key=group, batch_key="batch")
    model = gde.GDEModel(adata, n_latent=16, n_hidden=64, seed=seed, **SETTINGS[setting])
    with stopwatch() as timing:
        model.train(epochs, batch_size=512, accelerator="cpu", enable_progress_bar=False)
    return measure(model, seed) | {"cpu_s": timing.cpu_s}


if __name__ == "__main__":
    main()
