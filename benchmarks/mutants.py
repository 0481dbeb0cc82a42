"""Mutants of the statistics and the likelihoods: of how many small errors in the code do its own tests fail?

Needs `pip install cosmic-ray` for the mutations. A mutant is tested in a fork of a process that has imported all but gde itself, by the tests and the
doctest of its module alone. Mutants are drawn in one random order over all modules, so that any number of the first of them is a sample; rows
that are there are kept, and `--rerun-survivors` asks again those that survived.
"""

import argparse
import ast
import importlib.abc
import importlib.util
import json
import math
import os
import random
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _report import DOCS, provenance, provenance_of_rows, table

import gde  # noqa: F401  with all that it imports; gde itself is imported again in each fork

ROOT = Path(__file__).resolve().parents[1]
LIKELIHOODS = (
    "bernoulli",
    "negative_binomial",
    "negative_binomial_log_prob",
    "normal",
    "poisson",
    "zero_inflated_negative_binomial",
)
LEFT_OUT = ("core/NoOp", "core/VariableInserter", "core/VariableReplacer")
PROVENANCE = ("command", "date", "commit", "versions")
CPU_S = 60  # of a mutant that runs for longer: an endless loop, killed


def modules() -> list[Path]:
    """The files that are mutated."""
    stats = sorted((ROOT / "src" / "gde" / "stats").glob("[!_]*.py")) + [
        ROOT / "src" / "gde" / "stats" / "_directions.py"
    ]
    return stats + [ROOT / "src" / "gde" / "observations" / f"{name}.py" for name in LIKELIHOODS]


def tests(path: Path) -> list[str]:
    """The tests of a module: its own file, its example, and those of what is built on it."""
    folder = ROOT / "tests" / path.parent.name
    builds_on_it = {
        "_directions": ["confidence_region", "two_group_test", "corrected_distances"],
        "negative_binomial": ["negative_binomial_log_prob"],
        "negative_binomial_log_prob": ["negative_binomial"],
    }
    names = [path.stem, *builds_on_it.get(path.stem, [])]
    own = [file for name in names if (file := folder / f"test_{name}.py").exists()]
    return [str(file) for file in [*own, path]]


def annotations(source: str) -> set[tuple[int, int]]:
    """Positions within type annotations, which nothing runs."""
    inside: set[tuple[int, int]] = set()
    for node in ast.walk(ast.parse(source)):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            for leaf in ast.walk(part) if part else ():
                if hasattr(leaf, "lineno"):
                    inside |= {(leaf.lineno, column) for column in range(leaf.col_offset, leaf.end_col_offset)}
    return inside


def leaves(node: Any) -> Iterator[Any]:
    """A node of the syntax tree and all below it, in the order in which cosmic-ray counts."""
    yield node
    for child in getattr(node, "children", ()):
        yield from leaves(child)


def mutants(path: Path, rng: random.Random) -> list[dict[str, Any]]:
    """One mutant of each place that can be changed, drawn from the changes that cosmic-ray knows for it."""
    from cosmic_ray.ast import get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    source = path.read_text()
    skipped, at_place, nodes = annotations(source), {}, list(leaves(get_ast(source)))
    for name in sorted(set(operator_names()) - set(LEFT_OUT)):
        operator, occurrence = get_operator(name)(), 0
        for node in nodes:
            for start, *_ in operator.mutation_positions(node):
                if start not in skipped:
                    at_place.setdefault((start, name.split("_")[0]), []).append((name, occurrence))
                occurrence += 1
    module = path.relative_to(ROOT / "src").as_posix()
    drawn = [(line, *rng.choice(choices)) for ((line, _), _), choices in sorted(at_place.items())]
    return [{"module": module, "line": line, "operator": name, "occurrence": n} for line, name, n in drawn]


def mutate(row: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The changed source, and the line that is changed, before and after."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    source = (ROOT / "src" / row["module"]).read_text()
    mutated = mutate_code(source, get_operator(row["operator"])(), row["occurrence"])
    lines = zip(source.splitlines(), mutated.splitlines(), strict=False)
    was, now = next((old, new) for old, new in lines if old != new)
    return mutated, {"was": was.strip(), "is": now.strip()}


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed source."""

    def __init__(self, path: Path, source: str):
        self.path, self.source = path, source
        self.name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Answer for that module alone."""
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def exec_module(self, module: Any) -> None:
        """Run the changed source."""
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)


