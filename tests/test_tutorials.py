"""Tutorials run, with a few steps of training each; their outputs, which are kept, are those of a full run."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import gde
from gde._no_pulling import no_pulling
from tests.leakage.tutorial_scores import SCORES

TUTORIALS = sorted((Path(__file__).parents[1] / "tutorials").glob("*.ipynb"))
FEW_STEPS = 4
PUBLIC_FILES = {  # of tutorials that run here
    "clones": ["larry_test_adata_preprocessed.h5ad"],
    "donors": [],
    "geometry_and_paths": [],
    "images": [],
    "large_data": [],
    "multimodal": [],
    "perturbations": ["datlinger_matrix.mtx"],
    "quickstart": [],
    "sequences": ["yeast_gpra_demo_train.txt"],
    "uncertainty": [],
}


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.fixture
def execute(monkeypatch, tmp_path, original):
    """Run cells of a tutorial, all or those that are numbered, with a few steps of training; the names that they leave.

    ``change`` gets the names once the first cell has loaded the data, and may change them.
    """

    train = gde.GDEModel.train

    def execute(path, numbers=None, change=None, n_steps=FEW_STEPS):
        few = {"max_epochs": 1, "limit_train_batches": n_steps}
        monkeypatch.setattr(gde.GDEModel, "train", lambda model, **options: train(model, **(options | few)))
        for name in PUBLIC_FILES[path.stem]:
            original(name)
        names, cells = {"__name__": "__main__"}, code_cells(path)
        with no_pulling():  # whatever a tutorial sets is of its own
            for number in range(len(cells)) if numbers is None else numbers:
                code = "".join(cells[number]["source"])
                exec(compile(code, f"{path.name}, cell {number}", "exec"), names)
                if number == 0 and change is not None:
                    change(names)
        return names

    monkeypatch.chdir(tmp_path)
    plt.switch_backend("Agg")
    yield execute
    plt.close("all")


def of(stems):
    """A parameter for each of these tutorials."""
    return pytest.mark.parametrize(
        "path",
        [pytest.param(p, marks=[pytest.mark.data] * bool(PUBLIC_FILES[p.stem])) for p in TUTORIALS if p.stem in stems],
        ids=lambda path: path.stem,
    )


@of(PUBLIC_FILES)
@pytest.mark.filterwarnings("ignore")
def test_every_cell_runs(path, execute):
    names = execute(path)
    if path.stem in SCORES:
        found = SCORES[path.stem].read(names)
        for name, least in SCORES[path.stem].reached.items():
            assert found[name] > least, name


def test_it_is_known_what_each_tutorial_scores():
    assert {path.stem for path in TUTORIALS} == {*SCORES, "large_data"}


@of(SCORES)
@pytest.mark.filterwarnings("ignore")
def test_labels_by_lot_score_at_chance(path, execute):
    score = SCORES[path.stem]
    names = execute(path, score.cells, lambda names: score.deal(names, np.random.default_rng(0)), score.n_steps)
    low, high = score.chance
    for name, value in score.read(names).items():
        assert low <= value <= high, name


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_outputs_are_kept_and_small(path):
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    assert outputs and all(output["output_type"] != "error" for output in outputs)
    assert all(cell["execution_count"] for cell in code_cells(path))
    assert path.stat().st_size < 2**20
