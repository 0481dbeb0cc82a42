import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import gde


@pytest.fixture
def scattered(adata):
    """Units in random order, each with its own number."""
    adata = adata[np.random.default_rng(0).permutation(adata.n_obs)].copy()
    adata.obs["number"] = np.arange(adata.n_obs)
    adata.layers["dense"] = adata.X.toarray()
    adata.layers["counts"] = adata.X.copy()
    adata.uns, adata.varm = {"note": "kept"}, {}
    return adata


@pytest.mark.parametrize(("old", "new"), [("h5ad", "zarr"), ("zarr", "h5ad")])
@pytest.mark.parametrize("chunk_size", [40, 1000])
def test_units_of_a_group_lie_together_and_nothing_else_changes(scattered, tmp_path, old, new, chunk_size):
    getattr(scattered, f"write_{old}")(tmp_path / f"cells.{old}")
    gde.pp.sort_by_group(tmp_path / f"cells.{old}", tmp_path / f"sorted.{new}", "donor", chunk_size=chunk_size)
    written = getattr(ad, f"read_{new}")(tmp_path / f"sorted.{new}")
    assert written.obs["donor"].is_monotonic_increasing
    assert list(written.uns.pop("gde_sorted_by")) == ["donor"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"cells.{old}", f"sorted.{new}"]
    assert isinstance(written.X, sp.csr_matrix) and written.X.dtype == scattered.X.dtype
    back = written[np.argsort(written.obs["number"])]
    pd.testing.assert_frame_equal(back.obs, scattered.obs)
    pd.testing.assert_frame_equal(back.var, scattered.var)
    assert back.uns == scattered.uns
    np.testing.assert_array_equal(back.X.toarray(), scattered.X.toarray())
    np.testing.assert_array_equal(back.layers["dense"], scattered.layers["dense"])
    np.testing.assert_array_equal(back.layers["counts"].toarray(), scattered.layers["counts"].toarray())
    np.testing.assert_array_equal(back.obsm["X_pca"], scattered.obsm["X_pca"])


def test_units_of_a_group_are_in_random_order(scattered, tmp_path):
    scattered = scattered[np.argsort(scattered.obs["donor"])].copy()
    scattered.write_h5ad(tmp_path / "cells.h5ad")
    orders = []
    for name, seed in [("a", 0), ("b", 0), ("c", 1)]:
        gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / f"{name}.h5ad", "donor", seed=seed)
        orders.append(ad.read_h5ad(tmp_path / f"{name}.h5ad").obs["number"].tolist())
    assert orders[0] == orders[1] != orders[2] and orders[0] != scattered.obs["number"].tolist()


def test_nested_groups(scattered, tmp_path):
    scattered.write_h5ad(tmp_path / "cells.h5ad")
    gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / "sorted.h5ad", ["donor", "batch"])
    written = ad.read_h5ad(tmp_path / "sorted.h5ad", backed="r")
    pairs = written.obs["donor"].astype(str) + written.obs["batch"].astype(str)
    assert (pairs != pairs.shift()).sum() == pairs.nunique()


def test_what_goes_wrong_is_said_and_leaves_nothing(scattered, tmp_path):
    scattered.write_h5ad(tmp_path / "cells.h5ad")
    columns = scattered.copy()
    columns.X = sp.csc_matrix(columns.X)
    columns.write_h5ad(tmp_path / "columns.h5ad")
    with pytest.raises(ValueError, match="stored as csc_matrix.*Write it as CSR"):
        gde.pp.sort_by_group(tmp_path / "columns.h5ad", tmp_path / "sorted.h5ad", "donor")
    with pytest.raises(KeyError, match="'doner' is not a column"):
        gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / "sorted.h5ad", "doner")
    with pytest.raises(ValueError, match="neither `.h5ad` nor `.zarr`"):
        gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / "sorted.loom", "donor")
    with pytest.raises(FileExistsError, match="Delete it"):
        gde.pp.sort_by_group(tmp_path / "cells.h5ad", tmp_path / "columns.h5ad", "donor")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.h5ad", "columns.h5ad"]
