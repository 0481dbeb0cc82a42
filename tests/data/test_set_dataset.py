import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scvi import REGISTRY_KEYS

import gde
from gde.data import SetDataset, SetIndex

N_UNITS = 25


def _adata(convert=sp.csr_matrix):
    rng = np.random.default_rng(0)
    adata = ad.AnnData(convert(rng.poisson(0.7, (N_UNITS, 6)).astype(np.float32)))
    adata.obs["donor"] = rng.choice(["a", "b", "c"], N_UNITS)
    adata.obs["lane"] = rng.choice(["x", "y"], N_UNITS)
    adata.obs["age"] = rng.normal(size=N_UNITS)
    return adata


def _manager(adata):
    gde.setup_anndata(adata, group_key="donor", batch_key="lane", continuous_covariate_keys=["age"])
    return gde.GDEModel(adata, n_latent=2, n_hidden=4).adata_manager


def _index(rows):
    rows = np.asarray(rows)
    set_of_unit = np.arange(len(rows)) * 2 // max(len(rows), 1)
    return SetIndex(rows, set_of_unit, np.ones(len(rows), np.float32), np.array([2, 1]), np.array([7, 8]))


def _dense(x):
    return x.to_dense().numpy() if x.layout == torch.sparse_csr else x.numpy()


@pytest.fixture(scope="module")
def manager():
    return _manager(_adata())


@settings(max_examples=40)
@given(st.lists(st.integers(0, N_UNITS - 1), min_size=1, max_size=60))
def test_rows_come_in_the_order_asked_and_as_often(manager, rows):
    tensors, adata = SetDataset(manager)[_index(rows)], manager.adata
    assert tensors[REGISTRY_KEYS.X_KEY].layout == torch.sparse_csr
    np.testing.assert_array_equal(_dense(tensors[REGISTRY_KEYS.X_KEY]), adata.X[rows].toarray())
    names = manager.get_state_registry(REGISTRY_KEYS.SAMPLE_KEY).categorical_mapping
    codes = tensors[REGISTRY_KEYS.SAMPLE_KEY].numpy().ravel().astype(int)
    assert names[codes].tolist() == adata.obs["donor"].iloc[rows].tolist()
    age = tensors[REGISTRY_KEYS.CONT_COVS_KEY].numpy().ravel()
    np.testing.assert_allclose(age, adata.obs["age"].iloc[rows], rtol=1e-6)


def test_sets_come_along(manager):
    index = _index([3, 1, 3, 0])
    tensors = SetDataset(manager)[index]
    assert tensors["set_of_unit"].tolist() == [0, 0, 1, 1]
    assert tensors["weight"].tolist() == [1, 1, 1, 1]
    assert tensors["label"].tolist() == [2, 1]
    assert tensors["set_seeds"].tolist() == [7, 8] and tensors["set_sizes"].tolist() == [2, 2]


def test_only_the_keys_asked_for_are_read(manager):
    tensors = SetDataset(manager, [REGISTRY_KEYS.X_KEY])[_index([0, 1])]
    assert not {REGISTRY_KEYS.SAMPLE_KEY, REGISTRY_KEYS.BATCH_KEY} & set(tensors)
    assert len(SetDataset(manager)) == N_UNITS


@pytest.mark.filterwarnings("ignore:Training will be faster")
@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("convert", [np.asarray, sp.csr_matrix, sp.csc_matrix])
def test_units_are_the_same_however_they_are_stored(manager, convert, backed, tmp_path):
    adata = _adata(convert)
    if backed:
        adata.write_h5ad(tmp_path / "units.h5ad")
        adata = ad.read_h5ad(tmp_path / "units.h5ad", backed="r")
    index = _index([24, 3, 17, 3, 0, 11])
    expected, tensors = SetDataset(manager)[index], SetDataset(_manager(adata))[index]
    assert tensors.keys() == expected.keys()
    for key in manager.data_registry:
        np.testing.assert_array_equal(_dense(tensors[key]), _dense(expected[key]), err_msg=key)
        assert tensors[key].dtype == expected[key].dtype
