"""Which genes differ between perturbed cells and control cells."""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, mannwhitneyu

from gde.metrics._checks import check_pair

_BLOCK = 256  # genes at once
_PSEUDOCOUNT = 1e-9


def differential_expression(cells: ArrayLike | sp.spmatrix, control: ArrayLike | sp.spmatrix) -> pd.DataFrame:
    r"""Wilcoxon rank-sum test of each gene, with the fold change of its mean.

    .. math:: \mathrm{lfc}_g = \log_2 \frac{\overline{e^{x_g} - 1} + 10^{-9}}{\overline{e^{c_g} - 1} + 10^{-9}}

    The normal approximation with ties, without a continuity correction; q-values after Benjamini and Hochberg over all genes. Genes without any expression have
    p = 1 and no fold change. Feed the tables of real and of generated cells, against the same control, to :func:`de_overlap` and :func:`de_direction`. The power of the
    test, and so these scores, depends on the number of cells: generate as many as there are real ones.

    Parameters
    ----------
    cells, control
        Log-normalised counts, log(1 + x), cells x genes, dense or sparse, at least 2 cells each. The index of the result is the columns of ``control`` if that is a
        DataFrame.

    Returns
    -------
    DataFrame with a row per gene: ``log2_fold_change``, ``p_value``, ``q_value``.

    References
    ----------
    Mann, H. B. & Whitney, D. R. On a test of whether one of two random variables is stochastically larger than the other. *Annals of Mathematical Statistics* 18, 50–60
    (1947).

    Soneson, C. & Robinson, M. D. Bias, robustness and scalability in single-cell differential expression analysis. *Nature Methods* 15, 255–261 (2018).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import differential_expression
    >>> rng = np.random.default_rng(0)
    >>> table = differential_expression(np.log1p(rng.poisson([8, 1], (50, 2))), np.log1p(rng.poisson([1, 1], (50, 2))))
    >>> (table["q_value"] < 0.05).tolist()
    [True, False]
    """
    genes = control.columns if isinstance(control, pd.DataFrame) else None
    x, y = check_pair(_dense(cells), _dense(control), ("cells", "control"))
    blocks = [slice(start, start + _BLOCK) for start in range(0, x.shape[1], _BLOCK)]
    p = np.concatenate([_p_values(x[:, block], y[:, block]) for block in blocks])
    mean_x, mean_y = (np.expm1(side).mean(0) + _PSEUDOCOUNT for side in (x, y))
    return pd.DataFrame(
        {"log2_fold_change": np.log2(mean_x / mean_y), "p_value": p, "q_value": false_discovery_control(p)}, index=genes
    )


def _p_values(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """P-values; 1 where all cells are alike."""
    varies = np.ptp(np.concatenate([x, y]), axis=0) > 0
    p = np.ones(x.shape[1])
    if varies.any():
        test = mannwhitneyu(x[:, varies], y[:, varies], method="asymptotic", use_continuity=False, axis=0)
        p[varies] = test.pvalue
    return p


def _dense(values: Any) -> Any:
    return values.toarray() if sp.issparse(values) else values
