"""What unperturbed cells tell of a gene."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from anndata import AnnData
from scipy.sparse.linalg import LinearOperator, svds

from gde.data import check_anndata, check_integer, check_keys, check_values, near_matches, unit_matrix
from gde.tl._values import library_sizes


def gene_features(
    adata: AnnData,
    genes: Sequence[str] | None = None,
    *,
    control: tuple[str, Any] | None = None,
    layer: str | None = None,
    n_components: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Co-expression embedding of genes among control cells: features of a knock-out that need no perturbed cell and no download.

    With X the log-normalised counts of the control cells, each gene scaled to mean 0 and variance 1, and :math:`R = X^\top X / n` the correlations of genes,

    .. math:: R \approx F F^\top, \qquad F = V_k \Lambda_k^{1/2},

    from the k largest eigenvalues: genes that go up and down together have like rows. What cells hardly express has hardly a correlation, so look at how many control cells
    express the targets before trusting their features.

    Parameters
    ----------
    adata
        Cells with counts.
    genes
        Genes to return, e.g. the targets of a screen; all genes count for the correlations. None: all genes.
    control
        Column of ``.obs`` and its value for control cells, e.g. ``("target_gene", "control")``; None: all cells are.
    layer
        Layer with the counts; None: ``.X``.
    n_components
        Number of features; fewer than the control cells and than the genes.
    seed
        Seed of the decomposition's start, which moves the result by rounding errors only.

    Returns
    -------
    DataFrame, genes x features, named ``coexpression_0``, …; the sum of squares of a row is the share of the gene's variance that they tell. Zero for genes that no
    control cell, or every one alike, expresses. The sign of a feature is that of its largest entry, which is positive.

    Raises
    ------
    KeyError
        If a gene, the column, its value or the layer does not exist.
    ValueError
        If there are too few control cells or genes, or values are no counts.

    Examples
    --------
    >>> import gde
    >>> adata = gde.datasets.simulate_cohort(n_donors=4, n_units=50, n_genes=50)
    >>> gde.tl.gene_features(adata, adata.var_names[:2], n_components=3).shape
    (2, 3)
    """
    check_anndata(adata)
    check_keys({"layer": layer})
    check_integer("n_components", n_components)
    check_integer("seed", seed)
    if genes is not None and not pd.api.types.is_list_like(genes):
        raise TypeError(f"`genes` must be a list of names, got {genes!r}.")
    names = adata.var_names if genes is None else pd.Index(genes)
    positions = adata.var_names.get_indexer(names)
    if (positions < 0).any():
        missing = names[positions < 0]
        raise KeyError(
            f"`genes`: {len(missing)} of {len(names)} are not in `.var_names`, e.g. {missing[0]!r}. {near_matches(missing[0], adata.var_names)} "
            "Leave them out, or take features of another kind, e.g. a language model's embedding of the gene."
        )
    counts = _control_counts(adata, control, layer)
    if not 1 <= n_components < min(counts.shape):
        raise ValueError(
            f"`n_components={n_components}`: expected 1 or more, and fewer than the {counts.shape[0]} control cells and the {counts.shape[1]} genes."
        )
    loadings = _loadings(counts, n_components, np.random.default_rng(seed))
    return pd.DataFrame(loadings[positions], names, [f"coexpression_{k}" for k in range(n_components)])


def _control_counts(adata: AnnData, control: tuple[str, Any] | None, layer: str | None) -> sp.csr_array:
    cells = adata
    if control is not None:
        if not pd.api.types.is_list_like(control) or len(control) != 2:
            raise TypeError(
                f"`control` must be a column of `.obs` and its value, e.g. `('target', 'control')`, got {control!r}."
            )
        column, value = control
        if column not in adata.obs:
            raise KeyError(
                f"`control`: {column!r} is not a column of `.obs`. {near_matches(column, adata.obs.columns)}"
            )
        rows = np.flatnonzero(adata.obs[column] == value)
        if not len(rows):
            raise KeyError(
                f"`control`: no cell has {value!r} in {column!r}. {near_matches(value, adata.obs[column].astype(str).unique())}"
            )
        cells = adata[rows]
    counts, where = unit_matrix(cells, layer, None)
    check_values(counts, where, are_counts=True)
    return sp.csr_array(counts).astype(np.float64)


def _loadings(counts: sp.csr_array, k: int, rng: np.random.Generator) -> np.ndarray:
    """Correlations of all genes with the k leading components; centred implicitly, so that zeros stay zeros."""
    size = library_sizes(counts)
    x = sp.csr_array(sp.diags_array(np.median(size) / size) @ counts)
    x.data = np.log1p(x.data)
    n, mean = x.shape[0], np.asarray(x.mean(axis=0)).ravel()
    variance = np.maximum(np.asarray((x**2).mean(axis=0)).ravel() - mean**2, 0)
    inverse = np.divide(1, np.sqrt(variance), out=np.zeros_like(variance), where=variance > 1e-12)
    if np.count_nonzero(inverse) <= k:
        raise ValueError(
            f"{np.count_nonzero(inverse)} genes vary among the control cells, too few for `n_components={k}`: ask for fewer."
        )
    standardised = LinearOperator(
        x.shape,
        matvec=lambda v: x @ (inverse * v.ravel()) - mean @ (inverse * v.ravel()),
        rmatvec=lambda u: inverse * (x.T @ u.ravel() - mean * u.sum()),
        dtype=np.float64,
    )
    _, values, vectors = svds(standardised, k=k, v0=rng.normal(size=min(x.shape)))
    order = np.argsort(-values)
    loadings = vectors[order].T * (values[order] / np.sqrt(n))
    largest = np.take_along_axis(loadings, np.abs(loadings).argmax(0)[None], axis=0)
    return loadings * np.where(largest < 0, -1, 1)
