import warnings

import anndata as ad
import h5py
import numpy as np
import pytest
import torch
import zarr
from anndata.io import read_elem, sparse_dataset

import gde


def _backed(path):
    return ad.read_h5ad(path.with_suffix(".h5ad"), backed="r")


def _from_parts(store):
    X = sparse_dataset(store["X"]) if store["X"].attrs["encoding-type"] == "csr_matrix" else store["X"]
    return ad.AnnData(X=X, obs=read_elem(store["obs"]), var=read_elem(store["var"]), uns=read_elem(store["uns"]))


def _zarr(path):
    return _from_parts(zarr.open_group(path.with_suffix(".zarr"), mode="r"))


def _lazy_zarr(path):
    pytest.importorskip("dask")
    return ad.experimental.read_lazy(path.with_suffix(".zarr"))


def _lazy_h5ad(path):
    pytest.importorskip("dask")
    return ad.experimental.read_lazy(path.with_suffix(".h5ad"))


KINDS = pytest.mark.parametrize("read", [_backed, _zarr, _lazy_zarr, _lazy_h5ad])


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Donors in random order, as they are and sorted, in both formats."""
    folder = tmp_path_factory.mktemp("stores")
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=(20, 40), n_genes=30, library_size=100, seed=3)
    adata = adata[np.random.default_rng(0).permutation(adata.n_obs)].copy()
    adata.uns = {}
    adata.write_h5ad(folder / "cells.h5ad")
    adata.write_zarr(folder / "cells.zarr")
    for kind in ("h5ad", "zarr"):
        gde.pp.sort_by_group(folder / f"cells.{kind}", folder / f"sorted.{kind}", "donor")
    return folder


@pytest.fixture(scope="module")
def in_memory(stores, fit):
    return fit(ad.read_h5ad(stores / "cells.h5ad"), {"batch_key": "batch"})


@KINDS
def test_training_from_disk_is_training_from_memory_and_says_that_it_is_slow(stores, in_memory, fit, read):
    with pytest.warns(UserWarning, match="`gde.pp.sort_by_group`"):
        model = fit(read(stores / "cells"), {"batch_key": "batch"})
    for name, value in in_memory.module.state_dict().items():
        torch.testing.assert_close(model.module.state_dict()[name], value)
    wanted = in_memory.get_group_embeddings(key_added=None)
    np.testing.assert_allclose(model.get_group_embeddings(key_added=None), wanted, atol=1e-6)


@KINDS
def test_a_sorted_store_is_read_in_runs_and_gives_the_same_embeddings(stores, in_memory, fit, read, monkeypatch):
    adata = read(stores / "sorted")
    query = in_memory.get_group_embeddings(adata, key_added=None)
    np.testing.assert_allclose(query, in_memory.get_group_embeddings(key_added=None), atol=1e-5)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*sort_by_group")
        model = fit(adata, {"batch_key": "batch"})
    assert model.labels.prior(model.adata_manager).in_runs
    assert np.isfinite(model.get_group_embeddings(key_added=None)).all(axis=None)


def test_a_store_sorted_by_something_else_is_not_taken_for_sorted(stores, fit):
    with pytest.warns(UserWarning, match="those of a group do not lie together"):
        fit(_backed(stores / "sorted"), {"group_key": "batch"})


def test_in_memory_nothing_is_drawn_in_runs(stores, fit):
    model = fit(ad.read_h5ad(stores / "sorted.h5ad"))
    assert not model.labels.prior(model.adata_manager).in_runs


def test_genes_in_another_order_are_refused_on_disk(stores, in_memory, tmp_path):
    ad.read_h5ad(stores / "cells.h5ad")[:, ::-1].copy().write_h5ad(tmp_path / "cells.h5ad")
    with pytest.raises(ValueError, match="must be those of the model in its order"):
        in_memory.get_group_embeddings(_backed(tmp_path / "cells"))


def test_dense_units(stores, in_memory, fit, tmp_path):
    adata = ad.read_h5ad(stores / "cells.h5ad")
    adata.X = adata.X.toarray()
    adata.write_h5ad(tmp_path / "cells.h5ad")
    gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / "sorted.h5ad", "donor")
    with h5py.File(tmp_path / "sorted.h5ad") as store:
        model = fit(_from_parts(store), {"batch_key": "batch"})
        assert model.labels.prior(model.adata_manager).in_runs
