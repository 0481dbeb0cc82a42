"""The command lines of README and documentation: what is cheap runs; of what is not, the program that it starts takes the arguments and the files are there."""

import argparse
import itertools
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import gde
from gde import cli
from tests.test_pages import PAGES as WITH_PYTHON

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
FENCE = re.compile(r"^```(.+)\n((?s:.*?))^```$", re.MULTILINE)
MADE_BY_SPHINX = {"_build", "generated"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"] + sorted(
    page for page in (ROOT / "docs").rglob("*.md") if not MADE_BY_SPHINX & {*page.parts}
)
NO_CODE = {"text", "{eval-rst}", "{include}", "{toctree}"}
WITH_COMMANDS = [page for page in PAGES if "```bash\n" in page.read_text()]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path, kind: str) -> list[str]:
    return [text for name, text in FENCE.findall(page.read_text()) if name == kind]


def _commands(block: str) -> Iterator[list[str]]:
    """The words of each command, without variables that are set for it."""
    for line in block.splitlines():
        for is_and, words in itertools.groupby(shlex.split(line, comments=True), lambda word: word == "&&"):
            if not is_and:
                yield list(itertools.dropwhile(re.compile(r"[A-Z_]+=\w+$").match, words))


def _train_script(page: Path) -> str:
    """The ``train.py`` that a page shows."""
    (script,) = _blocks(page, "{code-block} python")
    assert ":caption: train.py\n" in script
    return script.replace(":caption: train.py\n", "")


def _number(option: str, text: str) -> int:
    return int(re.search(rf"{option}[ =](\d+)", text)[1])


def _pip(words: list[str], page: Path) -> bool:
    """Whether pip is told to install what the package has: itself, its extras, or a release that it allows."""
    verb, *options, text = words
    is_allowed = verb == "install" and options in ([], ["-e"])
    if options:
        folder, extras = re.fullmatch(r"([^\[]+)(?:\[(.+)\])?", text).groups()
        is_allowed &= folder == "."
    else:
        wanted = Requirement(text)
        known = {requirement.name: requirement for requirement in map(Requirement, PROJECT["dependencies"])}
        if wanted.name != PROJECT["name"]:
            (pin,) = wanted.specifier
            is_allowed &= pin.version in known[wanted.name].specifier
        extras = ",".join(wanted.extras)
    return is_allowed and {*(extras or "").split(",")} - {""} <= EXTRAS.keys()


def _python(words: list[str], page: Path) -> bool:
    if words[0] == "-m":
        return words == ["-m", "venv", ".venv"]
    return bool(_train_script(page)) if words == ["train.py"] else _benchmark(words)


def _benchmark(words: list[str]) -> bool:
    """Start a benchmark, and end it when it has read its arguments."""

    class HasParsed(Exception):
        """It would begin to measure now."""

    parse = argparse.ArgumentParser.parse_args

    def parse_only(parser: argparse.ArgumentParser) -> None:
        parse(parser)
        raise HasParsed

    folder, name = words[0].split("/")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / folder)
        patch.setattr(argparse.ArgumentParser, "parse_args", parse_only)
        patch.setattr(sys, "argv", words)
        with pytest.raises(HasParsed):
            _main_of(ROOT / folder / name)()
    return folder == "benchmarks"


@cache
def _main_of(script: Path) -> Callable[[], None]:
    return runpy.run_path(str(script))["main"]


def _torchrun(words: list[str], page: Path) -> bool:
    from torch.distributed.run import get_args_parser

    parsed, script = get_args_parser().parse_args(words), _train_script(page)
    starts = parsed.training_script == "train.py" and parsed.rdzv_backend == "c10d" and bool(parsed.rdzv_endpoint)
    is_as_many = int(parsed.nnodes) == _number("num_nodes", script)
    return starts and is_as_many and int(parsed.nproc_per_node) == _number("devices", script)


def _srun(words: list[str], page: Path) -> bool:
    (job,) = (block for block in _blocks(page, "bash") if "\nsrun" in block)
    script = _train_script(page)
    is_as_many = _number("--nodes", job) == _number("num_nodes", script)
    a_node = _number("--ntasks-per-node", job) == _number("--gpus-per-node", job) == _number("devices", script)
    return words == ["python", "train.py"] and is_as_many and a_node


def _is_exactly(*arguments: str) -> Callable[[list[str], Path], bool]:
    return lambda words, page: words == list(arguments)


CHECKS: dict[str, Callable[[list[str], Path], bool]] = {
    "export": _is_exactly("OMP_WAIT_POLICY=PASSIVE"),
    "gde": lambda words, page: cli._parser().parse_args(words) is not None,
    "pip": _pip,
    "pre-commit": _is_exactly("install"),
    "pytest": _is_exactly(),
    "python": _python,
    "python3": _python,
    "source": _is_exactly(".venv/bin/activate"),
    "srun": _srun,
    "torchrun": _torchrun,
}


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=_name)
def test_the_commands_of_a_page_are_understood(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in _blocks(page, "bash"):
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)
        for program, *words in filter(None, _commands(block)):
            assert CHECKS[Path(program).name](words, page), [program, *words]


def test_what_pages_say_to_install_is_what_the_package_has():
    for page in PAGES:
        for line in re.findall(r"`pip (install [^`]+)`", page.read_text()):
            assert _pip(next(_commands(line)), page), line


def test_every_block_of_a_page_is_in_a_test_or_no_code():
    for page in PAGES:
        in_tests = {"bash"} | ({"python"} if page in WITH_PYTHON else set())
        kinds = {kind.split()[0] for kind, _ in FENCE.findall(page.read_text())} - NO_CODE - in_tests
        assert not kinds or _train_script(page), page


def test_all_extras_are_explained():
    page = (ROOT / "docs" / "installation.md").read_text()
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == sorted(EXTRAS)


def test_the_script_for_several_processes_runs_in_one(tmp_path, monkeypatch):
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=20, n_genes=30)
    adata.layers["counts"] = adata.X.copy()
    adata.write_h5ad(tmp_path / "cells.h5ad")
    monkeypatch.chdir(tmp_path)
    script = _train_script(ROOT / "docs" / "scaling.md")
    many = 'strategy="ddp", devices=4, num_nodes=2'
    assert script.count(many) == 1
    exec(script.replace(many, "max_epochs=1, limit_train_batches=2"), {})
    assert gde.GDEModel.load("model", adata=False).n_epochs_ == 1
