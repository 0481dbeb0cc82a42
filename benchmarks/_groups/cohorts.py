"""Cohorts of donors with a label for each."""

from collections.abc import Callable
from typing import NamedTuple

import anndata as ad
import numpy as np
from _report import test_data

from _groups.methods import GROUP, UNITS, groups_of

MIN_UNITS = 10


class Cohort(NamedTuple):
    """Units with their groups in ``.obs``, the label of each group in the order of names, and the number of folds that its classes allow."""

    adata: ad.AnnData
    labels: np.ndarray
    n_splits: int


def onek1k() -> Cohort:
    """40 donors by their blood cells (counts); the label is sex, which these genes hardly show."""
    return _cohort(ad.read_h5ad(test_data("onek1k_40donors.h5ad")), "donor", "sex")


def igan() -> Cohort:
    """267 patients by at least 10 glomeruli each; three classes of kidney function."""
    adata = ad.read_h5ad(test_data("igan_glomeruli_dev.h5ad"))
    adata.obsm[UNITS] = np.asarray(adata.X, dtype=np.float32)
    return _cohort(adata, "patient", "egfr_class")


def covid_flow() -> Cohort:
    """32 people by CD8 T cells in flow cytometry; COVID or not."""
    adata = ad.read_h5ad(test_data("covid_cd8_flow_32patients.h5ad"))
    markers = adata.var["used_for_clustering"].to_numpy().astype(bool)
    adata.obsm[UNITS] = np.asarray(adata.layers["asinh"][:, markers], dtype=np.float32)
    return _cohort(adata, "sample_id", "condition")


def covid_pbmc() -> Cohort:
    """20 people by 50 principal components of blood cells; COVID or not (16 to 4)."""
    adata = ad.read_h5ad(test_data("covid_pbmc_pca_20patients.h5ad"))
    adata.obsm[UNITS] = np.asarray(adata.X, dtype=np.float32)
    return _cohort(adata, "sample_id", "phenotype", n_splits=4)


def glioblastoma() -> Cohort:
    """10 samples of 5 patients (counts), with and without panobinostat."""
    return _cohort(ad.read_h5ad(test_data("gbm_panobinostat_5patients.h5ad")), "sample_id", "condition")


def _cohort(adata: ad.AnnData, group: str, label: str, n_splits: int = 5) -> Cohort:
    adata.obs[GROUP] = adata.obs[group].astype(str)
    names, sizes = np.unique(groups_of(adata), return_counts=True)
    adata = adata[np.isin(groups_of(adata), names[sizes >= MIN_UNITS])].copy()
    labels = adata.obs.groupby(GROUP, observed=True)[label].first().astype(str).sort_index()
    return Cohort(adata, labels.to_numpy(), n_splits)


COHORTS: dict[str, Callable[[], Cohort]] = {
    "covid_flow": covid_flow,
    "igan": igan,
    "onek1k": onek1k,
    "covid_pbmc": covid_pbmc,
    "glioblastoma": glioblastoma,
}
