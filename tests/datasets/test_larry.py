import anndata as ad
import numpy as np
import pytest

from gde.datasets import larry

pytestmark = pytest.mark.data


@pytest.fixture
def adata(original):
    original("larry_test_adata_preprocessed.h5ad")
    return larry()


def test_labels_and_counts(adata, tmp_path):
    assert adata.shape == (781, 2481)
    assert adata.obs["clone"].nunique() == 339
    assert adata.obs["day"].value_counts().to_dict() == {"6": 431, "4": 316, "2": 34}
    assert (adata.X.data >= 1).all() and (adata.X.data == np.rint(adata.X.data)).all()
    adata.write_h5ad(tmp_path / "larry.h5ad")


def test_equals_the_prepared_file(adata, prepared):
    expected = ad.read_h5ad(prepared("larry_invitro_339clones.h5ad"))
    assert adata.obs.equals(expected.obs[adata.obs.columns])
    assert adata.var.equals(expected.var)
    assert (adata.X != expected.X).nnz == 0
    assert (adata.layers["normed"] != expected.layers["normed"]).nnz == 0
    for key in expected.obsm:
        np.testing.assert_allclose(adata.obsm[key], expected.obsm[key], atol=1e-5)
