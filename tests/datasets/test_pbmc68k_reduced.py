import anndata as ad
import numpy as np
import pytest
import scanpy as sc
import scipy.sparse as sp

from gde.datasets import pbmc68k_reduced


@pytest.fixture(scope="module")
def adata():
    return pbmc68k_reduced()


def test_shape_labels_and_storage(adata):
    assert adata.shape == (700, 765)
    assert isinstance(adata.X, sp.csr_matrix) and adata.X.dtype == np.float32
    assert adata.obs["cell_type"].nunique() == 10
    assert adata.obs["cell_type"].equals(adata.obs["bulk_labels"].rename("cell_type"))
    assert set(adata.obsm) == {"X_pca", "X_umap"}


def test_counts_are_the_ones_that_scanpy_normalised(adata):
    # The supplied depth over all genes is a second way to the counts: .raw is log1p(1e4 count / depth), to 3 decimals.
    raw = sc.datasets.pbmc68k_reduced().raw
    assert adata.var_names.equals(raw.var_names)
    depth = adata.obs["n_counts"].to_numpy()[:, None]
    again = np.log1p(adata.X.toarray() * 1e4 / depth)
    np.testing.assert_allclose(again, raw.X.toarray(), atol=6e-4)
    assert (adata.X.data >= 1).all() and (adata.X.data == np.rint(adata.X.data)).all()


def test_can_be_written(adata, tmp_path):
    adata.write_h5ad(tmp_path / "pbmc.h5ad")
    again = ad.read_h5ad(tmp_path / "pbmc.h5ad")
    assert (again.X != adata.X).nnz == 0
    assert again.obs["cell_type"].tolist() == adata.obs["cell_type"].tolist()
