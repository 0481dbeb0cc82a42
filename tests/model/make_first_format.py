"""Write the folder ``first_format``, which must keep loading: ``python tests/model/make_first_format.py``, never again after the first release."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

import gde
from gde.encoders import DeepSets
from gde.generators import FlowMatching

FOLDER = Path(__file__).with_name("first_format")


def read_adata() -> ad.AnnData:
    """The data that lies beside the model."""
    with np.load(FOLDER / "data.npz") as data:
        obs = pd.DataFrame({key: data[key] for key in ("donor", "lane", "age")})
        return ad.AnnData(data["counts"].astype(np.float32), obs=obs.set_axis(obs.index.astype(str)))


def main() -> None:
    FOLDER.mkdir()
    rng = np.random.default_rng(0)
    donor, lane = rng.choice(["D 1", "Zoë", "d3"], 40), rng.choice([10, 20], 40)
    counts = rng.poisson(rng.gamma(2, 2, (3, 6))[np.unique(donor, return_inverse=True)[1]]).astype(np.uint8)
    np.savez_compressed(FOLDER / "data.npz", counts=counts, donor=donor, lane=lane, age=rng.normal(50, 10, 40))
    adata = read_adata()
    gde.setup_anndata(adata, group_key="donor", batch_key="lane", continuous_covariate_keys=["age"])
    encoder = DeepSets(4, 2, n_hidden=3, noise_sd=0.25)
    generator = FlowMatching(2, 2, n_hidden=8, n_layers=1)
    model = gde.GDEModel(adata, encoder=encoder, generator=generator, n_latent=2, n_latent_unit=2, n_hidden=4, seed=1)
    model.train(max_epochs=2, limit_train_batches=4, batch_size=16, enable_progress_bar=False)
    model.example_ = {"array": np.arange(3), "table": pd.DataFrame({"x": [1.5]}, index=["D 1"]), "pair": (1, None)}
    model.save(FOLDER, overwrite=True)
    model.get_group_embeddings().to_csv(FOLDER / "embeddings.csv")


if __name__ == "__main__":
    main()
