import warnings

import anndata as ad
import numpy as np
import pytest
import scanpy as sc
import scipy.sparse as sp
from scipy.spatial.distance import cdist

from gde.metrics import diffusion_pseudotime


def _kernel(x, k):
    """The Gaussian kernel of local width, pair by pair."""
    d = cdist(x, x)
    width = np.sort(d, axis=1)[:, k] / 2
    squares = lambda i, j: width[i] ** 2 + width[j] ** 2
    entry = lambda i, j: np.sqrt(2 * width[i] * width[j] / squares(i, j)) * np.exp(-(d[i, j] ** 2) / squares(i, j))
    return np.array([[entry(i, j) for j in range(len(x))] for i in range(len(x))])


def test_agrees_with_scanpy_on_the_same_kernel():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.sort(rng.uniform(0, 3, 40)), rng.normal(0, 0.2, 40)])
    adata = ad.AnnData(np.zeros((40, 1), np.float32))
    adata.obsp["connectivities"] = sp.csr_matrix(_kernel(x, 8))
    adata.uns["neighbors"] = {"connectivities_key": "connectivities", "params": {"method": "gauss", "n_neighbors": 8}}
    adata.uns["iroot"] = 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sc.tl.diffmap(adata)
        sc.tl.dpt(adata)
    ours = diffusion_pseudotime(x, 3, n_neighbors=8)
    np.testing.assert_allclose(ours, adata.obs["dpt_pseudotime"], atol=1e-3)
    distances = diffusion_pseudotime(cdist(x, x), 3, n_neighbors=8, metric="precomputed")
    np.testing.assert_allclose(ours, distances)


def test_time_starts_at_the_root_and_follows_a_branch():
    arm = np.linspace(0.1, 1, 15)[:, None]
    x = np.concatenate([np.zeros((1, 2)), arm * [1, 0], arm * [0, 1]])
    time = diffusion_pseudotime(x, 0, n_neighbors=4)
    assert time[0] == 0 and time.max() == 1
    assert (np.diff(time[:16]) > 0).all() and (np.diff(time[[0, *range(16, 31)]]) > 0).all()


def test_one_place_has_no_time_and_a_root_must_be_a_row():
    assert (diffusion_pseudotime(np.zeros((5, 2)), 0) == 0).all()
    with pytest.raises(ValueError, match="root=5"):
        diffusion_pseudotime(np.zeros((5, 2)), 5)
