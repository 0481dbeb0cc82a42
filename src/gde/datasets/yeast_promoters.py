"""Random promoters and the expression that they drive."""

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

from gde.datasets._fetch import fetch

_N_BINS = 20
_LEFT, _RIGHT = 17, 13  # bases of the fixed flanks, the same in every sequence


def yeast_promoters() -> ad.AnnData:
    """Random yeast promoters with measured expression, in 20 quantile bins as groups (DREAM 2022 demo set).

    The file (0.8 MB) is read from ``$GDE_DATA_DIR`` if it is there, else downloaded once.

    Returns
    -------
    AnnData of 6,370 promoters x 0 genes with ``.obs``

    - ``sequence``: 87 to 135 bases of ``ACGT`` (25 sequences contain ``N``), most often 110;
    - ``core``: the random part alone, without the fixed flanks of 17 bases on the left and 13 on the right;
    - ``expression``: measured expression, 0 to 17, in the units of the sorting bins of the assay;
    - ``expression_bin``: quantile of the expression, ``"0"`` (lowest) to ``"19"``, ordered categories of 318 or 319
      promoters. Many promoters tie at whole numbers; ties are split in the order of the file.

    ``.X`` has no columns: the units are sequences.

    Notes
    -----
    Licence: MIT.

    References
    ----------
    de Boer, C. G. et al. Deciphering eukaryotic gene-regulatory logic with 100 million random promoters. *Nature
    Biotechnology* 38, 56–65 (2020).

    Rafi, A. M. et al. A community effort to optimize sequence-based deep learning models of gene regulation. *Nature
    Biotechnology* 43, 1373–1383 (2025).

    Examples
    --------
    >>> import gde  # doctest: +SKIP
    >>> adata = gde.datasets.yeast_promoters()  # doctest: +SKIP
    >>> adata.obs["expression_bin"].nunique()  # doctest: +SKIP
    20
    """
    obs = pd.read_csv(fetch("yeast_gpra_demo_train.txt"), sep="\t", header=None, names=["sequence", "expression"])
    obs.insert(1, "core", obs["sequence"].str[_LEFT:-_RIGHT])
    labels = [str(code) for code in range(_N_BINS)]
    obs["expression_bin"] = pd.qcut(obs["expression"].rank(method="first"), _N_BINS, labels=labels)
    obs.index = [f"promoter{row}" for row in obs.index]
    return ad.AnnData(sp.csr_matrix((len(obs), 0), dtype=np.float32), obs=obs)
