import anndata as ad
import pytest

from gde.datasets import datlinger

pytestmark = pytest.mark.data


@pytest.fixture
def adata(original):
    for part in ("matrix.mtx", "genes.csv", "barcodes.csv", "seurat_metadata.csv"):
        original(f"datlinger_{part}")
    return datlinger()


def test_guides_belong_to_targets(adata, tmp_path):
    guides = adata.obs.groupby("target_gene", observed=True)["guide"].nunique()
    assert guides.pop("control") == 1
    assert len(guides) == 20 and (guides == 2).all()
    assert adata.obs["condition"].nunique() == 42
    adata.write_h5ad(tmp_path / "datlinger.h5ad")


def test_equals_the_prepared_file(adata, prepared):
    expected = ad.read_h5ad(prepared("datlinger_scifi_41guides.h5ad"))
    assert adata.obs.astype(str).equals(expected.obs[adata.obs.columns].astype(str))
    assert adata.var_names.equals(expected.var_names)
    assert (adata.X != expected.X).nnz == 0
