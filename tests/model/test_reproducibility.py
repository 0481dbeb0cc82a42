"""One seed, one result; other numbers of threads, nearly; and every result says what it came from."""

import json
from importlib.metadata import version

import anndata as ad
import numpy as np
import pytest
import torch

import gde
from gde.data import hash_data

SETUP = {"group_key": "donor", "batch_key": "batch"}


@pytest.fixture(scope="module")
def adata():
    return gde.datasets.simulate_cohort(n_donors=4, n_units=(20, 40), n_genes=200, library_size=300, seed=3)


@pytest.fixture(scope="module")
def run(adata, fit):
    """Weights, embeddings and generated counts of a run with a number of threads."""

    def run(n_threads, seed=7):
        before = torch.get_num_threads()
        torch.set_num_threads(n_threads)
        try:
            model = fit(adata.copy(), SETUP, {"limit_train_batches": 6, "batch_size": 256}, seed=seed, n_hidden=64)
            weights = torch.cat([value.ravel().double() for value in model.module.state_dict().values()]).numpy()
            return weights, model.get_group_embeddings().to_numpy(), model.generate(seed=1).X.toarray(), model
        finally:
            torch.set_num_threads(before)

    return run


@pytest.fixture(scope="module")
def one_thread(run):
    return run(1)


def test_a_run_again_is_the_same_to_the_bit(run, one_thread):
    for again, first in zip(run(1)[:3], one_thread[:3], strict=True):
        np.testing.assert_array_equal(again, first)
    assert (run(1, seed=8)[1] != one_thread[1]).all()


def test_another_number_of_threads_gives_the_same_up_to_rounding(run, one_thread):
    weights, embeddings, counts, _ = run(2)
    np.testing.assert_allclose(weights, one_thread[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(embeddings, one_thread[1], rtol=1e-3, atol=1e-4)
    assert (counts != one_thread[2]).mean() < 0.01


def test_threads_do_not_matter_to_a_trained_model(one_thread):
    _, embeddings, counts, model = one_thread
    torch.set_num_threads(2)
    try:
        np.testing.assert_allclose(model.get_group_embeddings(key_added=None), embeddings, rtol=1e-5, atol=1e-6)
        assert (model.generate(seed=1).X.toarray() != counts).mean() < 1e-3
    finally:
        torch.set_num_threads(1)


def test_results_keep_versions_seed_arguments_and_hashes(one_thread, tmp_path):
    model = one_thread[-1]
    query = model.adata[::2].copy()
    model.get_group_embeddings(query)
    new = model.generate(query, n_units=2, seed=5)
    for number, (result, source) in enumerate([(model.adata, model.adata), (query, query), (new, query)]):
        result.write_h5ad(tmp_path / f"{number}.h5ad")
        params = ad.read_h5ad(tmp_path / f"{number}.h5ad").uns["gde"]["params"]
        assert params["seed"] == 7 and params["versions"]["torch"] == version("torch")
        assert params["training_data_hash"] == hash_data(model.adata, model.labels, model.units) == model.data_hash_
        assert params["data_hash"] == hash_data(source, model.labels, model.units)
        arguments = json.loads(params["arguments"])
        assert arguments["setup"]["batch_key"] == "batch" and arguments["model"]["n_hidden"] == 64
        assert arguments["training"][0]["batch_size"] == 256 and arguments["training"][0]["limit_train_batches"] == 6
    assert params["generation_seed"] == 5 and params["data_hash"] != params["training_data_hash"]


def test_a_saved_model_keeps_them(one_thread, tmp_path):
    model = one_thread[-1]
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=False)
    assert (loaded.data_hash_, list(loaded.trainings_)) == (model.data_hash_, list(model.trainings_))
