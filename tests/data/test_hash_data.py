import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import gde
from gde.data import MatrixUnits, hash_data, make_labels, make_units


def _cells(n=600):
    rng = np.random.default_rng(0)
    x = rng.poisson(1.0, (n, 4)).astype(np.float32)
    obs = pd.DataFrame(
        {"donor": np.repeat(["a", "b"], n // 2), "age": rng.random(n)}, index=[f"c{i}" for i in range(n)]
    )
    return ad.AnnData(x, obs=obs, obsm={"X_pca": rng.normal(size=(n, 2)), "clones": rng.dirichlet([1, 1], n)})


def _hash(adata, units=None):
    return hash_data(adata, make_labels("donor"), units or MatrixUnits())


def test_the_format_makes_no_difference(tmp_path):
    expected = _hash(_cells())
    for convert in (sp.csr_matrix, sp.csc_matrix, np.asfortranarray, lambda x: x.astype(float)):
        adata = _cells()
        adata.X = convert(adata.X)
        assert _hash(adata) == expected
    adata.obs["donor"] = adata.obs["donor"].astype("category")
    adata.uns["note"] = "mine"
    adata.write_h5ad(tmp_path / "cells.h5ad")
    assert _hash(ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")) == expected
    assert len(expected) == 64 and int(expected, 16)


def test_neither_does_the_precision():
    adata, pca = _cells(), make_units(obsm_key="X_pca")
    expected = _hash(adata, pca)
    adata.obsm["X_pca"] = adata.obsm["X_pca"].astype(np.float32)
    assert _hash(adata, pca) == expected


def _value(adata):
    adata.X[0, 1] += 1


def _place(adata):
    adata.X[[0, -1]] = adata.X[[-1, 0]] + 1


def _group(adata):
    adata.obs.loc["c1", "donor"] = "b"


def _unit_name(adata):
    adata.obs_names = [*adata.obs_names[:-1], "other"]


def _gene_name(adata):
    adata.var_names = ["0", "1", "2", "other"]


@pytest.mark.parametrize("change", [_value, _place, _group, _unit_name, _gene_name])
def test_what_identifies_the_data_makes_a_difference(change):
    adata = _cells()
    change(adata)
    assert _hash(adata) != _hash(_cells())


def test_other_units_and_labels():
    adata = _cells()
    pca = make_units(obsm_key="X_pca")
    assert _hash(adata, pca) != _hash(adata)
    other = _cells()
    other.obsm["X_pca"][0] += 1
    assert _hash(other, pca) != _hash(adata, pca) and _hash(other) == _hash(adata)
    noisy = make_labels(group_kind="noisy", group_obsm_key="clones", group_obsm_kind="posterior")
    first = hash_data(adata, noisy, MatrixUnits())
    adata.obsm["clones"][0] = [1, 0]
    assert hash_data(adata, noisy, MatrixUnits()) != first


def test_every_modality_counts():
    modalities = {"rna": {}, "prot": {"likelihood": "nb"}}
    make = lambda: gde.datasets.simulate_multimodal(n_donors=2, n_units=10, n_genes=5, n_sites=4, missing={"prot": 0.3})
    mdata, units = make(), make_units(modalities=modalities)
    first = hash_data(mdata, make_labels("donor"), units)
    mdata["prot"].X[0, 0] += 1
    assert hash_data(mdata, make_labels("donor"), units) != first == hash_data(make(), make_labels("donor"), units)
