import gc
import weakref

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

import gde
from gde.data import DeviceRows

N_UNITS = 12
MATRIX = np.random.default_rng(0).poisson(0.6, (N_UNITS, 5)).astype(np.float32)


@given(st.lists(st.integers(0, N_UNITS - 1), max_size=30))
@pytest.mark.parametrize("convert", [sp.csr_matrix, sp.csc_matrix, np.asarray, lambda x: sp.csr_matrix(x.astype(int))])
def test_rows_come_in_the_order_asked_and_as_often(convert, rows):
    got = DeviceRows(convert(MATRIX), "cpu")[np.array(rows, dtype=int)]
    assert got.dtype == torch.float32
    np.testing.assert_array_equal(got.to_dense(), MATRIX[rows])


def test_sparse_rows_stay_sparse():
    assert DeviceRows(sp.csr_matrix(MATRIX), "cpu")[np.array([3, 3])].layout == torch.sparse_csr


@pytest.mark.parametrize("free", [10**3, 10**9])
def test_only_what_fits_a_gpu_goes_there(monkeypatch, free):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 10**9))
    gpu, matrix = torch.device("cuda"), sp.csr_matrix(MATRIX.repeat(10, axis=0))
    assert DeviceRows.fit(matrix, gpu) == DeviceRows.fit(matrix.toarray(), gpu) == (free == 10**9)
    assert not DeviceRows.fit(matrix, torch.device("cpu"))
    assert not DeviceRows.fit(None, gpu) and not DeviceRows.fit(object(), gpu), "nothing, or on disk"


@pytest.mark.parametrize("likelihood", ["nb", "normal"])
def test_training_from_the_device_is_the_same(adata, monkeypatch, likelihood):
    if likelihood == "normal":
        adata.X = adata.X.toarray()
    gde.setup_anndata(adata, group_key="donor", likelihood=likelihood)
    losses, moved, move = [], [], DeviceRows._moved

    def remember(rows, values):
        moved.append(weakref.ref(there := move(rows, values)))
        return there

    monkeypatch.setattr(DeviceRows, "_moved", remember)
    for is_there in (False, True):
        monkeypatch.setattr(DeviceRows, "fit", staticmethod(lambda matrix, device, is_there=is_there: is_there))
        model = gde.GDEModel(adata, n_latent=2, n_hidden=8)
        model.train(max_epochs=2, limit_train_batches=4, accelerator="cpu", enable_progress_bar=False)
        losses.append(model.history["train_loss"].to_numpy())
    gc.collect()
    assert moved and not any(there() is not None for there in moved), "the trainer must not keep them"
    np.testing.assert_array_equal(*losses)
