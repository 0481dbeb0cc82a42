"""One way to train all models of the benchmark."""

from typing import Any

from anndata import AnnData

import gde

STEPS_OF_AN_EPOCH = 50
LEARNING_RATE = 2e-3


def train(
    adata: AnnData,
    *,
    n_steps: int,
    batch_size: int,
    set_size: int | None = None,
    seed: int,
    setup: dict[str, Any],
    **model: Any,
) -> gde.GDEModel:
    """Set up and train on all units of an AnnData."""
    gde.setup_anndata(adata, **setup)
    gde_model = gde.GDEModel(adata, seed=seed, **model)
    gde_model.train(
        max_epochs=max(1, n_steps // STEPS_OF_AN_EPOCH),
        limit_train_batches=min(n_steps, STEPS_OF_AN_EPOCH),
        batch_size=batch_size,
        set_size=set_size,
        validation_size=0.0,
        plan_kwargs={"lr": LEARNING_RATE},
        accelerator="cpu",
        enable_progress_bar=False,
    )
    return gde_model
