"""Models and results of one environment, read in another: ``python .ci/exchange.py save|load FOLDER``."""

import sys
from pathlib import Path

import anndata as ad
import numpy as np
import torch

import gde

FEW_STEPS = {"max_epochs": 1, "limit_train_batches": 5, "batch_size": 64, "enable_progress_bar": False}
SIZES = {"n_latent": 3, "n_latent_unit": 4, "n_hidden": 16}


def trained() -> dict[str, gde.GDEModel]:
    """A small model of each kind of data that AnnData and MuData hold."""
    cohort = gde.datasets.simulate_cohort(n_donors=5, n_units=30, n_genes=40, seed=0)
    gde.setup_anndata(cohort, group_key="donor", batch_key="batch")
    multimodal = gde.datasets.simulate_multimodal(4, n_units=30, n_genes=30, n_sites=20, missing={"prot": 0.3}, seed=0)
    gde.setup_mudata(multimodal, "donor", modalities={"rna": {}, "prot": {}, "atac": {"likelihood": "bernoulli"}})
    models = {"cohort": gde.GDEModel(cohort, **SIZES), "multimodal": gde.GDEModel(multimodal, **SIZES)}
    for model in models.values():
        model.train(**FEW_STEPS)
    return models


def save(folder: Path) -> None:
    """Save models, their data, embeddings and generated units."""
    folder.mkdir(parents=True)
    for name, model in trained().items():
        embeddings = model.get_group_embeddings()
        model.save(folder / name, save_anndata=True)
        np.save(folder / f"{name}.npy", embeddings.to_numpy())
        if name == "cohort":
            model.generate(n_units=3, seed=0).write_h5ad(folder / "generated.h5ad")
            gde.get.group_adata(model.adata).write_h5ad(folder / "groups.h5ad")


def load(folder: Path) -> None:
    """Read all that back: the models embed as they did, generate and train on."""
    for name in ("cohort", "multimodal"):
        model = gde.GDEModel.load(folder / name)
        before = np.load(folder / f"{name}.npy")
        np.testing.assert_allclose(model.get_group_embeddings().to_numpy(), before, rtol=1e-4, atol=1e-5)
        assert model.generate(n_units=2, seed=0).n_obs == 2 * len(before)
        model.train(**FEW_STEPS)
    groups = ad.read_h5ad(folder / "groups.h5ad")
    np.testing.assert_allclose(groups.obsm["X_gde"], np.load(folder / "cohort.npy"))
    assert ad.read_h5ad(folder / "generated.h5ad").n_obs == 3 * groups.n_obs


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"save": save, "load": load}[sys.argv[1]](Path(sys.argv[2]))
