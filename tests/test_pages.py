"""The Python code of README and documentation runs as it stands, with a few steps of training."""

import re
from pathlib import Path

import matplotlib
import pytest

import gde
from gde.data import SetDataModule
from gde.model import gde_model

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCS = sorted(page for folder in ("docs", "docs/guide") for page in (ROOT / folder).glob("*.md"))
PAGES = [page for page in (ROOT / "README.md", *DOCS) if BLOCK.search(page.read_text())]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Training is as short as it can be, and figures are drawn and not shown."""
    monkeypatch.setattr(SetDataModule, "MIN_BATCHES", 2)
    for name, value in {"VISITS": 1, "MIN_STEPS": 4, "MIN_VISITS": 0}.items():
        monkeypatch.setattr(gde_model, name, value)
    matplotlib.use("agg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the ``cells.h5ad`` of the pages."""
    adata = gde.datasets.simulate_cohort(n_donors=8, n_units=24, n_genes=40, severity_effect=3.0)
    adata.obs["lane"] = adata.obs["batch"].cat.rename_categories(["1", "2"])
    adata.obs["age"] = adata.obs["donor"].str[1:].astype(float) * 10
    adata.layers["counts"] = adata.X.copy()
    path = tmp_path_factory.mktemp("pages")
    adata.write_h5ad(path / "cells.h5ad")
    return path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.filterwarnings("ignore")
def test_the_code_of_a_page_runs(page, folder, monkeypatch):
    monkeypatch.chdir(folder)
    blocks, names = BLOCK.findall(page.read_text()), {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)
    assert "gde" in names
