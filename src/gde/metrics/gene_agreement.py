"""Gene by gene, how alike real and generated counts are."""

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from sklearn.utils.sparsefuncs import mean_variance_axis


def gene_agreement(real: ArrayLike | sp.spmatrix, generated: ArrayLike | sp.spmatrix) -> dict[str, float]:
    """Compare gene means, gene variances, zeros and library sizes of two count matrices.

    The agreement of two real halves (:func:`floor_of_halves`) is not perfect either, of few cells far from it.

    Parameters
    ----------
    real, generated
        Counts, cells x genes, dense or sparse (which stays sparse), the same genes in the same order, at least 2 cells
        each.

    Returns
    -------
    Dictionary with

    - ``mean_pearson``, ``variance_pearson``: Pearson correlation over genes of ``log1p`` of the mean and of the
      (unbiased) variance of the counts, in [-1, 1], 1 is best; NaN where all genes are alike;
    - ``zero_fraction_pearson``: the same correlation of the fraction of cells without a count of the gene, as it is;
    - ``zero_fraction_real``, ``zero_fraction_generated``: fraction of zeros in the matrix;
    - ``library_size_{real,generated}_q{05,50,95}``: quantiles of the total counts of a cell.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import gene_agreement
    >>> counts = np.random.default_rng(0).poisson([1, 2, 5], size=(100, 3))
    >>> agreement = gene_agreement(counts, counts)
    >>> round(agreement["mean_pearson"], 3), agreement["library_size_real_q50"]
    (1.0, 8.0)
    """
    x, y = _check(real, "real"), _check(generated, "generated")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"real has {x.shape[1]} genes and generated has {y.shape[1]}: subset both to the same genes.")
    (mean_x, variance_x), (mean_y, variance_y) = _moments(x), _moments(y)
    return {
        "mean_pearson": _pearson(np.log1p(mean_x), np.log1p(mean_y)),
        "variance_pearson": _pearson(np.log1p(variance_x), np.log1p(variance_y)),
        "zero_fraction_pearson": _pearson(_gene_zeros(x), _gene_zeros(y)),
        "zero_fraction_real": _zero_fraction(x),
        "zero_fraction_generated": _zero_fraction(y),
        **_library_sizes(x, "real"),
        **_library_sizes(y, "generated"),
    }


def _check(counts: Any, name: str) -> sp.csr_matrix:
    if np.ndim(counts) != 2 and not sp.issparse(counts):
        raise ValueError(f"{name} has {np.ndim(counts)} dimension(s): expected cells x genes.")
    matrix = sp.csr_matrix(counts, dtype=np.float64)
    if matrix.shape[0] < 2:
        raise ValueError(f"{name} has {matrix.shape[0]} cell(s): at least 2 are needed for a variance.")
    if not (np.isfinite(matrix.data).all() and (matrix.data >= 0).all()):
        raise ValueError(f"{name} has negative, NaN or infinite values: pass counts, not scaled expression.")
    return matrix


def _moments(counts: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    n = counts.shape[0]
    mean, variance = mean_variance_axis(counts, axis=0)
    return mean, variance * n / (n - 1)


def _pearson(x: np.ndarray, y: np.ndarray) -> float:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _zero_fraction(counts: sp.csr_matrix) -> float:
    return 1 - int(counts.count_nonzero()) / (counts.shape[0] * counts.shape[1])


def _gene_zeros(counts: sp.csr_matrix) -> np.ndarray:
    return 1 - np.bincount(counts.indices[counts.data != 0], minlength=counts.shape[1]) / counts.shape[0]


def _library_sizes(counts: sp.csr_matrix, name: str) -> dict[str, float]:
    size = np.asarray(counts.sum(axis=1)).ravel()
    return {f"library_size_{name}_q{q:02d}": float(np.percentile(size, q)) for q in (5, 50, 95)}
