"""Labels that share units, with weights."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from gde.data.label_prior import LabelPrior


class WeightedRows(LabelPrior):
    r"""The label prior of a matrix of weights, units × labels, whose columns are the labels' measures.

    A set of n units is drawn in proportion to the weights and its units count equally, rather than uniformly with weights: no unit of a batch is
    wasted on a small weight. The draws are stratified: unit i occurs :math:`k_i` times, with

    .. math:: E[k_i] = n\, w_i \Big/ \sum_j w_j \quad\text{exactly},

    and a unit that occurs several times comes once with the weight :math:`k_i / n`. Drawing without replacement instead would flatten the
    weights wherever n is not small beside the number of units, and a unit that came twice could land in both halves of the set, so that the
    generator would be scored on what the encoder saw. Equal weights and n at the number of units give each unit once, as :class:`GroupRows`
    does.

    Parameters
    ----------
    weights
        Non-negative weights, shape (n_rows, n_labels); zeros are not stored.
    names
        Name of each label.
    rows
        The rows to consider; None: all of them.
    sizes
        Number of units that carry each label, shape (n_labels,); None: the sum of its weights. Labels of size 0 are left out.

    Examples
    --------
    >>> import numpy as np
    >>> import scipy.sparse as sp
    >>> from gde.data import WeightedRows
    >>> prior = WeightedRows(sp.csc_matrix([[1.0, 0.0], [0.5, 0.5], [0.0, 0.5]]), ["a", "b"])
    >>> prior.n_effective
    array([1.8, 2. ])
    """

    def __init__(
        self,
        weights: sp.csc_matrix,
        names: Sequence[str],
        rows: np.ndarray | None = None,
        sizes: np.ndarray | None = None,
    ):
        weights = sp.csc_matrix(weights)
        if rows is not None:
            weights = weights.multiply(np.isin(np.arange(weights.shape[0]), rows)[:, None]).tocsc()
        weights.eliminate_zeros()
        sizes = np.asarray(weights.sum(axis=0)).ravel() if sizes is None else sizes
        self.names = names
        self.codes = np.flatnonzero((np.diff(weights.indptr) > 0) & (sizes > 0))
        self.sizes = sizes[self.codes]
        self._by_label = weights[:, self.codes]
        self.n_units = np.diff(self._by_label.indptr)
        self.n_effective = _kish(self._by_label)
        self.rows = np.unique(self._by_label.indices)

    @cached_property
    def _by_row(self) -> sp.csr_matrix:
        return self._by_label.tocsr()

    @cached_property
    def _shuffled(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and cumulative weights, label by label; the rows in one random order, since data are often sorted by what is to be learnt."""
        order = np.random.default_rng(0).permutation(self._by_label.shape[0]).astype(self._by_label.indices.dtype)
        weights = self._by_row[order].tocsc()
        return order[weights.indices], np.cumsum(weights.data, dtype=float)

    def measure(self, code: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and weights of a label."""
        column = self._column(code)
        return self._by_label.indices[column], self._by_label.data[column]

    def draw(self, code: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Units in proportion to their weights, one from each of n strata of equal weight, and how often each was drawn."""
        column, (rows, cumulative) = self._column(code), self._shuffled
        start, stop = cumulative[column.start - 1] if column.start else 0.0, cumulative[column.stop - 1]
        points = start + (stop - start) * (np.arange(n) + rng.random(n)) / n
        drawn = np.searchsorted(cumulative[column], points, side="right").clip(max=column.stop - column.start - 1)
        position, times = np.unique(drawn, return_counts=True)
        shuffle = rng.permutation(len(position))
        return rows[column][position[shuffle]], times[shuffle].astype(float)

    def members(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each row with all its labels."""
        pairs = self._by_row[rows].tocoo()
        return pairs.row, pairs.col, pairs.data

    def _column(self, code: int) -> slice:
        position = int(np.searchsorted(self.codes, code))
        return slice(*self._by_label.indptr[position : position + 2].tolist())


def _kish(weights: sp.csc_matrix) -> np.ndarray:
    sums, squares = (np.asarray(matrix.sum(axis=0)).ravel() for matrix in (weights, weights.multiply(weights)))
    return sums**2 / squares
