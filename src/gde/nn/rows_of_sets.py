"""Which rows of a batch belong to which set."""

from collections.abc import Sequence

import torch
from torch import Tensor


def rows_of_sets(set_of_unit: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
    """The sets that occur, and the rows of each, in whatever order the units come.

    Parameters
    ----------
    set_of_unit
        Set of each unit, shape (n_units,).

    Returns
    -------
    The sets that have units, ascending, shape (n_present,), and the rows of each of them.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import rows_of_sets
    >>> rows_of_sets(torch.tensor([7, 2, 7]))
    (tensor([2, 7]), (tensor([1]), tensor([0, 2])))
    """
    sets, counts = torch.unique(set_of_unit, return_counts=True)
    return sets, torch.argsort(set_of_unit, stable=True).split(counts.tolist())
