"""Patients with a label, and how well a label can be known at all."""

from dataclasses import dataclass

import anndata as ad
import numpy as np
import pandas as pd
from _report import test_data
from scipy.special import expit
from sklearn.metrics import roc_auc_score

import gde

MIN_UNITS = 10


@dataclass
class Cohort:
    """Units of patients, the column with their label, and how GDE is to read them."""

    adata: ad.AnnData
    group_key: str
    label: pd.Series  # of each group
    setup: dict
    model: dict
    oracle_auc: float | None = None


def igan() -> Cohort:
    """Glomeruli of kidney biopsies; the label is the class of the eGFR."""
    adata = ad.read_h5ad(test_data("igan_glomeruli_dev.h5ad"))
    size = adata.obs.groupby("patient", observed=True)["patient"].transform("size")
    adata = adata[(size >= MIN_UNITS).to_numpy()].copy()
    adata.obsm["X_units"] = np.asarray(adata.X, dtype=np.float32)
    return _continuous(adata, "patient", "egfr_class")


def covid_cd8() -> Cohort:
    """T cells by flow cytometry, patients and controls."""
    adata = ad.read_h5ad(test_data("covid_cd8_flow_32patients.h5ad"))
    adata.obsm["X_units"] = np.asarray(adata.layers["asinh"], dtype=np.float32)
    return _continuous(adata, "sample_id", "condition")


def covid_pbmc() -> Cohort:
    """Principal components of blood cells, patients and controls."""
    adata = ad.read_h5ad(test_data("covid_pbmc_pca_20patients.h5ad"))
    adata.obsm["X_units"] = np.asarray(adata.X, dtype=np.float32)
    return _continuous(adata, "sample_id", "phenotype")


def simulated() -> Cohort:
    """200 donors of 30 to 1,000 cells with negative binomial counts, whose phenotype depends on a hidden axis, by chance."""
    adata = gde.datasets.simulate_cohort(200, n_units=(30, 1000), n_genes=100, severity_effect=0.4, seed=0)
    severity = adata.obs.groupby("donor", observed=True)["severity"].first()
    is_ill = np.random.default_rng(1).random(len(severity)) < expit(8 * (severity - 0.5))
    label = pd.Series(np.where(is_ill, "ill", "well"), index=severity.index.astype(str))
    model = {"n_latent": 16, "n_hidden": 64}
    return Cohort(adata, "donor", label, {}, model, float(roc_auc_score(is_ill, severity)))


def _continuous(adata: ad.AnnData, group_key: str, label_key: str) -> Cohort:
    label = adata.obs.groupby(group_key, observed=True)[label_key].first().astype(str)
    label.index = label.index.astype(str)
    model = {"n_latent": 16, "n_hidden": 64}
    return Cohort(adata, group_key, label, {"obsm_key": "X_units"}, model)


COHORTS = {"IgAN": igan, "simulated": simulated, "COVID CD8": covid_cd8, "COVID PBMC": covid_pbmc}
