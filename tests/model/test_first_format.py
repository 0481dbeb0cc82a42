import numpy as np
import pandas as pd
import pytest

import gde
from tests.model.make_first_format import FOLDER, read_adata


@pytest.fixture(scope="module")
def embeddings():
    """What the model said when it was saved."""
    return pd.read_csv(FOLDER / "embeddings.csv", index_col=0)


def test_a_model_saved_in_the_first_format_embeds_as_it_did(embeddings):
    model = gde.GDEModel.load(FOLDER, adata=read_adata())
    found = model.get_group_embeddings()
    assert found.index.equals(embeddings.index)
    np.testing.assert_allclose(found, embeddings, atol=1e-5)
    assert model.generate(n_units=4).obs["lane"].isin([10, 20]).all()
    model.train(max_epochs=1, limit_train_batches=2, enable_progress_bar=False)
    assert np.isfinite(model.get_group_embeddings()).all(axis=None)


def test_it_does_so_without_its_anndata(embeddings):
    model = gde.GDEModel.load(FOLDER, adata=False)
    np.testing.assert_allclose(model.get_group_embeddings(read_adata()), embeddings, atol=1e-5)


def test_all_that_the_first_format_holds_is_read():
    model = gde.GDEModel.load(FOLDER, adata=False)
    assert (model.seed_, model.n_epochs_, model.likelihood, model.group_keys) == (1, 2, "nb", ["donor"])
    assert len(model.history["train_loss"]) == 2 and len(model.train_indices) + len(model.validation_indices) == 40
    assert model.module.encoder.noise_sd == 0.25
    assert model.example_["array"].tolist() == [0, 1, 2] and model.example_["pair"] == (1, None)
    assert model.example_["table"].loc["D 1", "x"] == 1.5
    mapping = model.registry["field_registries"]["batch"]["state_registry"]["categorical_mapping"]
    assert mapping.tolist() == [10, 20] and mapping.dtype.kind == "i"
