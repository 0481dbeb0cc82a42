"""A CRISPR screen of T-cell receptor signalling."""

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.io import mmread

from gde.datasets._fetch import fetch


def datlinger() -> ad.AnnData:
    """Jurkat T cells under CRISPR knock-outs of receptor signalling, at rest and stimulated (scifi-RNA-seq).

    This is the subset that scPerturb tests on: two guides for each of 20 target genes, and controls. The four
    files (3.3 MB) are read from ``$GDE_DATA_DIR`` if they are there, else downloaded once.

    Returns
    -------
    AnnData of 7,500 cells x 2,000 genes with

    - ``.X``: UMI counts, CSR, ``float32``, 0.9 % non-zero, median 59 a cell;
    - ``.obs``: ``guide`` (41 with ``"control"``, 57 to 200 cells), ``target_gene`` (21 with ``"control"``),
      ``stimulation`` (``"stimulated"``, ``"unstimulated"``), ``condition`` (42, e.g. ``"ZAP70|stimulated"``),
      ``sample`` (367 wells), and of each cell over all genes ``ncounts_all_genes`` (UMI),
      ``ngenes_all`` and ``percent_ribo`` as supplied.

    Notes
    -----
    Licence: MIT (scPerturb).

    References
    ----------
    Datlinger, P. et al. Ultra-high-throughput single-cell RNA sequencing and perturbation screening with combinatorial
    fluidic indexing. *Nature Methods* 18, 635–642 (2021).

    Peidli, S. et al. scPerturb: harmonized single-cell perturbation data. *Nature Methods* 21, 531–540 (2024).

    Examples
    --------
    >>> import gde  # doctest: +SKIP
    >>> adata = gde.datasets.datlinger()  # doctest: +SKIP
    >>> adata.obs["target_gene"].nunique()  # doctest: +SKIP
    21
    """
    supplied = pd.read_csv(fetch("datlinger_seurat_metadata.csv"), index_col=0)
    guide, stimulation = supplied["perturbation"], supplied["perturbation_2"]
    target_gene = guide.str.replace(r"_\d+$", "", regex=True)
    obs = pd.DataFrame(
        {
            "guide": guide.astype("category"),
            "target_gene": target_gene.astype("category"),
            "stimulation": stimulation.astype("category"),
            "condition": (target_gene + "|" + stimulation).astype("category"),
            "sample": supplied["sample"].astype("category"),
            "ncounts_all_genes": supplied["ncounts"],
            "ngenes_all": supplied["ngenes"],
            "percent_ribo": supplied["percent_ribo"],
        }
    )
    barcodes = pd.read_csv(fetch("datlinger_barcodes.csv"), index_col=0)["x"]
    genes = pd.read_csv(fetch("datlinger_genes.csv"), index_col=0)["x"]
    counts = sp.csr_matrix(mmread(fetch("datlinger_matrix.mtx")).T, dtype=np.float32)
    return ad.AnnData(counts, obs=obs.loc[barcodes].rename_axis(None), var=pd.DataFrame(index=genes.to_list()))
