import re

import numpy as np
import pytest
from matplotlib import pyplot as plt

import gde


@pytest.fixture
def read(tmp_path):
    """Write the report of a model and return the page, and its text."""

    def read(model, **options):
        page = gde.pl.report(model, tmp_path / "report.html", **options).read_text()
        text = re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
        return page, text

    yield read
    plt.close("all")


def test_a_page_has_all_sections_and_needs_no_other_file(adata, fit, read):
    model = fit(adata, {"batch_key": "batch"}, {"validation_size": 0.3})
    columns, slots = list(adata.obs), sorted(adata.uns)
    page, text = read(model, color="condition")
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", page) == [
        "Data", "Training", "Embeddings", "Generated units", "Geometry", "Membership", "Warnings",
    ]  # fmt: skip
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'src="([^"]*)"', page))
    assert not re.search(r"https?://|<link|<script", page)
    assert page.count("<img") == 7  # training, two of embeddings, four of generated units
    n_held_out = len(model.validation_indices)
    assert re.search(rf"membership AUC\s+0\.\d\d ± {1 / n_held_out**0.5:.2f}: ", text), "two standard errors of it"
    assert "Not shown: A certificate needs at least 5 groups" in text  # with its reason
    assert list(adata.obs) == columns and sorted(adata.uns) == slots and not plt.get_fignums()


def test_what_cannot_be_said_is_left_out_and_small_groups_are_named(adata, fit, read):
    kept = np.flatnonzero((adata.obs["donor"] != "D1").to_numpy() | (np.arange(adata.n_obs) < 6))
    model = fit(adata[kept].copy(), train={"validation": "groups", "validation_size": 0.3})
    _, text = read(model)
    assert "so there is nothing to compare with" in text and "It needs cells of training groups" in text
    assert "1 of 4 groups have fewer than 10 units" in text


def test_a_column_that_is_not_there_or_varies_is_named(adata, fit, read):
    model = fit(adata)
    with pytest.raises(KeyError, match="`color`: 'conditon' is not a column"):
        read(model, color="conditon")
    assert "varies within groups, so it says nothing" in read(model, color="cell_type")[1]
