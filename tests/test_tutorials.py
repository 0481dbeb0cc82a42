"""Tutorials run, with a few steps of training each; their outputs, which are kept, are those of a full run."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import gde
from gde._no_pulling import no_pulling

TUTORIALS = sorted((Path(__file__).parents[1] / "tutorials").glob("*.ipynb"))
FEW_STEPS = {"max_epochs": 1, "limit_train_batches": 4}
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


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(p, marks=[pytest.mark.data] * bool(PUBLIC_FILES[p.stem]))
        for p in TUTORIALS
        if p.stem in PUBLIC_FILES
    ],
    ids=lambda path: path.stem,
)
@pytest.mark.filterwarnings("ignore")
def test_every_cell_runs(path, original, monkeypatch, tmp_path):
    for name in PUBLIC_FILES[path.stem]:
        original(name)
    train = gde.GDEModel.train
    monkeypatch.setattr(gde.GDEModel, "train", lambda model, **options: train(model, **(options | FEW_STEPS)))
    monkeypatch.chdir(tmp_path)
    plt.switch_backend("Agg")
    names = {"__name__": "__main__"}
    with no_pulling():  # whatever a tutorial sets is of its own
        for number, cell in enumerate(code_cells(path)):
            exec(compile("".join(cell["source"]), f"{path.name}, cell {number}", "exec"), names)
    plt.close("all")


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_outputs_are_kept_and_small(path):
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    assert outputs and all(output["output_type"] != "error" for output in outputs)
    assert all(cell["execution_count"] for cell in code_cells(path))
    assert path.stat().st_size < 2**20
