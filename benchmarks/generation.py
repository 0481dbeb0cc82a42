"""How many cells per second: generation, GDE beside scVI's posterior predictive samples, in one run.

OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/generation.py
"""

import argparse
import os
import statistics
from collections.abc import Callable
from typing import Any

import torch
from _report import output_folder, provenance, provenance_lines, quiet, stopwatch, table, write
from anndata import AnnData
from scvi.model import SCVI
from throughput import simulate

import gde

SCVI_NAME = "scVI, posterior_predictive_sample"
GENERATORS = {"cvae": "≥ 1", "diffusion": "≥ 0.3", "flow_matching": "–"}  # with the target for the ratio to scVI
EVALUATIONS_TARGET = 25
N_UNITS = 100  # of each group


def main() -> None:
    """Train each model for an epoch, generate in turn, and write the results."""
    args = _parser().parse_args()
    if args.quick:
        args.cells, args.genes, args.repeats = 1000, 300, 1
    quiet()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    adata = simulate(args.cells, args.genes)
    models = {name: _gde(adata, name) for name in GENERATORS}
    scvi = _scvi(adata)
    rows = list(range(N_UNITS * adata.obs["group"].nunique()))
    tasks: dict[str, Callable[[], Any]] = {
        name: lambda m=model: m.generate(n_units=N_UNITS) for name, model in models.items()
    }
    tasks[SCVI_NAME] = lambda: scvi.posterior_predictive_sample(indices=rows, batch_size=1024)
    results = {
        **provenance(),
        "data": {"n_cells": args.cells, "n_genes": args.genes, "n_generated": len(rows)},
        "settings": {"repeats": args.repeats},
        "evaluations": {name: evaluations(model) for name, model in models.items()},
        "runs": _in_turn(tasks, len(rows), args.repeats),
    }
    write(results, "generation", page, output_folder(quick=args.quick))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=20_000, help="cells that the models are made with")
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each, taken in turn")
    parser.add_argument("--quick", action="store_true", help="smoke run: few cells; leaves docs/ alone")
    return parser


def _gde(adata: AnnData, generator: str) -> gde.GDEModel:
    adata = adata.copy()
    gde.setup_anndata(adata, group_key="group")
    model = gde.GDEModel(adata, generator=generator)
    model.train(max_epochs=1, accelerator="cpu", enable_progress_bar=False, limit_train_batches=20, validation_size=0)
    return model


def _scvi(adata: AnnData) -> SCVI:
    adata = adata.copy()
    SCVI.setup_anndata(adata)
    model = SCVI(adata, n_hidden=128, n_layers=1, gene_likelihood="nb")
    model.train(max_epochs=1, batch_size=1024, accelerator="cpu", enable_progress_bar=False, train_size=1.0)
    return model


def evaluations(model: gde.GDEModel) -> int:
    """How often generating a unit asks the network of the generator."""
    field, calls = getattr(model.module.generator, "field", None), []
    if field is None:
        return 0
    hook = field.register_forward_hook(lambda *args: calls.append(1))
    model.generate(groups=["group_0"], n_units=1)
    hook.remove()
    return len(calls)


def _in_turn(tasks: dict[str, Callable[[], Any]], n_units: int, repeats: int) -> dict[str, list[dict[str, float]]]:
    """Cells per second of each task, after one call each to warm up."""
    for task in tasks.values():
        task()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in tasks}
    for _ in range(repeats):
        for name, task in tasks.items():
            with stopwatch() as timing:
                task()
            runs[name].append({"units_per_s": n_units / timing.wall_s, "units_per_cpu_s": n_units / timing.cpu_s})
    return runs


def page(results: dict[str, Any]) -> str:
    """The whole page, from the JSON."""
    data, runs, keys = results["data"], results["runs"], ("units_per_s", "units_per_cpu_s")
    rows = []
    for name, target in GENERATORS.items():
        ratios = [_ratio(runs[name], runs[SCVI_NAME], key) for key in keys]
        rows.append([f"GDE, {name}", str(results["evaluations"][name]), *_speeds(runs[name]), target, *ratios])
    rows.append([SCVI_NAME, "–", *_speeds(runs[SCVI_NAME]), "–", "1", "1"])
    return "\n".join(
        [
            "# Generation",
            "",
            f"{data['n_generated']} cells × {data['n_genes']} genes are generated from models of {data['n_cells']} simulated cells: GDE at its defaults "
            f"({N_UNITS} cells of each of {data['n_generated'] // N_UNITS} groups, which are embedded first, as sparse counts in an AnnData), scVI with one "
            "hidden layer of 128 and as many cells, batch 1024. After a warm-up all are measured in turn, "
            f"{results['settings']['repeats']} times. Figures are medians; a ratio is the median of the ratios of neighbouring measurements, with the "
            f"lowest and the highest in brackets. A unit should ask the generator's network at most {EVALUATIONS_TARGET} times.",
            "",
            *provenance_lines(results),
            "",
            *table(
                [
                    "",
                    "network evaluations",
                    "cells/s",
                    "cells per CPU second",
                    "target",
                    "cells/s / scVI",
                    "per CPU second / scVI",
                ],
                rows,
            ),
            "",
        ]
    )


def _speeds(runs: list[dict[str, float]]) -> list[str]:
    return [f"{statistics.median(run[key] for run in runs):,.0f}" for key in ("units_per_s", "units_per_cpu_s")]


def _ratio(ours: list[dict[str, float]], theirs: list[dict[str, float]], key: str) -> str:
    ratios = [a[key] / b[key] for a, b in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
