import warnings

import numpy as np
import pandas as pd
import pytest

import gde

MODEL = {"n_latent": 4, "n_latent_unit": 6, "n_hidden": 64}
TRAIN = {"max_epochs": 2, "limit_train_batches": 50, "batch_size": 128}


@pytest.fixture(scope="module")
def labelled(cohort):
    """The 12 donors of the cohort, two of them without label; the conditions of the others are learnt."""
    adata = cohort[cohort.obs["part"] != "unseen"].copy()
    adata.obs["phenotype"] = adata.obs["condition"].astype(str)
    adata.obs.loc[adata.obs["donor"].isin(["D01", "D02"]), "phenotype"] = "unknown"
    return adata


@pytest.fixture(scope="module")
def classifier(labelled, fit):
    setup = {"labels_key": "phenotype", "unlabeled_category": "unknown"}
    return fit(labelled.copy(), setup, TRAIN, label_weight=10.0, **MODEL)


def test_classes_of_unlabelled_and_unseen_groups_are_found(classifier, cohort):
    unseen = cohort[cohort.obs["part"] == "unseen"].copy()
    found = pd.concat([classifier.predict(unseen), classifier.predict(groups=["D01", "D02"])])
    severity = cohort.obs.groupby("donor", observed=True)["severity"].first()[found.index]
    assert found.columns.tolist() == ["disease", "healthy"]
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert np.corrcoef(found["disease"], severity)[0, 1] > 0.8
    assert "phenotype" not in unseen.obs and "gde" not in unseen.uns


def test_classes_count_the_same_and_groups_without_a_label_train_the_generator_too(classifier, labelled):
    assert classifier.module.head.class_weight.tolist() == pytest.approx(
        _balanced(labelled.obs.groupby("donor", observed=True)["phenotype"].first())
    )
    trained_on = set(classifier.adata.obs["donor"].iloc[classifier.train_indices])
    assert len(trained_on) == 12


def _balanced(phenotypes):
    n = phenotypes[phenotypes != "unknown"].value_counts().sort_index()
    return (n.sum() / (2 * n)).tolist()


def test_a_number_is_predicted_in_its_own_units(cohort, fit):
    adata = cohort[cohort.obs["part"] != "unseen"].copy()
    adata.obs["score"] = 100 + 20 * adata.obs["severity"]
    model = fit(
        adata,
        {"labels_key": "score"},
        TRAIN | {"validation": "groups", "validation_size": 0.2},
        label_weight=10.0,
        **MODEL,
    )
    found = model.predict(cohort[cohort.obs["part"] == "unseen"].copy())
    severity = cohort.obs.groupby("donor", observed=True)["severity"].first()[found.index]
    assert found.columns.tolist() == ["score"]
    assert found["score"].between(90, 130).all()
    assert np.corrcoef(found["score"], severity)[0, 1] > 0.8
    assert "label_loss_validation" in model.history


def test_predictions_come_back_from_a_file_also_with_data_that_have_no_labels(classifier, labelled, tmp_path):
    expected = classifier.predict()
    classifier.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=labelled.copy())
    pd.testing.assert_frame_equal(loaded.predict(), expected)
    bare = labelled.copy()
    del bare.obs["phenotype"]
    pd.testing.assert_frame_equal(gde.GDEModel.load(tmp_path / "model", adata=bare).predict(), expected)
    pd.testing.assert_frame_equal(gde.GDEModel.load(tmp_path / "model", adata=False).predict(bare), expected)


def test_without_labels_there_is_nothing_to_predict(trained):
    with pytest.raises(ValueError, match="knows no labels"):
        trained.predict()


def test_bad_labels_change_nothing(adata):
    adata.obs["phenotype"] = ["ill", "well"] * (adata.n_obs // 2) + ["ill"] * (adata.n_obs % 2)
    columns = adata.obs.columns.tolist()
    with pytest.raises(ValueError, match="group 'D1' has several"):
        gde.setup_anndata(adata, group_key="donor", labels_key="phenotype")
    assert adata.obs.columns.tolist() == columns


def test_where_no_label_is_held_out_predictions_are_said_not_to_be_calibrated(labelled, fit):
    setup = {"labels_key": "phenotype", "unlabeled_category": "unknown"}
    with pytest.warns(UserWarning, match=r"not calibrated.*\d labelled group\(s\)"):
        model = fit(labelled.copy(), setup, {"validation_size": 0.1}, **MODEL)
    assert model.module.head.temperature == 1
    assert "label_loss_train" in model.history and "label_loss_validation" not in model.history
    assert np.isfinite(model.history["validation_loss"].to_numpy(float)).all()
    assert "label" in [ax.get_title() for ax in gde.pl.training(model, show=False).axes]


def test_where_labels_are_held_out_nothing_is_said(labelled, fit):
    setup = {"labels_key": "phenotype", "unlabeled_category": "unknown"}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*not calibrated")
        model = fit(labelled.copy(), setup, {"validation_size": 0.4}, **MODEL)
    assert model.module.head.temperature != 1 and "label_loss_validation" in model.history


def test_results_say_of_how_many_groups_training_saw_the_labels(classifier, labelled, cohort):
    classifier.get_group_embeddings()
    assert classifier.adata.uns["gde"]["params"]["n_labels_seen"] == len(classifier.labelled_groups_) == 10
    assert not {"D01", "D02"} & set(classifier.labelled_groups_)
    unseen = cohort[cohort.obs["part"] == "unseen"].copy()
    classifier.get_group_embeddings(unseen)
    assert unseen.uns["gde"]["params"]["n_labels_seen"] == 0


def test_a_category_of_unknown_labels_needs_labels(adata):
    with pytest.raises(ValueError, match="`unlabeled_category='unknown'`.*`labels_key`"):
        gde.setup_anndata(adata, group_key="donor", unlabeled_category="unknown")


def test_scores_by_labels_that_training_saw_are_warned_of(classifier, cohort):
    with pytest.warns(UserWarning, match="the values of 'condition' apart .*saw them for 10 of these 12 groups"):
        gde.tl.evaluate(classifier, columns=["condition"])
