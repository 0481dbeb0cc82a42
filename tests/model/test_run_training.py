import os
import signal
import subprocess
import sys
from pathlib import Path

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import scvi.train
import torch

import gde


@pytest.fixture(autouse=True)
def _interrupts_are_heard():
    """A shell starts background jobs deaf to SIGINT, and the tests may be one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _embed(model):
    return model.get_group_embeddings(key_added=None)


def _state(model):
    return {name: value.clone() for name, value in model.module.state_dict().items()}


def _assert_equal(one, two):
    assert all(torch.equal(value, two[name]) for name, value in one.items())


class AtStep(pl.Callback):
    """Keep the weights, and do something, before step ``step`` of a training."""

    def __init__(self, step, do):
        self.step, self.do = step, do

    def on_train_batch_start(self, trainer, plan, *args):
        if trainer.global_step == self.step:
            self.weights = {name: value.clone() for name, value in plan.module.state_dict().items()}
            self.do(plan)


def _interrupt(plan):
    signal.raise_signal(signal.SIGINT)


def _spoil(plan):
    with torch.no_grad():
        for parameter in plan.module.parameters():
            parameter.fill_(torch.nan)


def _stop(fit, adata, error, do, step=6, **train):
    """A model whose training of 4 epochs with 4 steps each was stopped."""
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)
    callback = AtStep(step, do)
    few = {"limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}
    with pytest.raises(error) as caught:
        model.train(4, callbacks=[callback], **(few | train))
    return model, callback, str(caught.value)


def test_an_interrupt_leaves_the_weights_of_the_last_step_in_a_model_that_works(fit, adata, tmp_path):
    handler = signal.getsignal(signal.SIGINT)
    model, callback, message = _stop(fit, adata, KeyboardInterrupt, _interrupt)
    assert "interrupted in epoch 2" in message
    assert signal.getsignal(signal.SIGINT) is handler, "and the next interrupt works too"
    _assert_equal(callback.weights, _state(model))
    assert model.is_trained and model.n_epochs_ == 2 and not model.module.training
    assert len(model.train_indices) + len(model.validation_indices) == adata.n_obs
    embeddings = _embed(model)
    model.save(tmp_path / "model")
    loaded = gde.GDEModel.load(tmp_path / "model", adata=adata.copy())
    pd.testing.assert_frame_equal(_embed(loaded), embeddings, check_exact=True)
    model.train(1, limit_train_batches=2, enable_progress_bar=False)
    assert model.n_epochs_ == 3 and not np.allclose(_embed(model), embeddings)


def test_an_interrupt_before_the_first_step_leaves_an_untrained_model(fit, adata):
    model, _, _ = _stop(fit, adata, KeyboardInterrupt, _interrupt, step=0)
    assert not model.is_trained and model.n_epochs_ == 0 and not model.trainings_
    with pytest.raises(RuntimeError, match="has not been trained"):
        _embed(model)


class FirstStep(pl.Callback):
    """Weights at the start of each epoch."""

    def __init__(self):
        self.weights = []

    def on_train_epoch_start(self, trainer, plan):
        self.weights.append({name: value.clone() for name, value in plan.module.state_dict().items()})


@pytest.mark.parametrize(
    ("step", "n_epochs"), [(6, 1), (4, 0), (14, 3)], ids=["within an epoch", "at its start", "in the last epoch"]
)
def test_a_loss_that_is_not_finite_stops_at_once_and_the_last_good_weights_come_back(fit, adata, step, n_epochs):
    starts = FirstStep()
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)
    few = {"limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}
    with pytest.raises(
        FloatingPointError, match=rf"not finite at step {step}.*keeps the weights .* after {n_epochs} epoch"
    ):
        model.train(4, callbacks=[starts, AtStep(step, _spoil)], **few)
    _assert_equal(starts.weights[n_epochs], _state(model))
    assert model.is_trained == (n_epochs > 0) and model.n_epochs_ == n_epochs
    assert len(model.trainings_) == (n_epochs > 0), "a training that left no trace is none"
    model.train(1, **few)
    assert np.isfinite(_embed(model)).all(axis=None)


def test_weights_that_a_step_has_ruined_are_found_by_validation(fit, adata):
    class Ruin(pl.Callback):
        def on_validation_start(self, trainer, plan):
            if trainer.current_epoch == 2:
                _spoil(plan)

    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)
    with pytest.raises(FloatingPointError, match="after 2 epoch"):
        model.train(4, callbacks=[Ruin()], limit_train_batches=4, batch_size=64, enable_progress_bar=False)
    assert np.isfinite(_embed(model)).all(axis=None)


def test_a_model_that_was_trained_before_stays_trained_when_more_training_fails(fit, adata):
    model = fit(adata)
    before = _embed(model)
    with pytest.raises(FloatingPointError):
        model.train(1, callbacks=[AtStep(2, _spoil)], limit_train_batches=4, enable_progress_bar=False)
    assert model.is_trained and model.n_epochs_ == 1
    pd.testing.assert_frame_equal(_embed(model), before)


def test_any_other_error_leaves_the_weights_of_the_last_step(fit, adata):
    def fail(plan):
        raise OSError("no space left")

    model, callback, message = _stop(fit, adata, OSError, fail)
    assert message == "no space left"
    _assert_equal(callback.weights, _state(model))
    assert np.isfinite(_embed(model)).all(axis=None)


@pytest.mark.parametrize("option", ["load_best_on_end", "check_nan_gradients"])
def test_checkpoints_that_would_read_pickles_are_refused_before_training(fit, adata, tmp_path, option):
    checkpoint = scvi.train.SaveCheckpoint(dirpath=str(tmp_path), monitor="validation_loss", **{option: True})
    with pytest.raises(ValueError, match=r"`gde.model.SaveCheckpoint`"):
        fit(adata, train={"enable_checkpointing": True, "callbacks": [checkpoint]})
    assert not any(tmp_path.iterdir())


TRAIN_AND_DIE = """
import os, signal, sys
import lightning.pytorch as pl
import gde

class Die(pl.Callback):
    def on_train_batch_start(self, trainer, *args):
        if trainer.global_step == 10:
            print("dying", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

adata = gde.datasets.simulate_cohort(n_donors=4, n_units=20, n_genes=20)
gde.setup_anndata(adata, group_key="donor")
model = gde.GDEModel(adata, n_latent=2, n_hidden=8)
best = gde.model.SaveCheckpoint(dirpath=sys.argv[1], monitor="validation_loss", save_top_k=-1)
model.train(4, callbacks=[best, Die()], enable_checkpointing=True, limit_train_batches=4, enable_progress_bar=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_training_that_is_killed_leaves_its_checkpoints(tmp_path):
    done = subprocess.run([sys.executable, "-c", TRAIN_AND_DIE, tmp_path], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL and "dying" in done.stdout, done.stderr
    (latest,) = sorted(Path(tmp_path).glob("epoch=1-*"), key=os.path.getmtime)
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=20, n_genes=20)
    assert np.isfinite(_embed(gde.GDEModel.load(latest, adata=adata))).all(axis=None)
