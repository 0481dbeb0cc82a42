import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import hypothesis
import numpy as np
import pytest
import torch

import gde

pytest.register_assert_rewrite(
    "tests.data.label_prior_contract",
    "tests.encoders.fixed_encoder_contract",
    "tests.encoders.set_encoder_contract",
    "tests.generators.generator_contract",
    "tests.generators.token_generator_contract",
    "tests.observations.count_likelihood_contract",
    "tests.observations.sequence_featuriser_contract",
)
torch.set_num_threads(1)  # two spinning threads on two cores make small steps ten times slower
hypothesis.settings.register_profile(
    "gde",
    deadline=None,
    derandomize=True,
    phases=[phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain],
    report_multiple_bugs=False,
    suppress_health_check=[hypothesis.HealthCheck.differing_executors],  # contracts are inherited
)
hypothesis.settings.load_profile("gde")


def _file(variable: str, name: str) -> Path:
    folder = os.environ.get(variable)
    if not folder or not (path := Path(folder).expanduser() / name).is_file():
        pytest.skip(f"needs {name} in the folder named by ${variable}")
    return path


@pytest.fixture
def original() -> Callable[[str], Path]:
    """The path of a file of $GDE_DATA_DIR; skips the test where it is not there, so that no test downloads."""
    return lambda name: _file("GDE_DATA_DIR", name)


@pytest.fixture
def prepared() -> Callable[[str], Path]:
    """The path of a file of $GDE_TEST_DATA; skips the test where it is not there."""
    return lambda name: _file("GDE_TEST_DATA", name)


@pytest.fixture
def adata() -> ad.AnnData:
    """A cohort so small that a training step costs nothing; of each test's own."""
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=(20, 40), n_genes=30, library_size=100, seed=3)
    adata.obs["age"] = np.random.default_rng(0).normal(50, 10, adata.n_obs)
    adata.obsm["X_pca"] = np.random.default_rng(1).normal(size=(adata.n_obs, 3)).astype(np.float32)
    return adata


@pytest.fixture(scope="session")
def fit() -> Callable[..., gde.GDEModel]:
    """Set up an AnnData and train a tiny model on it for a few steps, or as ``train`` says."""

    def fit(
        adata: ad.AnnData, setup: dict[str, Any] | None = None, train: dict[str, Any] | None = None, **model: Any
    ) -> gde.GDEModel:
        gde.setup_anndata(adata, **({"group_key": "donor"} | (setup or {})))
        gde_model = gde.GDEModel(adata, **({"n_latent": 3, "n_latent_unit": 4, "n_hidden": 16} | model))
        few_steps = {"max_epochs": 1, "limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}
        gde_model.train(**(few_steps | (train or {})))
        return gde_model

    return fit


@pytest.fixture(scope="session")
def cohort() -> ad.AnnData:
    """Donors along a hidden axis. ``part``: "train" and "held_out" halves of 12 donors, and 6 "unseen" donors. Not to be changed."""
    adata = gde.datasets.simulate_cohort(
        n_donors=18, n_units=(100, 140), n_genes=100, library_size=400, severity_effect=1.5, seed=1
    )
    is_unseen = adata.obs["donor"].isin(adata.obs["donor"].cat.categories[-6:])
    is_train = np.random.default_rng(0).random(adata.n_obs) < 0.5
    adata.obs["part"] = np.where(is_unseen, "unseen", np.where(is_train, "train", "held_out"))
    return adata


@pytest.fixture(scope="session")
def trained(cohort: ad.AnnData, fit: Callable[..., gde.GDEModel]) -> gde.GDEModel:
    """A model that has learnt the "train" part of the cohort. Not to be changed, nor is its AnnData."""
    return fit(
        cohort[cohort.obs["part"] == "train"].copy(),
        {"batch_key": "batch"},
        {"max_epochs": 6, "limit_train_batches": 50, "batch_size": 128},
        n_latent=4,
        n_latent_unit=6,
        n_hidden=64,
    )
