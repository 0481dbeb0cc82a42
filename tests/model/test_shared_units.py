"""Continuous and noisy labels, whose groups share units, through everything that a model does."""

from typing import get_args

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr

import gde
from gde.nn import Scoring, SetBatch


def _embed(model, adata=None):
    return model.get_group_embeddings(adata, key_added=None)


CONTINUOUS = {"group_key": "age", "group_kind": "continuous"}
NOISY = {"group_key": None, "group_kind": "noisy", "group_obsm_key": "soft", "group_obsm_kind": "posterior"}
SHARED = {"continuous": CONTINUOUS, "noisy": NOISY, "likelihood": NOISY | {"group_obsm_kind": "likelihood"}}


@pytest.fixture
def soft(adata):
    """The cohort with an age for each unit and a probability of 0.9 for its donor."""
    donors = pd.get_dummies(adata.obs["donor"], dtype=float)
    adata.obsm["soft"] = (0.9 - 0.1 / 3) * donors + 0.1 / 3
    return adata


@pytest.mark.parametrize("kind", SHARED)
def test_labels_that_share_units_go_all_the_way(fit, soft, tmp_path, kind):
    model = fit(soft, SHARED[kind] | {"batch_key": "batch"}, {"group_prior": "size", "max_epochs": 2})
    assert np.isfinite(model.history["validation_loss"].to_numpy(float)).all()
    embeddings = model.get_group_embeddings()
    slot = soft.uns["gde"]
    assert embeddings.index.tolist() == list(model.group_names) and np.isfinite(embeddings.to_numpy()).all()
    assert (slot["n_effective"] >= 1).all() and (slot["n_effective"] <= slot["n_units"] + 1e-6).all()
    assert slot["params"]["group_kind"] == SHARED[kind]["group_kind"]
    assert model.get_group_distances().shape == (len(embeddings),) * 2

    soft.write_h5ad(tmp_path / "cells.h5ad")
    groups = gde.get.group_adata(ad.read_h5ad(tmp_path / "cells.h5ad"))
    np.testing.assert_allclose(groups.X, embeddings)
    np.testing.assert_allclose(groups.obs["n_effective"], slot["n_effective"])
    with pytest.raises(ValueError, match="share units"):
        gde.tl.evaluate(model)

    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=soft.copy())
    pd.testing.assert_frame_equal(_embed(loaded), embeddings, check_exact=True)
    without, query = gde.GDEModel.load(tmp_path / "model", adata=False), soft.copy()
    np.testing.assert_allclose(_embed(without, query), embeddings, atol=1e-6)
    two = list(embeddings.index[:2])
    new, expected = without.generate(query, groups=two, n_units=4), model.generate(groups=two, n_units=4)
    assert (new.X != expected.X).nnz == 0
    pd.testing.assert_frame_equal(new.obs, expected.obs)
    new.write_h5ad(tmp_path / "new.h5ad")


@pytest.mark.parametrize("mixing", [0.0, 0.5])
@pytest.mark.parametrize("scoring", get_args(Scoring))
@pytest.mark.parametrize("kind", SHARED)
def test_every_scoring_goes_with_labels_that_share_units_and_with_mixtures(fit, soft, kind, scoring, mixing):
    model = fit(soft, SHARED[kind], {"mixing": mixing, "limit_train_batches": 2}, scoring=scoring)
    assert np.isfinite(model.history["train_loss"].to_numpy(float)).all()
    z = _embed(model)
    assert np.isfinite(z.to_numpy()).all() and z.to_numpy().std(0).min() > 0
    assert model.generate(groups=z.index[:2], n_units=3).shape == (6, soft.n_vars)


def test_noisy_labels_that_are_certain_are_embedded_like_discrete_ones(fit, soft):
    soft.obsm["soft"] = pd.get_dummies(soft.obs["donor"], dtype=float)
    noisy = fit(soft, NOISY)
    discrete = fit(soft.copy())
    discrete.module.load_state_dict(noisy.module.state_dict())
    pd.testing.assert_frame_equal(_embed(noisy), _embed(discrete), check_exact=False, atol=1e-6)


