import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch

import gde
from gde.encoders import DeepSets
from gde.generators import CVAE
from gde.metrics import energy_distance
from gde.model import SaveCheckpoint
from gde.model.build_module import ENCODERS, GENERATORS
from tests.data.test_check_setup import BAD_INPUTS, assert_refused, assert_same, make_adata

COVARIATES = {
    "batch_key": "batch",
    "categorical_covariate_keys": ["cell_type", "condition"],
    "continuous_covariate_keys": ["age", "severity"],
}
TINY = {"n_latent": 3, "n_latent_unit": 4, "n_hidden": 16}


def _embed(model, adata=None):
    return model.get_group_embeddings(adata, key_added=None)


# Set-up


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
@pytest.mark.parametrize("bad", BAD_INPUTS)
def test_bad_input_is_refused_with_a_cure_and_nothing_changes(bad):
    assert_refused(gde.setup_anndata, *BAD_INPUTS[bad])


def test_an_unknown_likelihood_is_refused_and_nothing_changes():
    words = ["likelihood", "'nb', 'zinb', 'poisson', 'bernoulli', 'normal'", "gamma"]
    assert_refused(gde.setup_anndata, lambda adata: adata, {"likelihood": "gamma"}, ValueError, words)


def test_setup_adds_columns_of_its_own_and_changes_nothing_else():
    adata = make_adata()
    gde.setup_anndata(adata, group_key="donor")
    added = [column for column in adata.obs if column not in make_adata().obs]
    assert all(column.startswith("_scvi_") for column in added)
    adata.obs = adata.obs.drop(columns=added)
    adata.uns.clear()
    assert_same(adata, make_adata())


def test_a_group_of_one_unit_is_warned_of_once_and_trained_on(fit, adata):
    adata = adata[[0, *np.flatnonzero(adata.obs["donor"] != adata.obs["donor"].iloc[0])]].copy()
    with pytest.warns(UserWarning, match="1 of 4 groups have a single unit") as caught:
        gde.setup_anndata(adata, group_key="donor")
    assert len([warning for warning in caught if "single unit" in str(warning.message)]) == 1
    with pytest.warns(UserWarning, match="single unit"):
        model = fit(adata)
    assert np.isfinite(_embed(model).to_numpy()).all()


def test_confounded_batches_are_warned_of(adata):
    adata.obs["lane"] = adata.obs["donor"].astype(str) + "x"
    with pytest.warns(UserWarning, match="'lane' and 'donor' are confounded"):
        gde.setup_anndata(adata, group_key="donor", batch_key="lane")


def test_setup_can_be_done_again_in_another_way(fit, adata):
    fit(adata)
    model = fit(adata, {"group_key": ["donor", "batch"], "likelihood": "poisson"})
    assert len(_embed(model)) == 8


# Training


@pytest.mark.parametrize("generator", ["cvae", "flow_matching"])
@pytest.mark.parametrize("setup", ["nb", "zinb", "poisson", "bernoulli", "normal", "obsm"])
def test_every_likelihood_trains_with_every_generator_and_covariates(fit, adata, setup, generator):
    if setup == "normal":
        adata.X = np.log1p(adata.X.toarray())
    if setup == "bernoulli":
        adata.X = (adata.X > 0).astype(np.float32)
    units = {"obsm_key": "X_pca"} if setup == "obsm" else {"likelihood": setup}
    model = fit(adata, units | COVARIATES, generator=generator)
    assert np.isfinite(_embed(model).to_numpy()).all()
    new = model.generate(n_units=3)
    values = new.obsm["X_pca"] if setup == "obsm" else new.X
    assert np.isfinite(values.data if hasattr(values, "indptr") else values).all()
    assert new.obs.columns.tolist() == ["donor", "batch", "cell_type", "condition", "age", "severity"]


