"""Where the units of each group are."""

import numpy as np


class GroupRows:
    """Rows of each group, from one stable sort of the group codes.

    Parameters
    ----------
    codes
        Group code of each row, shape (n_rows,), non-negative integers.
    rows
        The rows to consider; None: all of them.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import GroupRows
    >>> groups = GroupRows(np.array([1, 0, 1, 3]))
    >>> groups.codes, groups.sizes, groups[1]
    (array([0, 1, 3]), array([1, 2, 1]), array([0, 2]))
    """

    def __init__(self, codes: np.ndarray, rows: np.ndarray | None = None):
        rows = np.arange(len(codes)) if rows is None else np.asarray(rows)
        order = rows[np.argsort(codes[rows], kind="stable")]
        self.codes, starts, self.sizes = np.unique(codes[order], return_index=True, return_counts=True)
        self._rows = dict(zip(self.codes.tolist(), np.split(order, starts)[1:], strict=True))

    def __getitem__(self, code: int) -> np.ndarray:
        """Rows of the group with this code."""
        return self._rows[code]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_units(self) -> int:
        """Number of units of all groups together."""
        return int(self.sizes.sum())