def test_a_continuous_label_is_embedded_from_all_units_with_their_kernel_weights(fit, adata):
    model = fit(adata, CONTINUOUS | {"bandwidth": 7.0})
    z = model.get_group_embeddings(groups=[50, 41.5])
    assert z.index.tolist() == ["50.0", "41.5"] and adata.uns["gde"]["params"]["bandwidth"] == 7
    weight = np.exp(-0.5 * ((adata.obs["age"].to_numpy() - 41.5) / 7) ** 2)
    weight[weight < 1e-3] = 0
    assert adata.uns["gde"]["n_effective"][1] == pytest.approx(weight.sum() ** 2 / (weight**2).sum(), rel=1e-5)
    x = torch.from_numpy(adata.X.toarray()).to_sparse_csr()
    with torch.inference_mode():
        units = model.module.observation.featurise(x)
        batch = SetBatch(units, torch.zeros(len(units), dtype=torch.long), torch.from_numpy(weight).float(), 1)
        np.testing.assert_allclose(z.loc["41.5"], model.module.encoder(batch)[0], atol=1e-5)


@pytest.mark.parametrize("encoder", ["resnet", "median", "attention"])
def test_chunks_of_labels_that_share_units_do_not_matter(fit, soft, encoder):
    model = fit(soft, NOISY, encoder=encoder)
    small = model.get_group_embeddings(batch_size=13, key_added=None)
    np.testing.assert_allclose(small, _embed(model), atol=1e-5)


def test_continuous_labels_are_validated_on_labels_that_were_held_out(fit, adata):
    adata.obs["age"] = adata.obs["donor"].cat.codes * 10 + 20
    model = fit(adata, CONTINUOUS, {"validation": "groups", "validation_size": 0.3})
    assert np.isfinite(model.history["validation_loss"].to_numpy(float)).all()
    assert _embed(model).index.tolist() == ["20.0", "30.0", "40.0", "50.0"]
    adata.obsm["soft"] = pd.get_dummies(adata.obs["donor"], dtype=float)
    with pytest.raises(ValueError, match="Use 'cells'"):
        fit(adata, NOISY, {"validation": "groups"})


def test_new_units_of_a_continuous_label_carry_its_number_and_covariates_of_units_nearby(fit, adata):
    adata.obs["batch"] = np.where(adata.obs["age"] < 50, "young", "old")
    model = fit(adata, CONTINUOUS | {"batch_key": "batch", "bandwidth": 1.0})
    new = model.generate(groups=[35, 62.5], n_units={35.0: 60, 62.5: 40})
    assert new.obs["age"].tolist() == [35.0] * 60 + [62.5] * 40
    assert new.obs["batch"].tolist() == ["young"] * 60 + ["old"] * 40
    model.get_group_embeddings(groups=[50])
    assert model.generate(groups=[50]).n_obs == round(adata.uns["gde"]["n_effective"][0])
    for groups, error in (
        ([300], "no unit has a label near 300"),
        (["old"], "are numbers"),
        ([50, 50.0], "each group once"),
    ):
        with pytest.raises(ValueError, match=error):
            model.generate(groups=groups)


def test_first_axis_of_the_embeddings_follows_an_age_that_shifts_the_composition(fit):
    adata = gde.datasets.simulate_cohort(n_donors=16, n_units=60, n_genes=60, severity_effect=1.5, seed=1)
    adata.obs["age"] = 20 + 60 * adata.obs["severity"]
    model = fit(adata, CONTINUOUS, {"max_epochs": 2, "limit_train_batches": 40, "batch_size": 128}, n_hidden=32)
    z = _embed(model)
    ages = z.index.to_numpy(float)
    assert (np.diff(ages) > 0).all(), "labels ascend"
    axis = (z - z.mean()).to_numpy() @ np.linalg.svd(z - z.mean())[2][0]
    assert abs(spearmanr(axis, ages).statistic) > 0.9


def test_probabilities_embed_overlapping_groups_nearer_to_the_truth_than_the_likeliest_group(fit):
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=3000)
    x = rng.normal(size=(3000, 2)) + np.column_stack([2 * group - 1, np.zeros(3000)])
    p = 1 / (1 + np.exp(-2 * x[:, 0]))  # p(group 1 | unit), in closed form
    adata = ad.AnnData(obs=pd.DataFrame(index=[f"u{i}" for i in range(3000)]), obsm={"X": x.astype(np.float32)})
    adata.obsm["soft"] = np.column_stack([1 - p, p])
    model = fit(adata, NOISY | {"obsm_key": "X"}, {"validation_size": 0}, encoder="moments", n_latent=2)
    z = {}
    for name, weights in {"soft": p, "likeliest": p > 0.5, "true": group}.items():
        adata.obsm["soft"] = np.column_stack([1 - weights, weights]).astype(float)
        z[name] = _embed(model, adata.copy()).to_numpy()
    errors = {name: np.linalg.norm(z[name] - z["true"], axis=1) for name in ("soft", "likeliest")}
    assert (errors["soft"] < 0.5 * errors["likeliest"]).all()