def test_history_has_the_validation_loss_of_each_epoch(fit, adata):
    model = fit(adata, train={"max_epochs": 3})
    assert len(model.history["validation_loss"]) == 3
    assert np.isfinite(model.history["validation_loss"].to_numpy(float)).all()


def test_training_lowers_the_validation_loss(trained):
    losses = trained.history["validation_loss"].to_numpy(float).ravel()
    assert losses[-1] < losses[0]
    assert losses[-1] < losses.min() + 0.1 * (losses[0] - losses.min()), "and it is no worse at the end"


@pytest.mark.parametrize("size", [0.3, 0.5])
def test_validation_on_groups(fit, adata, size):
    model = fit(adata, train={"validation": "groups", "validation_size": size})
    assert "validation_loss" in model.history
    assert len(_embed(model)) == 4, "groups that were held out are embedded like all others"


def test_training_without_validation(fit, adata):
    model = fit(adata, train={"validation_size": 0})
    assert "validation_loss" not in model.history
    assert np.isfinite(_embed(model).to_numpy()).all()


@pytest.mark.parametrize("prior", ["uniform", "size", [1, 2, 0, 4]])
def test_group_priors(fit, adata, prior):
    assert len(_embed(fit(adata, train={"group_prior": prior}))) == 4


@pytest.mark.parametrize(
    ("train", "words"),
    [
        ({"validation": "donors"}, "`validation` must be 'cells' or 'groups', got 'donors'"),
        ({"validation_size": 1.0}, "`validation_size`"),
        ({"group_prior": "equal"}, "`group_prior` must be 'uniform', 'size' or 4 non-negative weights"),
        ({"early_stopping": True, "validation_size": 0}, "`early_stopping` needs held-out units"),
    ],
    ids=["validation", "validation_size", "group_prior", "early_stopping"],
)
def test_bad_options_of_training_are_refused(fit, adata, train, words):
    with pytest.raises(ValueError, match=words):
        fit(adata, train=train)


def test_early_stopping_stops_a_model_that_does_not_improve(fit, adata):
    options = {"max_epochs": 30, "early_stopping": True, "early_stopping_patience": 2}
    model = fit(adata, train=options | {"plan_kwargs": {"lr": 1e-12}})
    assert len(model.history["validation_loss"]) < 10


def test_the_best_epoch_can_be_kept_by_a_checkpoint(fit, adata, tmp_path):
    checkpoint = SaveCheckpoint(dirpath=str(tmp_path), monitor="validation_loss", load_best_on_end=True)
    model = fit(adata, train={"max_epochs": 3, "enable_checkpointing": True, "callbacks": [checkpoint]})
    best = gde.GDEModel.load(checkpoint.best_model_path, adata=adata)
    pd.testing.assert_frame_equal(_embed(best), _embed(model))


def test_training_can_go_on(fit, adata):
    model = fit(adata)
    first, mean = _embed(model), model.module.observation.stem.feature_mean.clone()
    model.train(max_epochs=1, limit_train_batches=4, batch_size=64, enable_progress_bar=False)
    assert not np.allclose(_embed(model), first)
    torch.testing.assert_close(model.module.observation.stem.feature_mean, mean)


