"""Data at the ends of what is sound: trained, embedded and generated without a NaN."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

import gde

STEPS = {
    "max_epochs": 1, "limit_train_batches": 6, "batch_size": 32, "set_size": 16, "logger": None, "enable_progress_bar": False,
    "enable_model_summary": False,
}  # fmt: skip


def _counts(n_genes=20, rate=2.0):
    return np.random.default_rng(0).poisson(rate, (60, n_genes)).astype(np.float32)


def _million_in_one_gene(x):
    x[::7, 3] = 1e6
    return x


def _deep_and_shallow(x):
    x[:30] *= 50_000
    x[30:] = 0
    x[30:45, 0] = 1
    return x


CASES = {
    "a million counts in one gene": lambda: _million_in_one_gene(_counts()),
    "ten million counts a cell, and none or one": lambda: _deep_and_shallow(_counts()),
    "one gene": lambda: _counts(1),
    "50,000 genes": lambda: sp.csr_matrix(_counts(50_000, rate=0.02)),
    "a gene in all of one donor's cells and in no other": lambda: np.hstack(
        [_counts(), np.repeat([[9.0], [0], [0]], 20, 0)]
    ),
}


@pytest.mark.parametrize("likelihood", ["nb", "zinb", "poisson"])
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_nan(case, likelihood):
    if case == "50,000 genes" and likelihood != "nb":
        pytest.skip("a likelihood of genes one by one has no other number of them to fear")
    adata = ad.AnnData(CASES[case](), obs={"donor": np.repeat(["a", "b", "c"], 20)})
    gde.setup_anndata(adata, group_key="donor", likelihood=likelihood)
    model = gde.GDEModel(adata, n_latent=2, n_latent_unit=2, n_hidden=8)
    model.train(**STEPS)
    assert all(np.isfinite(losses.to_numpy(float)).all() for losses in model.history.values())
    embeddings, covariances = model.get_group_embeddings(return_cov=True, key_added=None)
    assert np.isfinite(embeddings.to_numpy()).all() and np.isfinite(covariances).all()
    new = model.generate(n_units=5).X
    assert np.isfinite(new.data).all() and (new.data == np.rint(new.data)).all() and (new.data >= 0).all()


def test_values_far_from_zero_keep_their_differences():
    x = np.random.default_rng(0).normal(size=(60, 3)) * 1e-3 + 100
    adata = ad.AnnData(obs={"donor": np.repeat(["a", "b", "c"], 20)}, obsm={"X": x})
    gde.setup_anndata(adata, group_key="donor", obsm_key="X")
    model = gde.GDEModel(adata, n_latent=2, n_hidden=8)
    model.train(**STEPS)
    assert np.isfinite(model.get_group_embeddings(key_added=None).to_numpy()).all()
    assert np.abs(model.generate(n_units=5).obsm["X"] - 100).max() < 0.01
