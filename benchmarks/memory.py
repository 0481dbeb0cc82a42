"""Memory and time from 10,000 to a million cells on disk: sorting a store, setting up, training and embedding.

python benchmarks/memory.py

Each number of cells has a process of its own, which this script starts; Linux only. The largest needs 4 GB of disk in the folder for temporary files.
Rows are kept as they come, and what is there is not measured again: delete docs/benchmarks/memory.json to begin anew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
import zarr
from _own_process import forget_peak, peak_mb
from _report import output_folder, provenance_of_rows, quiet, stopwatch, table
from _rows import Rows
from anndata.io import read_elem, sparse_dataset, write_elem
from throughput import simulate

import gde

SIZES = [10_000, 100_000, 1_000_000]
N_GENES, N_GROUPS, N_STEPS = 2000, 100, 200
PHASES = {
    "sort": "sorting the store",
    "set_up": "setting up",
    "train": f"training {N_STEPS} steps",
    "embed": "embedding all groups",
}


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="numbers of cells")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells; leaves docs/ alone")
    parser.add_argument("--store", help=argparse.SUPPRESS)  # a store to measure with, in this process
    args = parser.parse_args()
    quiet()
    if args.store:
        print(json.dumps(measure(Path(args.store))))
        return
    if args.quick:
        args.sizes = [2000, 4000]
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "memory.json")
    for n_cells in args.sizes:
        rows.run({"cells": n_cells}, lambda n=n_cells: _in_own_process(n))
        (folder / "memory.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'memory.md'}", flush=True)


def write_store(path: Path, n_cells: int) -> None:
    """Cells of all groups in no order, a part at a time."""
    adata = simulate(min(n_cells, 10_000), N_GENES)
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"group": rng.integers(0, N_GROUPS, n_cells).astype(str)}, index=np.arange(n_cells).astype(str))
    store = zarr.open_group(path, mode="w")
    store.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    write_elem(store, "obs", obs)
    write_elem(store, "var", adata.var)
    empty = sp.csr_matrix((0, N_GENES), dtype=np.float32)
    empty.indptr = empty.indptr.astype(np.int64)
    write_elem(store, "X", empty, dataset_kwargs={"chunks": (2**20,)})
    matrix = sparse_dataset(store["X"])
    for start in range(0, n_cells, adata.n_obs):
        n_rows = min(adata.n_obs, n_cells - start)
        matrix.append(sp.csr_matrix(adata.X[rng.permutation(adata.n_obs)[:n_rows]], dtype=np.float32))


def _in_own_process(n_cells: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        write_store(path := Path(folder) / "cells.zarr", n_cells)
        command = [sys.executable, sys.argv[0], "--store", str(path)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    print(result, flush=True)
    return result


def measure(path: Path) -> dict[str, Any]:
    """Time and peak memory of each phase; what the process held after the imports is taken off."""
    held = forget_peak()
    phases: dict[str, Any] = {}

    def phase(name: str, run: Callable[[], Any]) -> None:
        forget_peak()
        with stopwatch() as timing:
            run()
        phases[name] = {"cpu_s": timing.cpu_s, "wall_s": timing.wall_s, "peak_mb": peak_mb() - held}

    target = path.with_name("sorted.zarr")
    phase("sort", lambda: gde.pp.sort_by_group(path, target, "group"))
    store = zarr.open_group(target, mode="r")
    parts = {name: read_elem(store[name]) for name in ("obs", "var", "uns")}
    adata = ad.AnnData(X=sparse_dataset(store["X"]), **parts)
    phase("set_up", lambda: gde.setup_anndata(adata, group_key="group"))
    model = gde.GDEModel(adata)
    train = {"max_epochs": 1, "limit_train_batches": N_STEPS, "accelerator": "cpu", "enable_progress_bar": False}
    n_batches = max(50, -(-adata.n_obs // 1024))
    if n_batches < N_STEPS:  # an epoch is shorter
        train |= {"max_epochs": N_STEPS // 50, "limit_train_batches": 50}
    phase("train", lambda: model.train(**train))
    phase("embed", lambda: model.get_group_embeddings(key_added=None))
    return {"n_cells": adata.n_obs, "n_steps": model.trainer.global_step, "phases": phases}


def page(measured: list[dict[str, Any]]) -> str:
    """The page of the documentation."""
    missing = [f"{n:,}" for n in SIZES if n not in {row["n_cells"] for row in measured}]
    lines = [
        "# Memory",
        "",
        "What it takes to train on and embed cells that stay on disk.",
        "",
        f"Simulated counts, {N_GENES:,} genes, 8 % non-zero, {N_GROUPS} groups of equal size, in a temporary zarr store in which the cells are in no order. "
        "{func}`gde.pp.sort_by_group` writes a sorted store, from which a model of default sizes is set up, trained and asked for all embeddings. Setting up looks at "
        "every value; training also goes through all training cells to find its constants, and at the end of each epoch through the tenth that is held out. "
        "Peak memory is that of the process beyond what the imports take. Other programs ran on the machine: compare CPU times, wall times are there "
        "for completeness. Targets: at a million cells a peak of at most 1,500 MB, which is no higher than at 100,000, and a time of embedding that grows like the "
        "number of cells.",
        "",
        *(
            [f"**Not measured: {', '.join(missing)} cells**, so the targets there are open."]
            if missing
            else _verdict(measured)
        ),
        "",
    ]
    for name, title in PHASES.items():
        rows = [
            (
                f"{row['n_cells']:,}",
                f"{row['phases'][name]['peak_mb']:.0f}",
                f"{row['phases'][name]['cpu_s']:.1f}",
                f"{row['phases'][name]['wall_s']:.0f}",
                f"{row['phases'][name]['cpu_s'] / row['n_cells'] * 1e6:.0f}",
            )
            for row in sorted(measured, key=lambda row: row["n_cells"])
        ]
        header = ["cells", "peak (MB)", "CPU (s)", "wall (s)", "CPU (µs a cell)"]
        lines += [f"## {title.capitalize()}", "", *table(header, rows), ""]
    return "\n".join([*lines, *provenance_of_rows(measured), ""])


def _verdict(measured: list[dict[str, Any]]) -> list[str]:
    rows = {row["n_cells"]: row["phases"] for row in measured}
    peaks = {n: max(phase["peak_mb"] for phase in rows[n].values()) for n in SIZES[1:]}
    trained = {n: max(rows[n][name]["peak_mb"] for name in ("train", "embed")) for n in SIZES[1:]}
    few, many = SIZES[1:]
    return [
        f"The peak of all phases at a million cells is {peaks[many]:,.0f} MB ({'met' if peaks[many] <= 1500 else 'missed'}). Training and embedding take "
        f"{trained[few]:,.0f} MB at {few:,} cells and {trained[many]:,.0f} MB at a million, {(trained[many] - trained[few]) * 1e6 / (many - few):,.0f} bytes "
        "more for each further cell: not flat (missed). What grows is `.obs` with the names of the cells, the groups and the start of each sparse row, and what the "
        "sorting before, in the same process, left behind; no unit is kept in memory.",
    ]


if __name__ == "__main__":
    main()
