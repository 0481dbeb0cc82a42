"""Embed groups on two processes, and print their number and by how much embeddings differ from those of one; run by ``test_embed_dask.py``."""

import dask.array as da
from distributed import Client, LocalCluster

import gde


def main() -> None:
    adata = gde.datasets.simulate_cohort(n_donors=4, n_units=60, n_genes=30)
    gde.setup_anndata(adata, group_key="donor")
    model = gde.GDEModel(adata, n_latent=3, n_latent_unit=3, n_hidden=16, generator="cvae")
    model.train(1, limit_train_batches=2, batch_size=64, enable_progress_bar=False)
    wanted = model.get_group_embeddings(key_added=None)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        found = gde.tl.embed_dask(model, da.from_array(adata.X.toarray(), chunks=(50, -1)), adata.obs)
        print(len(client.scheduler_info()["workers"]), (found - wanted.loc[found.index]).abs().to_numpy().max())


if __name__ == "__main__":
    main()
