import numpy as np
import pandas as pd
import pytest

import gde
from gde.model.covariate_table import CovariateTable

KEYS = {"batch_key": "batch", "categorical_covariate_keys": ["cell_type", "flag"], "continuous_covariate_keys": ["age"]}


@pytest.fixture
def make(adata):
    adata.obs["flag"] = np.arange(adata.n_obs) % 3  # integers as categories

    def make(**keys):
        gde.setup_anndata(adata, group_key="donor", **keys)
        model = gde.GDEModel(adata, n_latent=2, n_hidden=4)
        return CovariateTable(model.registry_, model.registry_["setup_args"])

    return make


def test_decoding_reverses_encoding(make, adata):
    table = make(**KEYS)
    codes, values = table.encode(adata.obs)
    assert codes.shape == (adata.n_obs, 3) and values.shape == (adata.n_obs, 1)
    decoded = table.decode(codes, values)
    assert decoded.columns.tolist() == ["batch", "cell_type", "flag", "age"]
    for key in ("batch", "cell_type", "flag"):
        assert decoded[key].tolist() == adata.obs[key].tolist()
    np.testing.assert_allclose(decoded["age"], adata.obs["age"], rtol=1e-6)
    assert not table.is_empty


def test_unknown_categories_and_absent_columns_are_marked(make, adata):
    table = make(**KEYS)
    obs = adata.obs[["cell_type", "age"]].astype({"cell_type": str})
    obs.iloc[0, 0] = "new"
    codes, _ = table.encode(obs)
    assert codes[0].tolist() == [-1, -1, -1]
    assert (codes[:, 0] == -1).all() and (codes[1:, 1] >= 0).all()


def test_continuous_covariates_cannot_be_done_without(make, adata):
    with pytest.raises(KeyError, match=r"\['age'\].*not in `.obs`"):
        make(**KEYS).encode(adata.obs[["batch"]])


def test_without_covariates_all_units_are_alike(make, adata):
    table = make()
    codes, values = table.encode(pd.DataFrame(index=range(3)))
    assert table.is_empty and table.batch_names == []
    assert codes.tolist() == [[0]] * 3 and values.shape == (3, 0)
    assert table.decode(codes, values).shape == (3, 0)
    with pytest.raises(ValueError, match="without `batch_key`"):
        table.batch_code("batch1")


def test_batches_by_name_of_any_type(make, adata):
    assert make(batch_key="batch").batch_code("batch2") == 1
    table = make(batch_key="flag")
    assert table.batch_names == ["0", "1", "2"]
    assert table.batch_code(2) == table.batch_code("2") == 2
    with pytest.raises(KeyError, match="`batch`: 5 was not seen in training"):
        table.batch_code(5)
