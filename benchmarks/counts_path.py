"""Did images and sequences make counts slower? The import, a training on counts, and the tests of counts, before them and now.

OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=1 python benchmarks/counts_path.py

Needs the repository's history. All commands run in processes of their own, in turn, in this environment.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from _report import output_folder, provenance, provenance_lines, spread, table, write

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "7a65d36"  # the last commit without images and sequences
TRAINING = """
import gde
adata = gde.datasets.simulate_cohort(n_donors=40, n_units=100, n_genes=2000)
gde.setup_anndata(adata, group_key="donor")
model = gde.GDEModel(adata)
model.train(max_epochs=1, limit_train_batches=50, enable_progress_bar=False, accelerator="cpu")
model.get_group_embeddings()
"""
TESTS = [
    *(f"tests/observations/test_{name}.py" for name in ("counts", "gene_stem", "library_size", "negative_binomial")),
    *(f"tests/model/test_{name}.py" for name in ("gde_model", "generation_mixin", "embedding_mixin")),
]
COMMANDS = {
    "import scvi (floor)": ["-c", "import scvi"],
    "import gde": ["-c", "import gde"],
    "50 steps on 4,000 cells × 2,000 genes, and embeddings": ["-c", TRAINING],
    "tests": ["-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
}


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", default=BEFORE, help="the commit to compare with")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="smoke run: one import; leaves docs/ alone")
    args = parser.parse_args()
    commands = dict(list(COMMANDS.items())[:2]) if args.quick else COMMANDS
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", old, args.before], cwd=ROOT, check=True)
        try:
            seconds: dict[str, dict[str, list[float]]] = {name: {"before": [], "now": []} for name in commands}
            for name, command in commands.items():
                for _ in range(1 if args.quick else args.repeats):
                    for when, tree in (("before", old), ("now", ROOT)):
                        seconds[name][when].append(_cpu_seconds(command, tree))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", old], cwd=ROOT, check=True)
    results = provenance() | {"before": args.before, "tests": TESTS, "cpu_s": seconds}
    write(results, "counts_path", page, output_folder(quick=args.quick))


def _cpu_seconds(command: list[str], tree: Path) -> float:
    """Of a command that uses the package, and the tests, of a tree."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(tree / "src")}
    subprocess.run([sys.executable, *command], cwd=tree, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def page(results: dict[str, Any]) -> str:
    """What the file of results says."""
    rows = [
        [name, spread(of["before"], 1), spread(of["now"], 1), f"{np.median(of['now']) / np.median(of['before']):.2f}"]
        for name, of in results["cpu_s"].items()
    ]
    return "\n".join(
        [
            "# What images and sequences cost counts",
            "",
            f"CPU seconds of whole processes, at commit {results['before']}, the last without images and sequences, and now: means, with the lowest and the highest in "
            f"brackets, and the ratio of the medians. Everything else that was done since is in it too. The tests are each commit's own, of {', '.join(f'`{name}`' for name in results['tests'])}.",
            "",
            *provenance_lines(results),
            "",
            *table(["", "before", "now", "now / before"], rows),
            "",
        ]
    )


if __name__ == "__main__":
    main()
