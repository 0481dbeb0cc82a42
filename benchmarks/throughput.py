"""How many cells per second: training and embedding, GDE beside scVI, MrVI and its own matrix products, in one run.

python benchmarks/throughput.py

Each number of threads is measured in a process of its own, which this script starts with OMP_WAIT_POLICY=PASSIVE.
"""

import argparse
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from _report import Timing, output_folder, provenance, provenance_lines, quiet, stopwatch, table, write
from anndata import AnnData
from lightning.pytorch.callbacks import Callback
from scvi.external import MRVI
from scvi.model import SCVI
from torch.utils._python_dispatch import TorchDispatchMode

import gde
from gde.generators import FlowMatching

N_GROUPS = 40
DENSITY = 0.08
BATCH = 1024
TRAINERS = {  # name: model, units per batch, epochs of one measurement (20,000 to 50,000 units each)
    "GDE flow_matching, batch 1024": ("flow_matching", BATCH, 1),
    "GDE flow_matching 128 wide, batch 1024": ("flow_matching 128 wide", BATCH, 1),
    "GDE cvae, batch 1024": ("cvae", BATCH, 1),
    "scVI, batch 1024": ("scvi", BATCH, 1),
    "scVI, batch 128 (its default)": ("scvi", 128, 1),
    "MrVI, batch 1024": ("mrvi", BATCH, 1),
}
FLOORS = {  # name: model
    "products of a step, flow_matching": "flow_matching",
    "products of a step, flow_matching 128 wide": "flow_matching 128 wide",
    "products of a step, cvae": "cvae",
}
EMBEDDERS = {  # name: model, units per batch
    "GDE, batch 4096 (its default)": ("flow_matching", 4096),
    "GDE, batch 20000": ("flow_matching", 20_000),
    "scVI, batch 128 (its default)": ("scvi", 128),
    "scVI, batch 4096": ("scvi", 4096),
    "scVI, batch 20000": ("scvi", 20_000),
}
FLOW, CVAE = "GDE flow_matching, batch 1024", "GDE cvae, batch 1024"
NARROW = "GDE flow_matching 128 wide, batch 1024"
RATIOS = [  # label, numerator, denominator, target at one thread
    ("training, flow_matching / scVI, both batch 1024", FLOW, "scVI, batch 1024", "≥ 3.5, aim 5"),
    ("training, flow_matching 128 wide / scVI, both batch 1024", NARROW, "scVI, batch 1024", "≥ 3.5, aim 5"),
    ("training, cvae / scVI, both batch 1024", CVAE, "scVI, batch 1024", "≥ 3.5, aim 5"),
    ("training, flow_matching / scVI at batch 128", FLOW, "scVI, batch 128 (its default)", "–"),
    ("training, cvae / scVI at batch 128", CVAE, "scVI, batch 128 (its default)", "–"),
    ("training, flow_matching / MrVI, both batch 1024", FLOW, "MrVI, batch 1024", "–"),
    ("training, flow_matching / its matrix products alone", FLOW, "products of a step, flow_matching", "≥ 0.45"),
    (
        "training, flow_matching 128 wide / its matrix products alone",
        NARROW,
        "products of a step, flow_matching 128 wide",
        "≥ 0.45",
    ),
    ("training, cvae / its matrix products alone", CVAE, "products of a step, cvae", "≥ 0.45"),
    ("embedding, both at their defaults", "GDE, batch 4096 (its default)", "scVI, batch 128 (its default)", "≥ 3"),
    ("embedding, both batch 4096", "GDE, batch 4096 (its default)", "scVI, batch 4096", "≥ 3"),
    ("embedding, both batch 20000", "GDE, batch 20000", "scVI, batch 20000", "≥ 3"),
]


def main() -> None:
    """Measure in one process per number of threads, and write the results."""
    args = _parser().parse_args()
    if args.quick:
        args.cells, args.genes, args.repeats = 3000, 500, 2
    if args.worker:
        Path(args.worker).write_text(json.dumps(measure(args)))
        return
    n_all = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    results = {
        **provenance(),
        "data": {"n_cells": args.cells, "n_genes": args.genes, "density": DENSITY, "n_groups": N_GROUPS},
        "settings": {"repeats": args.repeats, "n_hidden": 128, "n_layers": 1, "likelihood": "nb"},
        "threads": {},
    }
    for n_threads in args.threads or sorted({1, n_all}):
        print(f"{n_threads} thread(s) ...", flush=True)
        results["threads"][str(n_threads)] = _in_own_process(n_threads)
    write(results, "throughput", page, output_folder(quick=args.quick))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each, taken in turn")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads; default: 1 and all")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells; leaves docs/ alone")
    parser.add_argument("--worker", help=argparse.SUPPRESS)  # where a process for one number of threads writes
    return parser