def test_training_that_goes_on_after_a_file_draws_new_sets(fit, adata, tmp_path):
    class Seeds(pl.Callback):
        def on_train_batch_start(self, trainer, plan, batch, *args):
            seeds.extend(batch["set_seeds"].tolist())

    few = {"max_epochs": 1, "limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}
    seeds: list[int] = []
    model = fit(adata)
    model.train(**few, callbacks=[Seeds()])
    model.save(tmp_path / "model")
    gde.GDEModel.load(tmp_path / "model", adata=adata).train(**few, callbacks=[Seeds()])
    assert len(set(seeds)) == len(seeds)


def test_training_after_embedding_trains_with_dropout_again(fit, adata):
    class Modes(pl.Callback):
        def on_train_batch_start(self, trainer, plan, *args):
            modes.extend(module.training for module in plan.module.modules())

    model, modes = fit(adata), []
    _embed(model)
    model.train(max_epochs=1, limit_train_batches=2, enable_progress_bar=False, callbacks=[Modes()])
    assert modes and all(modes)
    assert not model.module.training


def test_one_seed_gives_bit_identical_results_whatever_the_ambient_one(fit, adata):
    models = []
    for ambient in (0, 1):
        torch.manual_seed(ambient)
        np.random.seed(ambient)
        models.append(fit(adata.copy(), COVARIATES, {"limit_train_batches": 20}, seed=7))
    pd.testing.assert_frame_equal(_embed(models[0]), _embed(models[1]), check_exact=True)
    assert (models[0].generate(n_units=5).X != models[1].generate(n_units=5).X).nnz == 0
    other = fit(adata.copy(), COVARIATES, {"limit_train_batches": 20}, seed=8)
    assert not np.allclose(_embed(other), _embed(models[0]))


def test_building_a_model_leaves_the_ambient_seed_alone(adata):
    gde.setup_anndata(adata, group_key="donor")
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    gde.GDEModel(adata, **TINY)
    assert torch.rand(1) == expected


# Parts


def test_parts_of_one_s_own(fit, adata):
    encoder, generator = DeepSets(16, 3, n_hidden=5), CVAE(4, 3)
    model = fit(adata, encoder=encoder, generator=generator)
    assert model.module.encoder is encoder and model.module.generator is generator
    assert _embed(model).shape == (4, 3)


@pytest.mark.parametrize("scoring", ["same_units", "both"])
def test_scoring_changes_training_and_survives_a_file(fit, adata, tmp_path, scoring):
    default, model = fit(adata.copy()), fit(adata, scoring=scoring)
    assert not np.allclose(_embed(default), _embed(model))
    model.save(tmp_path / "model")
    assert gde.GDEModel.load(tmp_path / "model", adata=adata).module.scoring == scoring


@pytest.mark.parametrize("generator", [name for name, cls in GENERATORS.items() if "vector" in cls.kinds])
def test_every_generator_learns_from_counts_and_is_loaded_as_it_was(fit, adata, generator, tmp_path):
    model = fit(adata, COVARIATES, generator=generator, isometry_weight=1.0)
    assert np.isfinite(model.history["train_loss"].to_numpy(float)).all()
    new = model.generate(n_units=5)
    assert (new.X.data == np.rint(new.X.data)).all() and new.X.sum() > 0
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    assert (loaded.generate(n_units=5).X != new.X).nnz == 0
    assert loaded.module.isometry_weight == 1


def test_unknown_names_are_refused(adata):
    gde.setup_anndata(adata, group_key="donor")
    with pytest.raises(ValueError, match="`encoder` must be one of .*'deep_sets'"):
        gde.GDEModel(adata, encoder="deep_set")
    with pytest.raises(ValueError, match="`generator` must be one of 'autoregressive', 'cvae'"):
        gde.GDEModel(adata, generator="gan")


def test_a_model_says_what_it_is(trained):
    for word in ("GDEModel", "DeepSets", "FlowMatching", "nb"):
        assert word in trained._model_summary_string


# Saving


@pytest.fixture(params=["names", "instances"])
def saved(request, fit, adata, tmp_path):
    parts = {"encoder": DeepSets(16, 3, n_hidden=5), "generator": CVAE(4, 3)} if request.param == "instances" else {}
    model = fit(adata, COVARIATES, **parts)
    model.save(tmp_path / "model")
    return model, tmp_path / "model"


def test_a_loaded_model_embeds_and_generates_identically(saved):
    model, path = saved
    fresh = model.adata.copy()
    loaded = gde.GDEModel.load(path, adata=fresh)
    pd.testing.assert_frame_equal(_embed(loaded), _embed(model), check_exact=True)
    new, expected = loaded.generate(n_units=7), model.generate(n_units=7)
    assert (new.X != expected.X).nnz == 0
    pd.testing.assert_frame_equal(new.obs, expected.obs)
    pd.testing.assert_frame_equal(new.var, expected.var)


def test_a_model_loaded_without_its_anndata_works_on_others(saved, adata):
    model, path = saved
    loaded = gde.GDEModel.load(path, adata=False)
    query = adata.copy()
    query.obs["donor"] = "new-" + query.obs["donor"].astype(str)
    embeddings = _embed(loaded, query)
    np.testing.assert_array_equal(embeddings, _embed(model, query))
    new = loaded.generate(query, n_units=2)
    assert new.var_names.equals(adata.var_names)
    assert set(new.obs["donor"]) == set(query.obs["donor"])
    for ask in (loaded.get_group_embeddings, loaded.generate):
        with pytest.raises(ValueError, match="loaded without an AnnData"):
            ask()
    with pytest.raises(ValueError, match=r"loaded without an AnnData.*GDEModel.load"):
        loaded.train()
    with pytest.raises(ValueError, match=r"need covariates.*GDEModel.load"):
        loaded.generate(embeddings=embeddings, n_units=1)


def test_a_model_without_covariates_generates_from_embeddings_without_its_anndata(fit, adata, tmp_path):
    model = fit(adata)
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    arguments = {"embeddings": _embed(model), "n_units": 6, "seed": 2}
    assert (loaded.generate(**arguments).X != model.generate(**arguments).X).nnz == 0


def test_a_model_saved_with_its_anndata_loads_without_one(fit, adata, tmp_path):
    model = fit(adata)
    model.save(tmp_path / "model", save_anndata=True)
    pd.testing.assert_frame_equal(_embed(gde.GDEModel.load(tmp_path / "model")), _embed(model), check_exact=True)


def test_a_model_loads_with_an_anndata_of_new_groups(fit, adata, tmp_path):
    model = fit(adata)
    model.save(tmp_path / "model")
    query = adata[adata.obs["donor"].isin(["D1"])].copy()
    query.obs["donor"] = "new"
    loaded = gde.GDEModel.load(tmp_path / "model", adata=query)
    assert _embed(loaded).index.tolist() == ["new"]
    np.testing.assert_allclose(_embed(loaded).loc["new"], _embed(model).loc["D1"], atol=1e-6)
    assert loaded.generate(n_units=3).obs["donor"].tolist() == ["new"] * 3


@pytest.mark.parametrize("setup", [{"group_key": ["donor", "batch"]}, {"obsm_key": "X_pca"}, {"likelihood": "zinb"}])
def test_set_ups_of_all_kinds_can_be_saved(fit, adata, tmp_path, setup):
    model = fit(adata, setup)
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    pd.testing.assert_frame_equal(_embed(loaded), _embed(model), check_exact=True)
    query = adata.copy()
    without = gde.GDEModel.load(tmp_path / "model", adata=False)
    np.testing.assert_allclose(_embed(without, query), _embed(model), atol=1e-6)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize(
    ("setup", "frame"), [({}, False), ({"obsm_key": "X_pca"}, False), ({"obsm_key": "X_pca"}, True)]
)
def test_every_encoder_trains_embeds_generates_and_is_saved(fit, adata, tmp_path, setup, frame, encoder):
    model = fit(adata, setup, encoder=encoder, location_scale=frame)
    embeddings = _embed(model)
    assert np.linalg.matrix_rank(embeddings - embeddings.mean()) == 3
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    pd.testing.assert_frame_equal(_embed(loaded), embeddings, check_exact=True)
    assert loaded.generate(n_units=2).n_obs == 8


@pytest.mark.parametrize("validation", ["cells", "groups"])
def test_moments_of_counts_are_means_of_principal_components_whatever_is_trained(fit, adata, validation):
    train = {"validation": validation, "validation_size": 0.25, "group_prior": "size"}
    model = fit(adata, encoder="moments", train=train)
    again = fit(adata, encoder="moments", train=train | {"limit_train_batches": 1})
    np.testing.assert_array_equal(_embed(model), _embed(again))
    counts = model.module.observation
    scores = counts.fixed_features(torch.from_numpy(adata.X.toarray()).float())
    donors = pd.DataFrame(scores).groupby(adata.obs["donor"].to_numpy()).mean()
    distances = np.array([torch.pdist(torch.from_numpy(z.to_numpy())).numpy() for z in (donors, _embed(model))])
    np.testing.assert_allclose(distances[1] / distances[0], (distances[1] / distances[0])[0], rtol=1e-4)


# What has been learnt


def _severity(cohort, embeddings):
    return cohort.obs.groupby("donor", observed=True)["severity"].first().loc[embeddings.index].to_numpy()


def _with_constant(embeddings):
    return np.column_stack([np.ones(len(embeddings)), embeddings])


def test_embeddings_tell_the_severity_of_donors_that_were_not_seen(trained, cohort):
    known = _embed(trained)
    unseen = _embed(trained, cohort[cohort.obs["part"] == "unseen"].copy())
    map_ = np.linalg.lstsq(_with_constant(known), _severity(cohort, known), rcond=None)[0]
    assert np.corrcoef(_with_constant(unseen) @ map_, _severity(cohort, unseen))[0, 1] > 0.8


def test_first_axis_of_the_embeddings_is_the_severity(trained, cohort):
    embeddings = _embed(trained)
    centred = (embeddings - embeddings.mean()).to_numpy()
    axis = centred @ np.linalg.svd(centred)[2][0]
    assert abs(np.corrcoef(axis, _severity(cohort, embeddings))[0, 1]) > 0.8


def test_other_cells_of_a_donor_lie_nearest_to_it(trained, cohort):
    known = _embed(trained)
    again = _embed(trained, cohort[cohort.obs["part"] == "held_out"].copy()).loc[known.index]
    distances = np.linalg.norm(known.to_numpy()[:, None] - again.to_numpy()[None], axis=2)
    ranks = (distances < np.diag(distances)[:, None]).sum(1)
    assert ranks.mean() < 2, "at random it would be 5.5"


def _log_normalise(adata):
    counts = adata.X.toarray()
    return np.log1p(counts / counts.sum(1, keepdims=True).clip(1) * 400)


def test_generated_cells_are_nearer_to_their_donor_s_held_out_cells_than_pooled_cells(trained, cohort):
    held_out = cohort[cohort.obs["part"] == "held_out"]
    real, pooled = _log_normalise(held_out), _log_normalise(trained.adata)
    components = np.linalg.svd(pooled - pooled.mean(0), full_matrices=False)[2][:10].T
    new = trained.generate(seed=0)
    distances = {"generated": [], "pooled": [], "swapped": []}
    donors = trained.group_names
    for donor, other in zip(donors, donors[::-1], strict=True):
        own = real[held_out.obs["donor"] == donor] @ components
        cells = {
            name: _log_normalise(new[new.obs["donor"] == label])
            for name, label in (("generated", donor), ("swapped", other))
        }
        for name, x in (cells | {"pooled": pooled}).items():
            distances[name].append(energy_distance(x @ components, own))
    mean = {name: np.mean(values) for name, values in distances.items()}
    assert mean["generated"] < 0.5 * mean["pooled"]
    assert mean["generated"] < 0.5 * mean["swapped"]


def test_generated_counts_look_like_counts(trained):
    real, new = trained.adata.X, trained.generate(seed=0).X
    assert abs(real.nnz / np.prod(real.shape) - new.nnz / np.prod(new.shape)) < 0.05
    means = [np.log1p(np.asarray(x.mean(0)).ravel()) for x in (real, new)]
    assert np.corrcoef(*means)[0, 1] > 0.98
