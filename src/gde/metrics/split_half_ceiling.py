"""How well the real cells of a perturbation predict its other real cells."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import ArrayLike

from gde.metrics.perturbation_scores import perturbation_scores


def split_half_ceiling(
    cells: ArrayLike | sp.spmatrix, perturbation: ArrayLike, control: ArrayLike, *, n_repeats: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Scores of one random half of the cells of each perturbation as the prediction of the other half.

    Both halves have half the cells, so their means are noisier than those that a model is compared with: a good model may pass this ceiling where noise is much
    of the effect.

    Parameters
    ----------
    cells
        Log-normalised counts, cells x genes, dense or sparse, without the control cells.
    perturbation
        Perturbation of each cell; those of a single cell are left out.
    control
        Mean profile of the control cells, (n_genes,).
    n_repeats
        Number of random halvings, over which scores are averaged.
    seed
        Seed of the halves.

    Returns
    -------
    DataFrame as of :func:`perturbation_scores`, with ``pooled_r2`` in ``.attrs``.

    References
    ----------
    Roohani, Y. H. et al. Virtual Cell Challenge: toward a Turing test for the virtual cell. *Cell* 188, 3370–3374 (2025).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.metrics import split_half_ceiling
    >>> cells = np.repeat([[0.0, 4.0], [4.0, 0.0]], 4, axis=0)
    >>> split_half_ceiling(cells, ["a"] * 4 + ["b"] * 4, control=[0.0, 0.0])["mean_shift_r2"].to_dict()
    {'a': 1.0, 'b': 1.0}
    """
    units = sp.csr_array(cells) if sp.issparse(cells) else np.asarray(cells, dtype=np.float64)
    names, codes = np.unique(np.asarray(perturbation).astype(str), return_inverse=True)
    if units.ndim != 2 or len(codes) != units.shape[0]:
        raise ValueError(
            f"cells has shape {units.shape} and there are {len(codes)} perturbations: one for each row of cells."
        )
    rng = np.random.default_rng(seed)
    repeats = [
        perturbation_scores(*halves, np.asarray(control)) for halves in _halves(units, codes, names, n_repeats, rng)
    ]
    scores = sum(repeats[1:], start=repeats[0]) / n_repeats
    scores.attrs["pooled_r2"] = float(np.mean([repeat.attrs["pooled_r2"] for repeat in repeats]))
    return scores


def _halves(
    units: np.ndarray | sp.csr_array, codes: np.ndarray, names: np.ndarray, n_repeats: int, rng: np.random.Generator
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Means of two random halves of the cells of each perturbation."""
    kept = np.flatnonzero(np.bincount(codes) > 1)
    for _ in range(n_repeats):
        order = rng.permutation(len(codes))
        rank = pd.Series(codes[order]).groupby(codes[order]).cumcount().to_numpy()
        sides = [order[rank % 2 == side] for side in (0, 1)]
        first, second = (
            pd.DataFrame(_means(units[rows], codes[rows], len(names))[kept], index=names[kept]) for rows in sides
        )
        yield first, second


def _means(units: np.ndarray | sp.csr_array, codes: np.ndarray, n: int) -> np.ndarray:
    indicator = sp.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(n, len(codes)))
    sums = indicator @ units
    dense = sums.toarray() if sp.issparse(sums) else sums
    return dense / np.maximum(np.bincount(codes, minlength=n), 1)[:, None]
