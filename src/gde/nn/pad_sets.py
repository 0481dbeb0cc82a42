"""Flat sets side by side, for what compares all pairs of units."""

import torch
from torch import Tensor


def pad_sets(values: Tensor, set_of_unit: Tensor, n_sets: int) -> Tensor:
    """Rows of each set, filled up with zeros to the size of the largest.

    Parameters
    ----------
    values
        Rows of all sets, shape (n_units, n_columns).
    set_of_unit
        Set of each row, shape (n_units,), ascending integers below ``n_sets``.
    n_sets
        Number of sets.

    Returns
    -------
    Shape (n_sets, size of the largest set, n_columns).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import pad_sets
    >>> pad_sets(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 0, 1]), 2).squeeze(2)
    tensor([[1., 2.],
            [3., 0.]])
    """
    sizes = torch.bincount(set_of_unit, minlength=n_sets)
    starts = sizes.cumsum(0) - sizes
    n_rows = int(sizes.max())
    place = set_of_unit * n_rows + torch.arange(len(values), device=values.device) - starts[set_of_unit]
    padded = values.new_zeros(n_sets * n_rows, values.shape[1]).index_copy(0, place, values)
    return padded.view(n_sets, n_rows, values.shape[1])
