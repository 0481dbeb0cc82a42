import pytest
from anndata import AnnData
from mudata import MuData

from gde.data import check_anndata


def test_only_anndata_passes():
    check_anndata(AnnData())
    with pytest.raises(TypeError, match="`reference` must be an AnnData, got str."):
        check_anndata("cells.h5ad", "reference")
    check_anndata(MuData({}), or_mudata=True)
    with pytest.raises(TypeError, match="got MuData.*setup_mudata"):
        check_anndata(MuData({}))
