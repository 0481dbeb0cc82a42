"""Does training ever end in a NaN? Many seeds on three data sets, with the defaults but for the number of epochs.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/seeds.py

Rows are kept in docs/benchmarks/seeds.json, and those that are there are not measured again.
"""

import argparse
from collections.abc import Callable
from functools import cache

import anndata as ad
import numpy as np
import scanpy as sc
from _report import output_folder, provenance_of_rows, quiet, stopwatch, table, test_data
from _rows import Row, Rows

import gde


def simulated() -> ad.AnnData:
    """A cohort of 8 donors."""
    adata = gde.datasets.simulate_cohort(n_donors=8, n_units=(20, 200), n_genes=200, library_size=1000, seed=0)
    gde.setup_anndata(adata, group_key="donor", batch_key="batch")
    return adata


def onek1k() -> ad.AnnData:
    """Real counts of 40 donors, the 300 genes with the most counts."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    counts = np.asarray(adata.X.sum(axis=0)).ravel()
    adata = adata[:, np.sort(np.argsort(counts)[-300:])].copy()
    gde.setup_anndata(adata, group_key="donor")
    return adata


def pca() -> ad.AnnData:
    """Continuous units: principal components of scanpy's 700 blood cells by their cluster."""
    adata = sc.datasets.pbmc68k_reduced()
    gde.setup_anndata(adata, group_key="louvain", obsm_key="X_pca")
    return adata


DATA: dict[str, Callable[[], ad.AnnData]] = {
    "simulated counts": simulated,
    "OneK1K counts": onek1k,
    "PBMC components": pca,
}


def main() -> None:
    """Measure what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(20)))
    parser.add_argument("--steps", type=int, default=50, help="batches of 256 units")
    parser.add_argument("--quick", action="store_true", help="smoke run: one seed, two steps; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    seeds, steps = ([0], 2) if args.quick else (args.seeds, args.steps)
    folder, load = output_folder(quick=args.quick), cache(lambda name: DATA[name]())
    rows = Rows(folder / "seeds.json")
    for seed in seeds:
        for name in DATA:
            rows.run({"data": name, "steps": steps, "seed": seed}, lambda n=name, s=seed: measure(load(n), s, steps))
            (folder / "seeds.md").write_text(page(rows.rows))


def measure(adata: ad.AnnData, seed: int, steps: int) -> Row:
    """Train, embed and generate; is every number finite?"""
    model = gde.GDEModel(adata, seed=seed)
    with stopwatch() as timing:
        model.train(
            1, limit_train_batches=steps, batch_size=256, accelerator="cpu", enable_progress_bar=False, logger=None
        )
    embeddings = model.get_group_embeddings(key_added=None).to_numpy()
    new = model.generate(n_units=20)
    units = model.unit_matrix(new)
    finite = {
        "losses": all(np.isfinite(losses.to_numpy(float)).all() for losses in model.history.values()),
        "embeddings": np.isfinite(embeddings).all(),
        "units": np.isfinite(units.data if hasattr(units, "tocsr") else units).all(),
    }
    return {
        "finite": {name: bool(value) for name, value in finite.items()},
        "validation_loss": float(model.history["validation_loss"].iloc[-1, 0]),
        "largest_embedding": float(np.abs(embeddings).max()),
        "cpu_s": timing.cpu_s,
    }


def page(rows: list[Row]) -> str:
    """The whole page."""
    lines = []
    for name in DATA:
        own = [row for row in rows if row["key"]["data"] == name]
        if own:
            losses = [row["validation_loss"] for row in own]
            bad = sum(not all(row["finite"].values()) for row in own)
            largest = max(row["largest_embedding"] for row in own)
            lines.append([name, str(len(own)), str(bad), f"{min(losses):.4g} to {max(losses):.4g}", f"{largest:.3g}"])
    steps = sorted({row["key"]["steps"] for row in rows})
    return "\n".join(
        [
            "# Seeds",
            "",
            f"Does training end in a NaN? Each seed has its own weights, split, sets and noise; {' and '.join(map(str, steps))} batches of 256 units, else the defaults. A run counts as bad if "
            "a loss, an embedding or a value of a generated unit is not finite.",
            "",
            *table(["data", "runs", "bad", "validation loss", "largest coordinate of an embedding"], lines),
            *provenance_of_rows(rows),
            "",
        ]
    )


if __name__ == "__main__":
    main()