def _in_own_process(n_threads: int) -> dict[str, Any]:
    environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": str(n_threads)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        subprocess.run([sys.executable, *sys.argv, "--worker", str(path)], env=environment, check=True)
        return json.loads(path.read_text())


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Training and embedding of all models, taken in turn, so that all meet the same moods of the machine."""
    quiet()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    adata = simulate(args.cells, args.genes)
    narrow = FlowMatching(n_vectors=16, n_latent=32, n_hidden=128)
    generators = {"flow_matching": "flow_matching", "flow_matching 128 wide": narrow, "cvae": "cvae"}
    models: dict[str, Any] = {name: _gde(adata, generator) for name, generator in generators.items()}
    models |= {"scvi": _scvi(adata), "mrvi": _mrvi(adata)}
    tasks = {name: lambda r=recipe: train(models[r[0]], *r[1:]) for name, recipe in TRAINERS.items()}
    tasks |= {name: Products.of(models[key]).replay for name, key in FLOORS.items()}
    embedders = {name: lambda r=recipe: embed(models[r[0]], r[1]) for name, recipe in EMBEDDERS.items()}
    return {
        "n_threads": torch.get_num_threads(),
        "training": _in_turn(tasks, args.repeats),
        "embedding": _in_turn(embedders, args.repeats),
    }


def simulate(n_cells: int, n_genes: int, seed: int = 0) -> AnnData:
    """Counts at random places, CSR, in groups of equal size."""
    rng = np.random.default_rng(seed)
    counts = sp.random(
        n_cells, n_genes, DENSITY, "csr", np.float32, rng, data_rvs=lambda n: 1 + rng.poisson(1, n).astype(np.float32)
    )
    groups = np.array([f"group_{i % N_GROUPS}" for i in range(n_cells)])
    adata = AnnData(sp.csr_matrix(counts))
    adata.obs["group"] = groups
    return adata


def _gde(adata: AnnData, generator: Any) -> gde.GDEModel:
    adata = adata.copy()
    gde.setup_anndata(adata, group_key="group")
    return gde.GDEModel(adata, generator=generator, n_hidden=128)


def _scvi(adata: AnnData) -> SCVI:
    adata = adata.copy()
    SCVI.setup_anndata(adata)
    return SCVI(adata, n_hidden=128, n_layers=1, gene_likelihood="nb")


def _mrvi(adata: AnnData) -> Any:
    adata = adata.copy()
    MRVI.setup_anndata(adata, sample_key="group")
    return MRVI(adata, encoder_n_hidden=128)


def _in_turn(tasks: dict[str, Callable[[], dict[str, float]]], repeats: int) -> dict[str, list[dict[str, float]]]:
    """Run all tasks once to warm up, then all of them again and again."""
    for task in tasks.values():
        task()
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            measured[name].append(task())
    return measured


class UnitCounter(Callback):
    """Counts the units of all batches that were trained on, and times the loop over them: not what is set up before or after."""

    def __init__(self) -> None:
        self.n_units = self.n_steps = 0
        self.timing = Timing()

    def on_train_epoch_start(self, *args: Any) -> None:
        """Start the clocks with the first epoch."""
        if self.n_steps == 0:
            self._started = time.perf_counter(), time.process_time()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: dict[str, Any], *args: Any) -> None:
        """Count; every unit of a batch passes the encoder and the likelihood of all genes once."""
        self.n_units += batch["X"].shape[0]
        self.n_steps += 1
        wall, cpu = self._started
        self.timing = Timing(time.perf_counter() - wall, time.process_time() - cpu)


class Products(TorchDispatchMode):
    """The matrix products of one training step, dense and sparse, forwards and backwards, to be taken again without all the rest."""

    NAMES = ("aten::mm", "aten::addmm", "aten::addmm.out", "aten::_embedding_bag_forward_only")
    REPEATS = 10

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Callable[[], Any]] = []
        self.n_units = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Let the operation pass, and keep it if it is a product."""
        if func.name() in self.NAMES:
            self.calls.append(functools.partial(func, *args, **(kwargs or {})))
        return func(*args, **(kwargs or {}))

    @classmethod
    def of(cls, model: gde.GDEModel) -> "Products":
        """Those of the first step of an epoch."""
        products = cls()
        model.train(
            max_epochs=1,
            validation_size=0,
            batch_size=BATCH,
            accelerator="cpu",
            enable_progress_bar=False,
            limit_train_batches=1,
            callbacks=[_Recorder(products)],
        )
        return products

    @torch.no_grad()
    def replay(self) -> dict[str, float]:
        """Speed if a step were nothing but these products."""
        with stopwatch() as timing:
            for _ in range(self.REPEATS):
                for call in self.calls:
                    call()
        return _speed(self.n_units * self.REPEATS, timing) | {"n_steps": self.REPEATS}


