"""The encoder reads features from `.obsm`, and the generator makes the units."""

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

import gde
from gde.encoders import Moments

SETUP = {"group_key": "donor", "batch_key": "batch", "encoder_obsm_key": "X_pca"}


@pytest.fixture(scope="module")
def cohort():
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=40, n_genes=30)
    rng = np.random.default_rng(0)
    adata.obsm["X_pca"] = np.log1p(adata.X.toarray()) @ rng.normal(size=(30, 3)) + 100
    return adata


@pytest.fixture(
    scope="module", params=[{}, {"obsm_key": "X_pca", "encoder_obsm_key": "X_other"}], ids=["counts", "continuous"]
)
def model(cohort, request):
    adata = cohort.copy()
    adata.obsm["X_other"] = 3 * adata.obsm["X_pca"][:, :2]
    gde.setup_anndata(adata, **(SETUP | request.param))
    model = gde.GDEModel(adata, n_latent=2, n_hidden=8)
    model.train(max_epochs=1, enable_progress_bar=False)
    return model


def test_embeddings_are_of_the_given_features_alone(model):
    key = model.registry["setup_args"]["encoder_obsm_key"]
    alone = ad.AnnData(obs=model.adata.obs[["donor"]].copy(), obsm={key: model.adata.obsm[key]})
    expected = model.get_group_embeddings(key_added=None)
    np.testing.assert_allclose(model.get_group_embeddings(alone), expected, atol=1e-5)
    alone.obsm[key] = alone.obsm[key] + 5
    assert (np.abs(model.get_group_embeddings(alone) - expected) > 1e-4).to_numpy().any()


def test_the_generator_makes_the_units(model):
    new = model.generate(n_units=7)
    if model.likelihood == "normal":
        assert new.obsm["X_pca"].shape == (28, 3)
        assert new.obsm["X_pca"].mean() == pytest.approx(100, rel=0.3)
    else:
        assert sp.issparse(new.X) and new.shape == (28, 30)
        assert (new.X.data == np.rint(new.X.data)).all() and new.X.sum() > 0


def test_features_are_centred_and_keep_their_proportions(model):
    given = model.module.given
    x = model.adata.obsm[model.registry["setup_args"]["encoder_obsm_key"]][model.train_indices]
    np.testing.assert_allclose(given.mean.numpy(), x.mean(0), rtol=1e-4)
    np.testing.assert_allclose(given.sd.numpy(), np.sqrt(x.var(0).mean()), rtol=1e-4)


def test_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "model", save_anndata=True)
    loaded = gde.GDEModel.load(tmp_path / "model")
    np.testing.assert_allclose(
        loaded.get_group_embeddings(key_added=None), model.get_group_embeddings(key_added=None), atol=1e-6
    )


def test_a_fixed_encoder_reads_them_too(cohort):
    adata = cohort.copy()
    gde.setup_anndata(adata, **SETUP)
    model = gde.GDEModel(adata, encoder=Moments(3, 3), n_latent=3, n_hidden=8)
    model.train(max_epochs=1, enable_progress_bar=False)
    z = model.get_group_embeddings()
    x = (adata.obsm["X_pca"] - model.module.given.mean.numpy()) / model.module.given.sd.numpy()
    of = adata.obs["donor"].to_numpy()
    means = np.stack([x[of == name].mean(0) for name in z.index])
    factor = (z.to_numpy() * means).sum() / (means**2).sum()  # the encoder scales all embeddings alike
    np.testing.assert_allclose(z, factor * means, atol=1e-3)


def test_geometry_of_another_anndata_needs_units_too(cohort):
    adata = cohort.copy()
    gde.setup_anndata(adata, **SETUP)
    model = gde.GDEModel(adata, n_latent=2, n_hidden=8)
    model.train(max_epochs=1, enable_progress_bar=False)
    new = gde.datasets.simulate_cohort(n_donors=6, n_units=25, n_genes=30, seed=1)
    new.obs["donor"] = [f"new {name}" for name in new.obs["donor"]]
    new.obsm["X_pca"] = np.log1p(new.X.toarray())[:, :3] + 100
    assert model.certify_geometry(new).n_groups == 6


def test_bad_features_are_refused_with_a_cure(cohort):
    with pytest.raises(KeyError, match=r"`encoder_obsm_key`: 'X_pc' is not in `.obsm`.*'X_pca'"):
        gde.setup_anndata(cohort.copy(), **(SETUP | {"encoder_obsm_key": "X_pc"}))
    bad = cohort.copy()
    bad.obsm["X_pca"][3, 1] = np.nan
    with pytest.raises(ValueError, match="X_pca.*NaN"):
        gde.setup_anndata(bad, **SETUP)


def test_features_of_another_width_are_refused(model):
    key = model.registry["setup_args"]["encoder_obsm_key"]
    wide = ad.AnnData(obs=model.adata.obs[["donor"]].copy(), obsm={key: np.zeros((model.adata.n_obs, 9))})
    with pytest.raises(ValueError, match="has 9 columns, and the model was trained on"):
        model.get_group_embeddings(wide)
