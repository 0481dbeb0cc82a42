import numpy as np
import pytest
import scipy.sparse as sp
import zarr
from anndata.io import sparse_dataset, write_elem

import gde
from gde.data import DiskRows
from gde.data.annbatch_rows import AnnbatchRows

pytest.importorskip("annbatch", reason="annbatch needs Python 3.12 or later and the extra `annbatch`")


@pytest.fixture
def values():
    values = np.random.default_rng(0).poisson(0.3, (2000, 5)).astype(np.float32)
    values[::50] = 0
    return values


@pytest.mark.parametrize("rows", [[7], [50], [3, 4, 5, 90], [0, 50, 1000, 1001, 1999]])
def test_rows_are_those_asked_for_call_after_call(values, rows, tmp_path):
    store = zarr.open_group(tmp_path / "x.zarr", mode="w")
    write_elem(store, "x", sp.csr_matrix(values), dataset_kwargs={"chunks": (100,)})
    matrix = sparse_dataset(store["x"])
    reader = AnnbatchRows(matrix)
    for _ in range(2):
        np.testing.assert_array_equal(reader.take(np.array(rows)).toarray(), values[rows])
    np.testing.assert_array_equal(DiskRows(matrix)[np.array(rows)].toarray(), values[rows])


def test_groups_of_one_and_two_cells_train_from_a_store_as_from_memory(tmp_path, monkeypatch):
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=40, n_genes=30, seed=3)
    adata.obs["donor"] = np.repeat(["one", "two", "some", "most"], [1, 2, 37, 120])
    adata = adata[np.random.default_rng(0).permutation(adata.n_obs)].copy()
    adata.uns = {}
    store = zarr.open_group(tmp_path / "cells.zarr", mode="w")
    write_elem(store, "X", sp.csr_matrix(adata.X), dataset_kwargs={"chunks": (64,)})
    monkeypatch.setattr("gde.data.disk_rows.MAX_GAP", 1)  # so that rows of a batch are in several pieces
    on_disk = type(adata)(X=sparse_dataset(store["X"]), obs=adata.obs.copy(), var=adata.var.copy())
    losses = []
    for data in (adata, on_disk):
        gde.setup_anndata(data, group_key="donor")
        model = gde.GDEModel(data, n_latent=4, n_hidden=16)
        model.train(max_epochs=1, batch_size=32, validation_size=0, accelerator="cpu", enable_progress_bar=False)
        losses.append(model.history["train_loss"].to_numpy(float))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