class _Recorder(Callback):
    def __init__(self, products: Products) -> None:
        self.products = products

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: dict[str, Any], batch_idx: int) -> None:
        self.products.n_units = batch["X"].shape[0]
        self.products.__enter__()

    def on_train_batch_end(self, *args: Any) -> None:
        self.products.__exit__(None, None, None)


def train(model: Any, batch_size: int, n_epochs: int) -> dict[str, float]:
    """Speed of some epochs of training without validation."""
    counter = UnitCounter()
    split = {"validation_size": 0} if isinstance(model, gde.GDEModel) else {"train_size": 1.0, "limit_val_batches": 0}
    model.train(
        max_epochs=n_epochs,
        batch_size=batch_size,
        accelerator="cpu",
        enable_progress_bar=False,
        callbacks=[counter],
        **split,
    )
    return _speed(counter.n_units, counter.timing) | {"n_steps": counter.n_steps}


def embed(model: gde.GDEModel | SCVI, batch_size: int) -> dict[str, float]:
    """Speed of embedding all cells: GDE's groups, scVI's cells."""
    with stopwatch() as timing:
        if isinstance(model, gde.GDEModel):
            model.get_group_embeddings(key_added=None, batch_size=batch_size)
        else:
            model.get_latent_representation(batch_size=batch_size)
    return _speed(model.adata.n_obs, timing)


def _speed(n_units: int, timing: Timing) -> dict[str, float]:
    return {
        "n_units": n_units,
        "wall_s": timing.wall_s,
        "cpu_s": timing.cpu_s,
        "units_per_s": n_units / timing.wall_s,
        "units_per_cpu_s": n_units / timing.cpu_s,
    }


def page(results: dict[str, Any]) -> str:
    """The whole page, from the JSON."""
    data, settings = results["data"], results["settings"]
    sections = [line for measured in results["threads"].values() for line in ["", *_section(measured)]]
    return "\n".join(
        [
            "# Throughput",
            "",
            f"{data['n_cells']} simulated cells × {data['n_genes']} genes, CSR, {data['density']:.0%} non-zero, {data['n_groups']} groups. All "
            f"models have hidden layers of {settings['n_hidden']} units and a negative binomial likelihood, scVI one hidden layer, the flow of GDE 4 layers "
            "of 256 (its default) or of 128, the width of the others, MrVI its defaults with the groups as samples; nothing is "
            "held out for validation. After a warm-up all are measured in turn, in one process for each number of threads "
            f"(`OMP_WAIT_POLICY=PASSIVE`), {settings['repeats']} times. Training counts the cells of all batches, each of which passes the "
            "encoder and the likelihood of all genes once, and times the loop over batches with its data loading. Figures are medians. "
            '"Products of a step" takes the matrix products of one training step again, dense and sparse, forwards and backwards, and nothing else: '
            "the floor of a step. "
            "A ratio is the median of the ratios of neighbouring measurements, with the lowest and the highest in brackets. "
            "Where cells/s are fewer than cells per CPU second, other programs shared the machine: the latter are then the ones to compare.",
            "",
            *provenance_lines(results),
            *sections,
            "",
        ]
    )


def _section(measured: dict[str, Any]) -> list[str]:
    speeds, n_threads = [], measured["n_threads"]
    for kind in ("training", "embedding"):
        for name, runs in measured[kind].items():
            cells = f"{_median(runs, 'n_units') / _median(runs, 'n_steps'):.0f}" if kind == "training" else "–"
            speeds.append(
                [
                    f"{kind}, {name}",
                    cells,
                    *(f"{_median(runs, key):,.0f}" for key in ("units_per_s", "units_per_cpu_s")),
                ]
            )
    ratios = []
    for label, numerator, denominator, target in RATIOS:
        runs = measured[label.split(",")[0]]
        values = [_ratio(runs[numerator], runs[denominator], key) for key in ("units_per_s", "units_per_cpu_s")]
        ratios.append([label, target if n_threads == 1 else "–", *values])
    return [
        f"## {n_threads} thread{'s' if n_threads > 1 else ''}",
        "",
        *table(["", "cells per batch", "cells/s", "cells per CPU second"], speeds),
        "",
        *table(["ratio", "target", "of cells/s", "of cells per CPU second"], ratios),
    ]


def _median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def _ratio(numerator: list[dict[str, float]], denominator: list[dict[str, float]], key: str) -> str:
    ratios = [a[key] / b[key] for a, b in zip(numerator, denominator, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