def is_killed(path: Path, source: str) -> bool:
    """Whether a test fails in a fork of this process where the module has that source."""
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        sys.meta_path.insert(0, Mutated(path, source))
        code = 1
        try:
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--tb=no", *tests(path)])
        finally:
            os._exit(int(code))
    return os.waitpid(child, 0)[1] != 0


def interval(n_killed: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    share, z = n_killed / n, 1.96
    centre, margin = share + z**2 / (2 * n), z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (centre - margin) / (1 + z**2 / n), (centre + margin) / (1 + z**2 / n)


def page(results: dict[str, Any]) -> str:
    """The page: shares by module, and the survivors."""
    rows, lines = results["rows"], []
    for module in sorted({row["module"] for row in rows}):
        killed = [row["killed"] for row in rows if row["module"] == module]
        lines.append([f"`{module}`", str(len(killed)), str(sum(killed)), f"{sum(killed) / len(killed):.0%}"])
    n, n_killed = len(rows), sum(row["killed"] for row in rows)
    low, high = interval(n_killed, n)
    survivors = [
        [f"`{row['module']}:{row['line']}`", f"`{row['was']}`", f"`{row['is']}`", row.get("judged", "")]
        for row in sorted(rows, key=lambda row: (row["module"], row["line"]))
        if not row["killed"]
    ]
    text = [
        "# Mutants",
        "",
        "How many small errors in the statistics and the likelihoods do their own tests notice? cosmic-ray changes an operator, a comparison, a number, a",
        "condition, a decorator or a loop; one change is drawn for each place that has any (not in type annotations), and the tests of that module run.",
        "",
        f"**{n_killed} of {n} mutants were killed: {n_killed / n:.1%} [{low:.1%}, {high:.1%}]** (Wilson's 95 % interval; a random sample of the {results['n_places']} places,",
        f"seed {results['seed']}).",
        "",
        *table(["Module", "mutants", "killed", "share"], lines),
        "",
        "## Survivors",
        "",
        *table(["Where", "was", "is", "judged"], [[cell.replace("|", r"\|") for cell in row] for row in survivors]),
        *provenance_of_rows(rows),
        "",
    ]
    return "\n".join(text)


def main() -> None:
    """Test mutants until the number that was asked for is there; write after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10**6, help="number of mutants; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rerun-survivors", action="store_true")
    args = parser.parse_args()
    rng, file, about = random.Random(args.seed), DOCS / "mutants.json", provenance()
    drawn = [row for path in modules() for row in mutants(path, rng)]
    rng.shuffle(drawn)
    before = json.loads(file.read_text())["rows"] if file.exists() else []
    kept = {(row["module"], row["operator"], row["was"], row["is"]): row for row in before}
    for name in [name for name in sys.modules if name.partition(".")[0] == "gde"]:
        del sys.modules[name]
    sound, rows = {}, []
    for row in drawn[: args.n]:
        path, (source, change) = ROOT / "src" / row["module"], mutate(row)
        old = kept.get((row["module"], row["operator"], change["was"], change["is"]))
        if old is None or (args.rerun_survivors and not old["killed"]):
            if path not in sound and not sound.setdefault(path, not is_killed(path, path.read_text())):
                sys.exit(f"The tests of {path} fail without a mutation.")
            old = {"killed": is_killed(path, source)} | {key: about[key] for key in PROVENANCE}
            print(
                f"{row['module']}:{row['line']} {change['is']}: {'killed' if old['killed'] else 'SURVIVED'}", flush=True
            )
        rows.append(old | row | change)
        results = {"seed": args.seed, "n_places": len(drawn), "rows": rows}
        file.write_text(json.dumps(results, indent=1) + "\n")
        (DOCS / "mutants.md").write_text(page(results))


if __name__ == "__main__":
    main()
