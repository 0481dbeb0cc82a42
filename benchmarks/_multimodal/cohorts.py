"""Cohorts whose cells are seen in several ways: simulated, and real with a panel of genes as the second."""

import anndata as ad
import mudata
import numpy as np
import scipy.sparse as sp
from _report import test_data

import gde
from gde._no_pulling import no_pulling

N_PANEL = 60
N_IN_ONE_LANE = 5  # simulated donors that were measured in lane "a" alone


def in_two_lanes(n_units: int, seed: int) -> tuple[mudata.MuData, np.ndarray]:
    """Simulated donors in two lanes, and the share of each protein's counts that the weaker staining of lane "b" keeps.

    The first donors were measured in lane "a" alone.
    """
    mdata = gde.datasets.simulate_multimodal(20, n_units=n_units, missing={"prot": 0.2, "atac": 0.2}, seed=seed)
    rng = np.random.default_rng(seed)
    is_b = (rng.random(mdata.n_obs) < 0.5) & (mdata.obs["donor"].cat.codes >= N_IN_ONE_LANE).to_numpy()
    mdata.obs["lane"] = np.where(is_b, "b", "a")
    prot = mdata["prot"]
    kept = rng.uniform(0.3, 1, prot.n_vars)
    counts = prot.X.toarray().astype(int)
    weak = rng.binomial(counts, kept)
    in_b = (mdata.obs.loc[prot.obs_names, "lane"] == "b").to_numpy()
    prot.X = sp.csr_matrix(np.where(in_b[:, None], weak, counts), dtype=np.float32)
    return mdata, kept


def real(*, quick: bool) -> mudata.MuData:
    """Forty donors' RNA; a panel of variable genes, taken out of the RNA, stands for a second measurement of the same cells."""
    adata = ad.read_h5ad(test_data("onek1k_40donors.h5ad"))
    if quick:
        adata = adata[::10].copy()
    donor = next(name for name in ("donor", "donor_id", "individual") if name in adata.obs)
    counts = sp.csr_matrix(adata.layers["counts"] if "counts" in adata.layers else adata.X, dtype=np.float32)
    detected = np.asarray((counts > 0).mean(axis=0)).ravel()
    frequent = np.argsort(-detected)[: 10 * N_PANEL]
    panel = np.sort(np.random.default_rng(0).permutation(frequent)[:N_PANEL])
    others = np.setdiff1d(np.arange(adata.n_vars), panel)
    modalities = {
        name: ad.AnnData(counts[:, genes], obs=adata.obs[[]].copy(), var=adata.var[[]].iloc[genes].copy())
        for name, genes in (("rna", others), ("panel", panel))
    }
    with no_pulling():
        mdata = mudata.MuData(modalities)
    mdata.obs["donor"] = adata.obs[donor].astype(str)
    return mdata
