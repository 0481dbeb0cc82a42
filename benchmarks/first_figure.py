"""From nothing to the first figure of one's own file: a new environment, torch, gde, then the first lines of README as they stand.

OMP_WAIT_POLICY=PASSIVE python benchmarks/first_figure.py

pip gets its packages from wherever it is told to; its cache is not used. Needs the OneK1K subset in $GDE_TEST_DATA.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import scanpy as sc
from _report import PACKAGES, output_folder, provenance, provenance_lines, table, test_data, write

HERE = Path(__file__).resolve().parent
TORCH = f"torch=={version('torch').partition('+')[0]}"  # the release that this environment has
INSTALL = ["-m", "pip", "install", "-q", "--no-cache-dir"]
N_DONORS, N_STRAY, TARGET_MIN = 30, 60, 10
TITLES = {
    "environment": "`python -m venv .venv`",
    "torch": f"`pip install {TORCH}`",
    "gde": "`pip install -e .`",
    "quick_start": "the script",
}
PHASES = {
    "import": "imports",
    "set_up": "reading the file, setting up, with the errors",
    "train": "`model.train()`, as it is by default",
    "figure": "embeddings, neighbours, UMAP, figure",
}


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick",
        action="store_true",
        help="smoke run: this environment instead of a new one, few cells, one epoch; leaves docs/ alone",
    )
    args = parser.parse_args()
    results = provenance() | {"load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as folder:
        cells, steps = Path(folder) / "my_cells.h5ad", {}
        write_cells(cells, 4 if args.quick else N_DONORS)
        names = {"cells.h5ad": str(cells), '"donor"': '"Donor ID"', '"condition"': '"sex"'}
        python = sys.executable
        if args.quick:
            names["model.train()"] = "model.train(max_epochs=1)"
        else:
            os.environ.pop("PYTHONPATH", None)  # a new environment is all that the script has
            steps, python = _install(Path(folder) / ".venv")
            results["environment_gb"] = sum(p.lstat().st_size for p in (Path(folder) / ".venv").rglob("*")) / 1e9
        steps["quick_start"], said = _timed([python, str(HERE / "_quick_start.py"), json.dumps(names)])
        results |= {"steps": steps, "quick_start": json.loads(said.splitlines()[-1])}
        if not cells.with_suffix(".png").stat().st_size:
            raise RuntimeError("There is no figure.")
        results["versions"] |= _versions(python)
    results["wall_min"] = sum(step["wall_s"] for step in steps.values()) / 60
    write(results, "first_figure", page, output_folder(quick=args.quick))


def write_cells(path: Path, n_donors: int) -> None:
    """Real cells as they come: log-normalised, counts in a layer, a name twice, a donor that is not used, cells without a donor."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    adata = adata[adata.obs["donor"].isin(adata.obs["donor"].cat.categories[:n_donors])].copy()
    donors = adata.obs.pop("donor").cat.add_categories("SAMP0")
    donors.iloc[np.random.default_rng(0).permutation(adata.n_obs)[:N_STRAY]] = None
    adata.obs.insert(0, "Donor ID", donors)
    adata.obs["sex"] = adata.obs["sex"].astype("category")
    adata.var_names = ["DUP", "DUP", *adata.var_names[2:]]
    adata.layers["counts"] = adata.X.copy()
    sc.pp.normalize_total(adata)
    sc.pp.log1p(adata)
    adata.write_h5ad(path)


def _install(environment: Path) -> tuple[dict[str, dict[str, float]], str]:
    """What docs/installation.md says, timed; and the Python of the new environment."""
    python = str(environment / "bin" / "python")
    commands = {
        "environment": [sys.executable, "-m", "venv", str(environment)],
        "torch": [python, *INSTALL, TORCH],
        "gde": [python, *INSTALL, "-e", "."],
    }
    return {name: _timed(command)[0] for name, command in commands.items()}, python


def _timed(command: list[str]) -> tuple[dict[str, float], str]:
    """Wall and CPU seconds of a process and those that it starts, and what it printed."""
    environment = os.environ | {"MPLBACKEND": "agg"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=HERE.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{wall:6.0f} s by the clock, {cpu:6.0f} s of CPU: {' '.join(command[:7])}", flush=True)
    return {"wall_s": wall, "cpu_s": cpu}, done.stdout


def _versions(python: str) -> dict[str, str]:
    done = subprocess.run([python, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True, check=True)
    return {row["name"]: row["version"] for row in json.loads(done.stdout) if row["name"] in PACKAGES}


def page(results: dict[str, Any]) -> str:
    """What the file of results says."""
    found, steps = results["quick_start"], results["steps"]
    parts = {f"&emsp;{title}": found["phases"][name] for name, title in PHASES.items()}
    rows = {TITLES[name]: times for name, times in steps.items()} | parts
    rows["all"] = {kind: sum(times[kind] for times in steps.values()) for kind in ("wall_s", "cpu_s")}
    size = f" The environment takes {results['environment_gb']:.1f} GB on disk." if "environment_gb" in results else ""
    verdict = "met" if results["wall_min"] <= TARGET_MIN else "missed"
    return "\n".join(
        [
            "# Time to a first figure",
            "",
            'From a clone to the first figure of one\'s own file, following {doc}`../installation` and the first lines under "Your own data" on the landing page, which the '
            "script reads from there and runs with the names of its file.",
            "",
            f"All of it took {results['wall_min']:.1f} minutes by the clock (the target is {TARGET_MIN}: {verdict}), on a machine with a load of {results['load']:.1f} from other programs when it began.{size}",
            "",
            *provenance_lines(results),
            "",
            *table(
                ["step", "clock (s)", "CPU (s)"],
                [(name, f"{t['wall_s']:.0f}", f"{t['cpu_s']:.0f}") for name, t in rows.items()],
            ),
            "",
            "CPU time is that of all threads. pip's cache is not used, so its time depends on the network; on Linux the usual wheels of torch bring CUDA, which are several GB more. Starting and ending Python is in the script and in none of its parts.",
            "",
            f"The file has {found['shape'][0]:,} cells of {found['n_groups']} donors (OneK1K) with {found['shape'][1]:,} genes once it is mended: it comes with log-normalised `.X`, counts in a layer, a gene name twice, "
            f"a category without cells and {N_STRAY} cells without a donor. Errors on the way, after each of which the line that it names was run and the call repeated:",
            "",
            *(f"- {error}" for error in found["errors"]),
            "",
        ]
    )


if __name__ == "__main__":
    main()
