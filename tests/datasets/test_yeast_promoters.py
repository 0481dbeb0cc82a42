import anndata as ad
import numpy as np
import pandas as pd
import pytest

from gde.datasets import yeast_promoters

pytestmark = pytest.mark.data


@pytest.fixture
def adata(original):
    original("yeast_gpra_demo_train.txt")
    return yeast_promoters()


def test_bins_are_ordered_quantiles_of_equal_size(adata):
    bins = adata.obs.groupby("expression_bin", observed=True)["expression"].agg(["min", "max", "size"])
    assert bins.index.tolist() == [str(code) for code in range(20)]
    assert set(bins["size"]) == {318, 319}
    assert (bins["max"].to_numpy()[:-1] <= bins["min"].to_numpy()[1:]).all()


def test_survives_a_file(adata, tmp_path):
    adata.write_h5ad(tmp_path / "yeast.h5ad")
    again = ad.read_h5ad(tmp_path / "yeast.h5ad")
    assert again.shape == (6370, 0)
    assert again.obs["expression_bin"].cat.ordered


def test_equals_the_prepared_file(adata, prepared):
    expected = pd.read_csv(prepared("yeast_promoters_gpra_dream.csv.gz"))
    assert adata.obs["sequence"].tolist() == expected["seq"].tolist()
    assert adata.obs["core"].tolist() == expected["core"].tolist()
    np.testing.assert_allclose(adata.obs["expression"], expected["expression"])
    assert adata.obs["expression_bin"].astype(int).tolist() == expected["expression_bin"].tolist()
