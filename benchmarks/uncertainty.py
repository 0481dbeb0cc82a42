"""Are error bars, tests and corrected distances right? On simulated sets and on halves of donors.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/uncertainty.py

Everything that is random follows from the seed. Rows that are there are not measured again, so a run that was killed goes on where it stopped.
"""

import argparse

import anndata as ad
import numpy as np
import torch
from _report import output_folder, quiet, test_data
from _rows import Rows
from _uncertainty.donors import GROUP, donors
from _uncertainty.page import page
from _uncertainty.simulated import simulated


def main() -> None:
    """Measure all that is not there yet, and write the page."""
    args = _parser().parse_args()
    quiet()
    torch.set_num_threads(args.threads)
    n_sets, budget, epochs = (4, 1.0, 1) if args.quick else (100, args.budget, args.max_epochs)
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "uncertainty.json")
    for encoder in args.encoders:
        about = {
            "encoder": encoder,
            "n_latent": args.n_latent[0],
            "budget": budget,
            "n_sets": n_sets,
            "seed": args.seed,
        }
        rows.run({"part": "simulated", **about}, lambda about=about: simulated(**about))
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    adata.obs[GROUP] = adata.obs[GROUP].astype(str)
    if args.quick:
        adata = adata[adata.obs[GROUP].isin(np.unique(adata.obs[GROUP])[:8])].copy()
    for n_latent in args.n_latent:
        about = {"n_latent": n_latent, "seed": args.seed, "max_epochs": epochs}
        rows.run({"part": "donors", **about}, lambda about=about: donors(adata, **about))
    (folder / "uncertainty.md").write_text(page(rows.rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoders", nargs="+", default=["deep_sets", "resnet"], help="of simulated sets")
    parser.add_argument(
        "--n-latent", nargs="+", type=int, default=[8, 32], help="of donors; the first of simulated sets"
    )
    parser.add_argument("--budget", type=float, default=120, help="seconds of CPU time to train on simulated sets")
    parser.add_argument("--max-epochs", type=int, help="of donors; default: the model's own")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="smoke run: few sets and donors; leaves docs/ alone")
    return parser


if __name__ == "__main__":
    main()
