import numpy as np
import pandas as pd
import pytest

import gde

SETUP = {"batch_key": "batch", "continuous_covariate_keys": ["age"]}


@pytest.fixture(scope="module")
def source():
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=(20, 40), n_genes=30, library_size=100, seed=3)
    adata.obs["age"] = np.random.default_rng(0).normal(50, 10, adata.n_obs)
    return adata


@pytest.fixture(scope="module", params=["deep_sets", "resnet"])
def model(request, source, fit):
    model = fit(source.copy(), SETUP, encoder=request.param, encode_covariates=True, thinning=0.5)
    for parameter in model.module.covariate_effect.parameters():
        parameter.data.normal_(std=0.5)  # as after a long training
    return model


def _embed(model, adata=None, **kwargs):
    return model.get_group_embeddings(adata, key_added=None, **kwargs)


def test_embeddings_depend_on_the_covariates_and_not_on_how_they_are_read(model):
    own = _embed(model)
    shuffled = model.adata[np.random.default_rng(1).permutation(model.adata.n_obs)].copy()
    np.testing.assert_allclose(_embed(model, shuffled).loc[own.index], own, atol=1e-5)
    np.testing.assert_allclose(_embed(model, batch_size=7), own, atol=1e-5)
    other = model.adata.copy()
    other.obs["batch"] = other.obs["batch"].map({"batch1": "batch2", "batch2": "batch1"})
    assert (_embed(model, other) - own).abs().to_numpy().max() > 1e-3


def test_a_group_by_itself_has_the_same_embedding_and_a_covariance(model):
    part = model.adata[model.adata.obs["donor"] == "D2"].copy()
    z, covariances = _embed(model, part, return_cov=True)
    np.testing.assert_allclose(z, _embed(model).loc[["D2"]], atol=1e-5)
    assert np.isfinite(covariances).all()


def test_influence_predicts_what_leaving_a_unit_out_does(model):
    part = model.adata[model.adata.obs["donor"] == "D1"].copy()
    influence = model.get_unit_influence(part, direction=0, key_added=None)
    assert abs(influence.mean()) < 1e-5
    unit = int(influence.abs().argmax())
    without = part[np.arange(part.n_obs) != unit].copy()
    moved = (_embed(model, without) - _embed(model, part)).iloc[0, 0]
    assert moved == pytest.approx(-influence.iloc[unit] / (part.n_obs - 1), rel=0.35, abs=1e-5)


def test_saved_models_read_covariates_too(model, tmp_path):
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    pd.testing.assert_frame_equal(_embed(loaded, model.adata.copy()), _embed(model))


def test_covariates_that_training_did_not_see_are_refused(model):
    new = model.adata.copy()
    new.obs["batch"] = "batch9"
    with pytest.raises(
        ValueError, match=r"'batch'.*batches of training: \['batch1', 'batch2'\].*encode_covariates=False"
    ):
        _embed(model, new)
    with pytest.raises(ValueError, match="'batch'"):
        _embed(model, _without(model.adata, "batch"))
    with pytest.raises(KeyError, match="'age'"):
        _embed(model, _without(model.adata, "age"))
    new = model.adata.copy()
    new.obs["age"] = np.nan
    with pytest.raises(ValueError, match="'age'"):
        _embed(model, new)


def _without(adata, key):
    new = adata.copy()
    del new.obs[key]
    return new


def test_summaries_add_up_and_belong_to_their_covariates(source, fit):
    model = fit(source.copy(), SETUP, encode_covariates=True)
    one, other = (model.summarize_groups(model.adata[part::2].copy()) for part in (0, 1))
    embeddings, _ = model.embed_summary(one + other)
    np.testing.assert_allclose(embeddings, _embed(model), atol=1e-5)
    for parameter in model.module.covariate_effect.parameters():
        parameter.data += 1
    with pytest.raises(ValueError, match="other weights"):
        model.embed_summary(one)


@pytest.mark.parametrize(
    ("setup", "arguments", "message"),
    [
        ({}, {"encode_covariates": True}, "needs covariates"),
        (SETUP, {"encode_covariates": True, "encoder": "moments"}, "Moments is fixed"),
        (SETUP, {"thinning": 1.0}, r"in \[0, 1\)"),
        ({"likelihood": "normal"}, {"thinning": 0.5}, "continuous: leave it out"),
    ],
)
def test_what_cannot_be_is_refused(source, setup, arguments, message):
    adata = source.copy()
    gde.setup_anndata(adata, group_key="donor", **setup)
    with pytest.raises(ValueError, match=message):
        gde.GDEModel(adata, n_latent=3, n_hidden=8, **arguments)
