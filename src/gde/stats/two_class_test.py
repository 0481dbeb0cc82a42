"""Do two classes of groups differ?"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import comb
from scipy.stats import permutation_test

AT_ONCE = 1000  # permutations whose embeddings are in memory


class ClassTest(NamedTuple):
    """Result of :func:`two_class_test`.

    Parameters
    ----------
    method
        ``"exact_permutation"``: all divisions of the groups into two classes of these sizes. ``"permutation"``: random ones. ``"too_few_groups"``: a class has
        fewer than 2 groups, no test is possible, and the numbers are NaN.
    statistic
        Welch's T² on distances.
    p_value
        Share of divisions whose statistic is at least as large, the observed one among them.
    n_permutations
        Number of divisions that were looked at, without the observed one.
    squared_distance
        Of the class means, corrected for the choice of groups and units: its expectation is 0 if classes do not differ, so it may be negative.
    """

    method: Literal["exact_permutation", "permutation", "too_few_groups"]
    statistic: float
    p_value: float
    n_permutations: int
    squared_distance: float


def two_class_test(
    embeddings_a: ArrayLike, embeddings_b: ArrayLike, *, n_permutations: int = 9999, seed: int = 0
) -> ClassTest:
    r"""Test by permutation whether two classes of groups have the same mean embedding.

    What is permuted is groups (donors): units are never replicates, and how noisy an embedding is shows in the spread of the embeddings of its class. The
    statistic is Welch's T² on distances,

    .. math:: T_W^2 = \frac{\lVert \bar z_a - \bar z_b \rVert^2}{V_a / n_a + V_b / n_b}, \qquad V_c = \frac{1}{n_c - 1} \sum_{i \in c} \lVert z_i - \bar z_c \rVert^2,

    for equal sizes PERMANOVA's pseudo-F. Unlike that, it keeps its level if the smaller class spreads more. The p-value is
    exact if groups are exchangeable when classes do not differ, and never below 1 / (number of divisions).

    Parameters
    ----------
    embeddings_a, embeddings_b
        Embeddings of the groups of each class, shape (n_a, p) and (n_b, p).
    n_permutations
        If there are at most this many divisions, all are looked at; else this many random ones.
    seed
        Seed of random divisions.

    Returns
    -------
    The result, which says how the test was done.

    Raises
    ------
    ValueError
        If shapes do not fit, or values are not finite.

    References
    ----------
    Alekseyenko, A. V. Multivariate Welch t-test on distances. *Bioinformatics* 32, 3552–3558 (2016).
    Anderson, M. J. A new method for non-parametric multivariate analysis of variance. *Austral Ecology* 26, 32–46 (2001).
    Phipson, B. & Smyth, G. K. Permutation P-values should never be zero. *Statistical Applications in Genetics and Molecular Biology* 9 (2010).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.stats import two_class_test
    >>> result = two_class_test(np.array([[0.0], [1.0], [2.0]]), np.array([[5.0], [6.0], [7.0]]))
    >>> result.method, result.p_value
    ('exact_permutation', 0.1)
    """
    a, b = (np.asarray(values, dtype=float) for values in (embeddings_a, embeddings_b))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"Embeddings of two classes, groups × p, are needed; these are {a.shape} and {b.shape}.")
    z = np.concatenate([a, b])
    if not np.isfinite(z).all():
        raise ValueError("Embeddings have NaN or infinite values: leave these groups out.")
    if min(len(a), len(b)) < 2:
        return ClassTest("too_few_groups", np.nan, np.nan, 0, np.nan)

    def statistic(rows_a: np.ndarray, rows_b: np.ndarray, axis: int = -1) -> np.ndarray:
        between, noise = _squared_distance(z[rows_a], z[rows_b])
        total = between + noise  # T² / (1 + T²) orders divisions as T² does, and is finite where classes do not spread
        return np.divide(between, total, out=np.zeros_like(total), where=total > 0)

    n_divisions = comb(len(z), len(a), exact=True)
    is_exact = n_divisions <= n_permutations
    rows = np.arange(len(z))
    found = permutation_test(
        (rows[: len(a)], rows[len(a) :]),
        statistic,
        vectorized=True,
        alternative="greater",
        n_resamples=np.inf if is_exact else n_permutations,
        batch=AT_ONCE,
        rng=np.random.default_rng(seed),
    )
    between, noise = _squared_distance(a, b)
    t_squared = between / noise if noise > 0 else np.inf if between > 0 else 0.0
    return ClassTest(
        "exact_permutation" if is_exact else "permutation",
        float(t_squared),
        float(found.pvalue),
        n_divisions - 1 if is_exact else n_permutations,
        float(between - noise),
    )


def _squared_distance(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance of the means over the second axis from the end, and what it is expected to be if classes do not differ."""
    noise = sum(values.var(axis=-2, ddof=1).sum(-1) / values.shape[-2] for values in (a, b))
    return ((a.mean(-2) - b.mean(-2)) ** 2).sum(-1), np.asarray(noise)
