"""Which encoder and which generator on real counts? Each encoder with the default generator, and each generator with the default encoder.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/choices.py

The tasks are those of the main job. Rows are kept in docs/benchmarks/choices.json, and those that are there are not measured again.
"""

import argparse
from functools import partial
from typing import Any

import numpy as np
import torch
from _baselines import Space
from _report import output_folder, provenance_of_rows, quiet, spread, stopwatch, table
from _rows import Row, Rows
from main_job import GROUP, Task, embed_parts, generate_like, load

import gde

ENCODER, GENERATOR = "deep_sets", "flow_matching"
GENERATORS = ("cvae", "diffusion", "normalizing_flow", "mmd", "sinkhorn", "sliced_wasserstein", "wormhole")
ENCODERS = ("resnet", "attention", "median", "kernel_mean", "moments")
PAIRS = [(ENCODER, GENERATOR), *((name, GENERATOR) for name in ENCODERS), *((ENCODER, name) for name in GENERATORS)]
CASES = {"trained": "training cells", "new_cells": "new cells"}


def main() -> None:
    """Measure what is not there yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, default=20, help="of 50 batches of 1,024 cells")
    parser.add_argument("--quick", action="store_true", help="smoke run: few donors, one pair; leaves docs/ alone")
    args = parser.parse_args()
    quiet()
    torch.set_num_threads(1)
    adata, folder = load(quick=args.quick), output_folder(quick=args.quick)
    space, rows = Space(adata.X), Rows(folder / "choices.json")
    for seed in args.seeds:
        task = Task(adata, space, seed, repeats=2 if args.quick else 20)
        for encoder, generator in PAIRS[:1] if args.quick else PAIRS:
            n_epochs = 1 if args.quick else args.epochs
            key = {"encoder": encoder, "generator": generator, "seed": seed, "epochs": n_epochs}
            rows.run(key, partial(measure, task, encoder, generator, n_epochs))
            (folder / "choices.md").write_text(page(rows.rows))
    print(f"Written: {folder / 'choices.md'}", flush=True)


def measure(task: Task, encoder: str, generator: str, n_epochs: int) -> Row:
    """How a pair generates and tells donors apart, and what its training took."""
    adata = task.a.copy()
    gde.setup_anndata(adata, group_key=GROUP)
    model = gde.GDEModel(adata, encoder=encoder, generator=generator, seed=task.seed)
    with stopwatch() as timing:
        model.train(max_epochs=n_epochs, accelerator="cpu", enable_progress_bar=False)
    scores = {
        case: task.score_cells(generate_like(model, *task.cases[case], task.seed), task.cases[case][1])
        for case in CASES
    }
    real = {case: task.score_cells(*task.cases[case]) for case in CASES}
    robustness = task.robustness("small", embed_parts(model))
    n_steps = model.trainer.global_step
    return {"generation": scores, "real": real, "robustness": robustness, "n_steps": n_steps, "cpu_s": timing.cpu_s}


def page(rows: list[Row]) -> str:
    """The page of the documentation."""
    steps = " or ".join(f"{n:,}" for n in sorted({row["n_steps"] for row in rows}))
    lines = [
        "# Encoders and generators on counts",
        "",
        f"Half of the cells of 40 donors (OneK1K) train a model for {steps} steps (2,000 would be the default), with everything but the encoder or the generator at its "
        "default. Cells are generated from embeddings of training cells and of new cells, and compared with other cells of the same donors: energy distance (mean over "
        "donors, lower is better), and the AUC of a random forest that tells generated cells from real ones (0.5 is best); *robustness*: do two times 10 cells of a donor find each other "
        "(1 is best, 0.5 is chance)? More on the tasks and figures in {doc}`main_job`, where the defaults were chosen on these donors and for `flow_matching`, which this flatters.",
        "",
        *table(
            [
                "encoder × generator",
                "seeds",
                *(f"{figure}, {name}" for name in CASES.values() for figure in ("energy distance", "AUC")),
                "robustness, 10 cells",
                "training, CPU s",
            ],
            [_line(rows, *pair) for pair in PAIRS if _of(rows, *pair)] + [_real(rows)],
        ),
        *provenance_of_rows(rows),
        "",
    ]
    return "\n".join(lines)


def _of(rows: list[Row], encoder: str, generator: str) -> list[Row]:
    return [row for row in rows if (row["key"]["encoder"], row["key"]["generator"]) == (encoder, generator)]


def _line(rows: list[Row], encoder: str, generator: str) -> list[str]:
    own = _of(rows, encoder, generator)
    return [
        f"`{encoder}` × `{generator}`",
        ", ".join(str(row["key"]["seed"]) for row in own),
        *_figures([row["generation"] for row in own]),
        spread([float(np.mean(row["robustness"])) for row in own]),
        spread([row["cpu_s"] for row in own], 0),
    ]


def _real(rows: list[Row]) -> list[str]:
    own = _of(rows, ENCODER, GENERATOR)
    return ["*real cells*", "", *_figures([row["real"] for row in own]), "", ""]


def _figures(scores: list[dict[str, Any]]) -> list[str]:
    return [
        text
        for case in CASES
        for text in (
            spread([float(np.mean(list(of[case]["energy_distance"].values()))) for of in scores]),
            spread([of[case]["c2st_auc"] for of in scores]),
        )
    ]


if __name__ == "__main__":
    main()
