"""What every benchmark says about itself: versions, machine, command, times; and where its results go."""

import json
import logging
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import scvi
import torch
from scipy import stats

DOCS = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
PACKAGES = ("gde-tools", "scvi-tools", "torch", "anndata", "numpy", "scipy", "scikit-learn")
THREAD_VARIABLES = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS")


@dataclass
class Timing:
    """Wall time, and CPU time of all threads, in seconds."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Timing]:
    """Time a block; the result is there when the block has ended."""
    timing, wall, cpu = Timing(), time.perf_counter(), time.process_time()
    yield timing
    timing.wall_s, timing.cpu_s = time.perf_counter() - wall, time.process_time() - cpu


def quiet() -> None:
    """Keep the logs of scvi-tools and Lightning, and the warnings of libraries, out of the output."""
    scvi.settings.verbosity = logging.ERROR
    for name in ("lightning.pytorch", "lightning.fabric", "pytorch_lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.simplefilter("ignore")


def test_data(name: str) -> Path:
    """Path of a file in ``$GDE_TEST_DATA``."""
    folder = os.environ.get("GDE_TEST_DATA")
    path = Path(folder or "").expanduser() / name
    if folder is None or not path.is_file():
        sys.exit(f"{name} is needed: set GDE_TEST_DATA to the folder where it is (now: {folder!r}).")
    return path


def provenance() -> dict[str, Any]:
    """Command, date, commit, versions and machine."""
    set_here = [f"{name}={os.environ[name]}" for name in THREAD_VARIABLES if name in os.environ]
    script = Path(sys.argv[0]).resolve()
    return {
        "command": shlex.join([*set_here, "python", f"{script.parent.name}/{script.name}", *sys.argv[1:]]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": _commit(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "n_cpus": os.cpu_count(),
            "n_threads": torch.get_num_threads(),
        },
    }


def _commit() -> str:
    """The commit that is measured; ``+`` marks changes since."""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def provenance_of_rows(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The end of a page whose rows were measured at different times: commands, dates, commits and versions."""
    if not rows:
        return []
    commands = dict.fromkeys(row["command"] for row in rows)
    versions = dict.fromkeys(", ".join(f"{name} {number}" for name, number in row["versions"].items()) for row in rows)
    commits = dict.fromkeys(row["commit"] for row in rows)
    dates = sorted({row["date"] for row in rows})
    return [
        "",
        "## Where the rows come from",
        "",
        "```bash",
        *commands,
        "```",
        "",
        f"{dates[0]} to {dates[-1]}; commits {', '.join(commits)} (`+`: with changes); {'; '.join(versions)}. The JSON file says it of each row.",
    ]


def provenance_lines(about: dict[str, Any]) -> list[str]:
    """The head of a page: the command, then versions and machine."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    machine = about["machine"]
    took = f" It took {about['run_s']:.0f} s by the clock." if "run_s" in about else ""
    return [
        "```bash",
        about["command"],
        "```",
        "",
        f"{about['date']}; {versions}; {machine['system']}, {machine['n_cpus']} CPUs, torch threads: {machine['n_threads']}.{took}",
    ]


def output_folder(*, quick: bool) -> Path:
    """The folder of the documentation, or a temporary one for a smoke run."""
    return Path(tempfile.mkdtemp(prefix="gde_benchmark_")) if quick else DOCS


def write(results: dict[str, Any], name: str, page: Callable[[dict[str, Any]], str], folder: Path) -> None:
    """Write ``name.json``, and ``name.md`` from what that file says."""
    text = json.dumps(results, indent=1, default=lambda value: value.tolist())
    (folder / f"{name}.json").write_text(text + "\n")
    (folder / f"{name}.md").write_text(page(json.loads(text)))
    print(f"Written: {folder / name}.json and .md", flush=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table: text on the left, numbers on the right."""
    return [
        f"| {' | '.join(header)} |",
        f"|{'|'.join([':---'] + ['---:'] * (len(header) - 1))}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def spread(values: Sequence[float], decimals: int = 3) -> str:
    """Mean, and beside it the lowest and the highest value if there are several."""
    mean = f"{np.mean(values):.{decimals}f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.{decimals}f} to {max(values):.{decimals}f})"


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean, and its 95 % interval (Student's t; NaN for a single value)."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return mean, float("nan"), float("nan")
    margin = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean, mean - margin, mean + margin


def with_interval(values: Sequence[float], decimals: int = 3, sign: str = "") -> str:
    """Mean with its 95 % interval, as text; ``sign="+"`` writes the sign of positive numbers too."""
    mean, low, high = (f"{value:{sign}.{decimals}f}" for value in interval(values))
    return f"{mean} [{low}, {high}]" if len(values) > 1 else mean
