import lightning.pytorch as pl
import numpy as np
import pytest
import torch

import gde

FEW_STEPS = {"max_epochs": 1, "limit_train_batches": 4, "batch_size": 64, "enable_progress_bar": False}


@pytest.fixture
def model(adata):
    gde.setup_anndata(adata, group_key="donor")
    return gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)


def test_a_loss_that_is_not_finite_stops_and_names_step_term_and_groups(model):
    torch.nn.init.constant_(model.module.observation.library_size.linear.bias, torch.nan)
    with pytest.raises(
        FloatingPointError, match=r"not finite at step 0: library term. Groups .*: .*D1.*'lr'"
    ) as caught:
        model.train(**FEW_STEPS)
    assert "reconstruction" not in str(caught.value)
    assert not model.is_trained


def test_divergence_stops_at_the_step_where_it_happens(model):
    class Steps(pl.Callback):
        done = 0

        def on_train_batch_end(self, *args):
            self.done += 1

    steps = Steps()
    with pytest.raises(FloatingPointError, match="not finite at step") as caught:
        model.train(**(FEW_STEPS | {"max_epochs": 20}), plan_kwargs={"lr": 1e6}, callbacks=[steps])
    assert f"step {steps.done}:" in str(caught.value)
    assert 0 < steps.done < 80


def test_groups_of_the_batch_are_named_once_each_and_no_others(adata):
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)
    torch.nn.init.constant_(model.module.encoder.rho[0][-1].bias, torch.nan)
    with pytest.raises(FloatingPointError, match=r"Groups in this batch: D2, D4\.") as caught:
        model.train(**FEW_STEPS, group_prior=[0, 1, 0, 1])
    for term in ("reconstruction", "library", "generator"):
        assert term in str(caught.value)


def test_learning_rate_rises_for_a_tenth_of_the_steps_and_falls_to_zero(model):
    class Rates(pl.Callback):
        def on_train_batch_start(self, trainer, *args):
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    rates = []
    model.train(**(FEW_STEPS | {"max_epochs": 10}), plan_kwargs={"lr": 1e-3}, callbacks=[Rates()])
    assert len(rates) == 40
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(1e-3) and 2 <= peak <= 5
    assert (np.diff(rates[: peak + 1]) > 0).all() and (np.diff(rates[peak:]) < 0).all()
    assert rates[-1] < 1e-5


def test_validation_is_scored_with_the_full_weight_of_the_divergence_from_the_start(adata):
    losses = []
    for warmup in (1, 10**6):
        gde.setup_anndata(adata, group_key="donor")
        model = gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16, kl_weight=5.0)
        model.train(**FEW_STEPS, plan_kwargs={"lr": 1e-12, "n_steps_kl_warmup": warmup})
        losses.append([model.history[f"{kind}_loss"].iloc[-1].item() for kind in ("train", "validation")])
    (short, validation), (long, same_validation) = losses
    assert same_validation == pytest.approx(validation)
    assert short > long + 0.1


def test_history_has_every_term(model):
    model.train(**(FEW_STEPS | {"max_epochs": 2}))
    expected = {
        f"{kind}_loss_{mode}" for kind in ("reconstruction", "library", "generator") for mode in ("train", "validation")
    }
    expected |= {"validation_loss", "kl_local_train", "kl_local_validation"}
    assert expected <= set(model.history)
    assert all(
        len(model.history[name]) == 2 and np.isfinite(model.history[name].to_numpy(float)).all() for name in expected
    )


def test_ten_steps_are_a_run_too(model):
    model.train(**(FEW_STEPS | {"limit_train_batches": 10}))
    assert model.is_trained
