"""The Python code of README and documentation runs as it stands, with a few steps of training."""

import re
from pathlib import Path

import matplotlib
import mudata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

import gde
from gde._no_pulling import no_pulling
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
    """A folder with the ``cells.h5ad`` and the ``cells.h5mu`` of the pages."""
    adata = gde.datasets.simulate_cohort(n_donors=8, n_units=24, n_genes=40, severity_effect=3.0)
    adata.obs["lane"] = adata.obs["batch"].cat.rename_categories(["1", "2"])
    adata.obs["age"] = adata.obs["donor"].str[1:].astype(float) * 10
    adata.layers["counts"] = adata.X.copy()
    path = tmp_path_factory.mktemp("pages")
    adata.write_h5ad(path / "cells.h5ad")
    mdata = gde.datasets.simulate_multimodal(8, n_units=24, n_genes=40, n_sites=10, missing={"prot": 0.3})
    receptors = pd.DataFrame(
        {"cdr3": ["CAS" + "GS"[i % 2] * (i % 5) + "F" for i in range(mdata.n_obs)]}, mdata.obs_names
    )
    receptors["cdr3"] = receptors["cdr3"].where(np.arange(mdata.n_obs) % 3 > 0)
    mdata["rna"].layers["counts"] = mdata["rna"].X.copy()
    with no_pulling():
        cells = mudata.MuData({"rna": mdata["rna"], "prot": mdata["prot"], "tcr": AnnData(obs=receptors)})
    cells.obs["donor"] = mdata.obs["donor"].astype(str)
    cells.write(path / "cells.h5mu")
    return path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.filterwarnings("ignore")
def test_the_code_of_a_page_runs(page, folder, monkeypatch):
    monkeypatch.chdir(folder)
    blocks, names = BLOCK.findall(page.read_text()), {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)
    assert "gde" in names
