"""Train a tiny model on several processes (DDP on CPUs) and write down what each of them does; run by ``test_several_processes.py``."""

import sys
from pathlib import Path

import lightning.pytorch as pl
import numpy as np

import gde

ARGUMENTS = {
    "max_epochs": 2,
    "limit_train_batches": 10,
    "batch_size": 96,
    "accelerator": "cpu",
    "enable_progress_bar": False,
}


def make() -> gde.GDEModel:
    adata = gde.datasets.simulate_cohort(n_donors=5, n_units=40, n_genes=20, seed=2)
    gde.setup_anndata(adata, group_key="donor")
    return gde.GDEModel(adata, n_latent=3, n_latent_unit=4, n_hidden=16)


class Steps(pl.Callback):
    """Loss of each step, and seeds of its sets."""

    def __init__(self):
        self.losses, self.seeds = [], []

    def on_train_batch_end(self, trainer, plan, outputs, batch, batch_idx):
        self.losses.append(float(outputs["loss"]))
        self.seeds.append(batch["set_seeds"])


def main(folder: Path) -> None:
    steps, model = Steps(), make()
    model.train(
        strategy="ddp",
        devices=2,
        callbacks=[steps],
        checkpoint=folder / "run.ckpt",
        log_save_dir=folder / "logs",
        **ARGUMENTS,
    )
    model.save(folder / "model")
    seeds = {f"seeds{step}": values for step, values in enumerate(steps.seeds)}
    np.savez(folder / f"process{model.trainer.global_rank}.npz", losses=steps.losses, **seeds)
    if model.trainer.is_global_zero:
        np.savez(folder / "history.npz", **{name: values.to_numpy(float) for name, values in model.history.items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
