"""Sequences through the whole model: from AnnData to embeddings, new sequences and files."""

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData

import gde
from gde.generators import LanguageModel
from tests.pretrained import save_causal_lm

LETTERS = {"a": "A", "b": "C", "c": "G", "d": "T"}  # what a group is rich in


def _cohort(seed: int = 0, n_units: int = 50) -> AnnData:
    rng = np.random.default_rng(seed)
    rows = []
    for group, letter in LETTERS.items():
        share = np.where(np.array(list("ACGT")) == letter, 0.7, 0.1)
        rows += [("".join(rng.choice(list("ACGT"), rng.integers(4, 9), p=share)), group) for _ in range(n_units)]
    obs = pd.DataFrame(rows, columns=["sequence", "group"]).rename(index=str)
    return AnnData(obs=obs, obsm={"X_given": rng.normal(size=(len(obs), 3)).astype(np.float32)})


def _train(adata, setup=None, **model):
    gde.setup_anndata(adata, **({"group_key": "group", "sequence_key": "sequence"} | (setup or {})))
    gde_model = gde.GDEModel(adata, **({"n_latent": 3, "n_hidden": 16} | model))
    gde_model.train(max_epochs=1, batch_size=64, limit_train_batches=4, enable_progress_bar=False)
    return gde_model


@pytest.fixture(scope="module")
def model():
    adata = _cohort()
    gde.setup_anndata(adata, group_key="group", sequence_key="sequence")
    gde_model = gde.GDEModel(adata, n_latent=3, n_hidden=16)
    gde_model.train(max_epochs=4, batch_size=64, enable_progress_bar=False)
    return gde_model


def test_generated_sequences_have_the_letters_of_their_group(model):
    new = model.generate(n_units=60)
    assert new.obs["group"].value_counts().tolist() == [60] * 4
    assert new.obs["sequence"].str.len().between(1, 8).all()
    for group, letter in LETTERS.items():
        text = "".join(new.obs.loc[new.obs["group"] == group, "sequence"])
        assert text.count(letter) / len(text) > 0.45


def test_new_groups_are_embedded_near_those_that_are_alike(model):
    known = model.get_group_embeddings()
    other = _cohort(seed=1)
    other.obs["group"] = "new " + other.obs["group"]
    distances = np.linalg.norm(known.to_numpy()[:, None] - model.get_group_embeddings(other).to_numpy(), axis=2)
    assert distances.argmin(0).tolist() == [0, 1, 2, 3]


def test_the_seed_decides_and_the_temperature_counts(model):
    first, again = (model.generate(groups=["a"], n_units=20, seed=3).obs["sequence"] for _ in range(2))
    assert first.tolist() == again.tolist()
    cold = model.generate(groups=["a"], n_units=20, seed=3, temperature=0.01).obs["sequence"]
    assert cold.nunique() < first.nunique()
    with pytest.raises(ValueError, match="temperature"):
        model.generate(n_units=1, temperature=0)


def test_covariances_say_how_well_an_embedding_is_known(model):
    _, covariances = model.get_group_embeddings(return_cov=True)
    assert np.isfinite(covariances).all() and (np.linalg.eigvalsh(covariances) > -1e-6).all()


def test_a_saved_model_does_the_same(model, tmp_path):
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=_cohort())
    pd.testing.assert_frame_equal(loaded.get_group_embeddings(), model.get_group_embeddings())
    assert loaded.generate(n_units=3).obs["sequence"].tolist() == model.generate(n_units=3).obs["sequence"].tolist()
    alone = gde.GDEModel.load(tmp_path / "model", adata=False)
    assert alone.generate(embeddings=np.zeros((1, 3)), n_units=2).obs["sequence"].str.len().min() >= 1


def test_sequences_longer_than_those_of_training_ask_for_a_length(model):
    adata = _cohort()
    adata.obs.loc["0", "sequence"] = "A" * 20
    with pytest.raises(ValueError, match="longer than 8 letters.*max_length="):
        model.get_group_embeddings(adata)


def test_unknown_letters_are_refused_and_nothing_is_written():
    adata = _cohort()
    adata.obs.loc["0", "sequence"] = "ACRT"
    with pytest.raises(ValueError, match="'R'"):
        gde.setup_anndata(adata, group_key="group", sequence_key="sequence", alphabet="dna")
    assert list(adata.obsm) == ["X_given"] and list(adata.obs) == ["sequence", "group"]


def test_the_encoder_reads_given_features_while_sequences_are_generated():
    adata = _cohort()
    gde_model = _train(adata, {"encoder_obsm_key": "X_given"})
    assert gde_model.module.observation.featuriser is None
    before = gde_model.get_group_embeddings()
    adata.obsm["X_given"] += 1
    assert (gde_model.get_group_embeddings() != before).any(axis=None)
    assert gde_model.generate(n_units=2).obs["sequence"].str.fullmatch("[ACGTN]+").all()


def test_codes_in_obsm_come_back_as_codes():
    adata = _cohort()
    adata.obsm["codes"] = np.arange(len(adata) * 2).reshape(-1, 2) % 3
    new = _train(adata, {"sequence_key": "codes"}).generate(n_units=4)
    assert new.obsm["codes"].shape == (16, 2) and new.obsm["codes"].max() < 3 and "sequence" not in new.obs


def test_a_continuous_label_and_a_batch_go_with_sequences():
    adata = _cohort()
    adata.obs["dose"], adata.obs["batch"] = np.linspace(0, 1, len(adata)), np.tile(["x", "y"], len(adata) // 2)
    gde_model = _train(adata, {"group_key": "dose", "group_kind": "continuous", "batch_key": "batch"})
    assert gde_model.generate(groups=[0.5], n_units=4, batch="y").obs["batch"].tolist() == ["y"] * 4


@pytest.mark.parametrize("encoder", ["kernel_mean", "attention", "resnet"])
def test_encoders_read_sequences(encoder):
    assert _train(_cohort(), encoder=encoder).get_group_embeddings().notna().all(axis=None)


def test_models_of_hugging_face_read_and_write_sequences(tmp_path):
    pytest.importorskip("transformers")
    name = save_causal_lm(tmp_path / "lm", "ACGTN")
    torch.manual_seed(0)
    generator = LanguageModel(n_vectors=8, n_latent=3, name=name, letters="ACGTN")
    gde_model = _train(_cohort(), generator=generator, featuriser=name)
    assert gde_model.generate(n_units=2).obs["sequence"].str.fullmatch("[ACGTN]+").all()
    gde_model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=_cohort())
    pd.testing.assert_frame_equal(loaded.get_group_embeddings(), gde_model.get_group_embeddings())


def test_tools_that_compare_vectors_are_refused(model):
    with pytest.raises(ValueError, match="`gde.metrics` has what compares sequences"):
        gde.tl.evaluate(model)
    with pytest.raises(ValueError, match="`gde.metrics` has what compares sequences"):
        gde.tl.contrast_genes(model, "a", "b")


def test_pairs_that_make_no_sense_are_refused():
    adata = _cohort()
    gde.setup_anndata(adata, group_key="group", sequence_key="sequence")
    with pytest.raises(ValueError, match="sequence"):
        gde.GDEModel(adata, generator="flow_matching")
    with pytest.raises(ValueError, match="location_scale"):
        gde.GDEModel(adata, location_scale=True)
    gde.setup_anndata(adata, group_key="group", obsm_key="X_given")
    with pytest.raises(ValueError, match="featuriser"):
        gde.GDEModel(adata, featuriser="convolution")
