"""Every encoder with every generator on tasks whose truth is known, beside the statistical floor and the paper.

GDE_TEST_DATA=... OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/synthetic.py tasks --seeds 1 2 3

``matrix`` trains all pairs on one task, ``tasks`` a few methods on all, ``samplers`` compares solvers of diffusion, ``page`` writes the page from
the rows that are there. Rows that are there are not measured again, so a run that was killed goes on where it stopped.
"""

import argparse
import itertools
from collections.abc import Callable
from pathlib import Path

import torch
from _report import output_folder, quiet
from _rows import Row, Rows
from _synthetic.gmm import GMM
from _synthetic.images import Images
from _synthetic.normal import Normal
from _synthetic.page import page
from _synthetic.poisson import Poisson
from _synthetic.prior import Prior
from _synthetic.samplers import compare_samplers
from _synthetic.task import Metrics, Task
from _synthetic.train import METHODS, VECTOR_GENERATORS, Method, Trained, train

from gde.model.build_module import ENCODERS

N_MATRIX_TEST = 20  # test sets of the matrix: generating takes longer than training
N_SAMPLER_TEST = 20  # of the samplers
QUICK = {"budget": 0.5, "n_test": 3}


def main() -> None:
    """Measure what is asked for, and write the page after it."""
    args = _parser().parse_args()
    quiet()
    torch.set_num_threads(args.threads)
    if args.quick:
        args.budget, args.seeds = QUICK["budget"], args.seeds[:1]
    folder = output_folder(quick=args.quick)
    rows = Rows(folder / "synthetic.json")
    tasks = all_tasks(QUICK["n_test"] if args.quick else args.n_test)
    if args.part == "matrix":
        matrix(rows, args)
    elif args.part == "tasks":
        compare_methods(rows, [task for task in tasks if task.name in (args.tasks or task.name)], args)
    elif args.part == "samplers":
        samplers(rows, args)
    _write_page(rows, tasks, folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["matrix", "tasks", "samplers", "page"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument(
        "--budget", type=float, help="seconds of CPU time to train; default: 60 for the matrix, else 300"
    )
    parser.add_argument("--tasks", nargs="+", help="names of tasks; default: all")
    parser.add_argument("--n-test", type=int, help="test sets; default: the task's own")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), help="names of methods; default: all")
    parser.add_argument("--encoders", nargs="+", default=list(ENCODERS), help="of the matrix")
    parser.add_argument("--generators", nargs="+", default=VECTOR_GENERATORS, help="of the matrix")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="smoke run: half a second each; leaves docs/ alone")
    return parser


def all_tasks(n_test: int | None = None) -> list[Task]:
    """The tasks, in the order of the page."""
    return [
        Normal(n_test),
        GMM(n_test),
        GMM(n_test, broad=True),
        Poisson(n_test),
        Images(n_test),
        *(Prior(n_test, alpha=alpha) for alpha in (0.25, 1, 4)),
    ]


def matrix(rows: Rows, args: argparse.Namespace) -> None:
    """All pairs on Normal; generation only."""
    task, budget = Normal(QUICK["n_test"] if args.quick else N_MATRIX_TEST), args.budget or 60
    for seed, encoder, generator in itertools.product(args.seeds, args.encoders, args.generators):
        key = _key("matrix", task, f"{encoder} × {generator}", seed, budget)
        rows.run(key, lambda m=Method(encoder, generator), s=seed: _measured(task, m, budget, s, task.generation))


def compare_methods(rows: Rows, tasks: list[Task], args: argparse.Namespace) -> None:
    """Trivial methods and chosen ones on the tasks; all measures."""
    budget = args.budget or 300
    for seed, task in itertools.product(args.seeds, tasks):
        rows.run(_key("trivial", task, "", seed, 0), lambda t=task, s=seed: {"metrics": t.trivial(s)})
        for name, method in ((name, METHODS[name]) for name in args.methods):
            if task.name in (method.tasks or task.name):
                rows.run(
                    _key("tasks", task, name, seed, budget),
                    lambda t=task, m=method, s=seed: _measured(t, m, budget, s, t.measure),
                )


def samplers(rows: Rows, args: argparse.Namespace) -> None:
    """Diffusion on Normal, sampled in several ways."""
    task, budget = Normal(QUICK["n_test"] if args.quick else args.n_test or N_SAMPLER_TEST), args.budget or 300
    for seed in args.seeds:
        rows.run(
            _key("samplers", task, "deep_sets × diffusion", seed, budget),
            lambda s=seed: _samplers(task, budget, s),
        )


def _key(part: str, task: Task, method: str, seed: int, budget: float) -> Row:
    return {"part": part, "task": task.name, "method": method, "seed": seed, "budget": budget, "n_test": task.n_test}


def _measured(task: Task, method: Method, budget: float, seed: int, measure: Callable[..., Metrics]) -> Row:
    module, about = train(task, method, budget, seed)
    trained = Trained(module, seed)
    return {**about, "metrics": measure(trained.embed, trained.generate, seed)}


def _samplers(task: Normal, budget: float, seed: int) -> Row:
    module, about = train(task, Method("deep_sets", "diffusion"), budget, seed)
    return {**about, "metrics": compare_samplers(module, task, seed)}


def _write_page(rows: Rows, tasks: list[Task], folder: Path) -> None:
    (folder / "synthetic.md").write_text(page(rows.rows, tasks))
    print(f"Written: {folder / 'synthetic.md'}", flush=True)


if __name__ == "__main__":
    main()
