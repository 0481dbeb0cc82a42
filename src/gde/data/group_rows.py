"""Where the units of each group are."""

from collections.abc import Sequence

import numpy as np

from gde.data.label_prior import LabelPrior


class GroupRows(LabelPrior):
    """The label prior of discrete labels: a unit belongs to one group, and all units of a group count the same.

    Rows of each group come from one stable sort of the group codes.

    Parameters
    ----------
    codes
        Group code of each row, shape (n_rows,), non-negative integers.
    rows
        The rows to consider; None: all of them.
    names
        Name of each group by its code; None: the code.
    in_runs
        Whether :func:`gde.pp.sort_by_group` has put the rows of each group together in random order: sets are then runs of rows, which a disk
        reads in one piece.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import GroupRows
    >>> groups = GroupRows(np.array([1, 0, 1, 3]))
    >>> groups.codes, groups.sizes, groups[1]
    (array([0, 1, 3]), array([1, 2, 1]), array([0, 2]))
    """

    def __init__(
        self,
        codes: np.ndarray,
        rows: np.ndarray | None = None,
        names: Sequence[str] | None = None,
        *,
        in_runs: bool = False,
    ):
        self.in_runs = in_runs
        self.rows = np.arange(len(codes)) if rows is None else np.asarray(rows)
        self._code_of_row = codes
        order = self.rows[np.argsort(codes[self.rows], kind="stable")]
        self.codes, starts, self.sizes = np.unique(codes[order], return_index=True, return_counts=True)
        self.n_units = self.n_effective = self.sizes
        self.names = [str(code) for code in range(int(np.max(codes, initial=-1)) + 1)] if names is None else names
        self._rows = dict(zip(self.codes.tolist(), np.split(order, starts)[1:], strict=True))

    def __getitem__(self, code: int) -> np.ndarray:
        """Rows of the group with this code."""
        return self._rows[code]

    def measure(self, code: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and weights of a group."""
        return self[code], np.ones(len(self[code]))

    def draw(self, code: int, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Units without replacement; the whole group if it has fewer than n."""
        n = min(n, len(self[code]))
        if self.in_runs:  # from anywhere on, and from the end on to the start
            return self[code][(rng.integers(len(self[code])) + np.arange(n)) % len(self[code])], np.ones(n)
        return rng.choice(self[code], n, replace=False), np.ones(n)

    def members(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each row with its group."""
        return np.arange(len(rows)), np.searchsorted(self.codes, self._code_of_row[rows]), np.ones(len(rows))

    def halves(self, seed: int) -> "GroupRows":
        """Two random halves of each group: codes 2 c and 2 c + 1 for the group with code c. A group of one unit has the first alone."""
        rng, half_of_row = np.random.default_rng(seed), np.zeros(len(self._code_of_row), dtype=int)
        for rows in self._rows.values():
            half_of_row[rng.permutation(rows)[1::2]] = 1
        return GroupRows(2 * self._code_of_row + half_of_row, self.rows)
