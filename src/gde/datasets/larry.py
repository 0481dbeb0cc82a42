"""Barcoded clones of differentiating blood progenitors."""

import warnings

import anndata as ad
import numpy as np
import pandas as pd

from gde.datasets._fetch import fetch
from gde.datasets._recover_counts import recover_counts


def larry() -> ad.AnnData:
    """Mouse haematopoietic progenitors in culture, each cell with its clone (LARRY), at days 2, 4 and 6.

    This is the subset that CoSpar tests on. Its values are counts divided by one factor per cell; dividing them by each
    cell's smallest non-zero value gives back exact integers, which is checked. Every cell belongs to one clone. The
    file (1.5 MB) is read from ``$GDE_DATA_DIR`` if it is there, else downloaded once.

    Returns
    -------
    AnnData of 781 cells x 2,481 genes with

    - ``.X``: UMI counts, CSR, ``float32``, median 977 a cell;
    - ``.obs``: ``clone`` (339, of 1 to 17 cells), ``day`` (``"2"``, ``"4"``, ``"6"``), ``cell_state`` (12), and
      ``n_counts_size_factor``, a depth supplied with the file that is *not* the factor of the normalisation;
    - ``.var``: ``highly_variable``; ``.layers["normed"]``: the values as supplied;
    - ``.obsm``: ``X_emb`` (the original authors' layout) and ``X_pca`` (40 components).

    Notes
    -----
    Licence: MIT (CoSpar).

    References
    ----------
    Weinreb, C., Rodriguez-Fraticelli, A., Camargo, F. D. & Klein, A. M. Lineage tracing on transcriptional landscapes
    links state to fate during differentiation. *Science* 367, eaaw3381 (2020).

    Wang, S.-W., Herriges, M. J., Hurley, K., Kotton, D. N. & Klein, A. M. CoSpar identifies early cell fate biases from
    single-cell transcriptomic and lineage information. *Nature Biotechnology* 40, 1066–1074 (2022).

    Examples
    --------
    >>> import gde  # doctest: +SKIP
    >>> adata = gde.datasets.larry()  # doctest: +SKIP
    >>> adata.obs.groupby(["clone", "day"], observed=True).size()  # doctest: +SKIP
    """
    with warnings.catch_warnings():
        # The pinned file predates anndata's encoding metadata; it reads correctly and the caller cannot change it.
        warnings.simplefilter("ignore", ad.OldFormatWarning)
        source = ad.read_h5ad(fetch("larry_test_adata_preprocessed.h5ad"))
    # One entry per row of the cells x clones matrix: each cell has exactly one clone.
    clone = np.asarray(source.obsm["X_clone"].argmax(axis=1)).ravel()
    obs = pd.DataFrame(
        {
            "clone": pd.Categorical([f"clone{code:03d}" for code in clone]),
            "day": source.obs["time_info"].astype("category"),
            "cell_state": source.obs["state_info"].astype("category"),
            "n_counts_size_factor": source.obs["n_counts"],
        },
        index=source.obs_names,
    )
    return ad.AnnData(
        # Products of float32 numbers: a few units in the last place.
        recover_counts(source.X, precision=1e-6),
        obs=obs,
        var=source.var[["highly_variable"]],
        obsm={key: np.asarray(source.obsm[key], dtype=np.float32) for key in ("X_emb", "X_pca")},
        layers={"normed": source.X},
    )
