"""Flat sets side by side, for what compares all pairs of units."""

import torch
from torch import Tensor


def pad_sets(values: Tensor, set_of_unit: Tensor, weight: Tensor, n_sets: int) -> tuple[Tensor, Tensor]:
    """Rows of each set, filled up with zeros to the size of the largest, and their share of the set's weight.

    Parameters
    ----------
    values
        Rows of all sets, shape (n_units, n_columns).
    set_of_unit
        Set of each row, shape (n_units,), ascending integers below ``n_sets``.
    weight
        Weight of each row, shape (n_units,).
    n_sets
        Number of sets.

    Returns
    -------
    Rows, shape (n_sets, size of the largest set, n_columns), and shares, shape (n_sets, size of the largest set). Filled rows have none,
    but in a set without any weight they all have the same, so that each set has sum 1.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import pad_sets
    >>> rows, share = pad_sets(
    ...     torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 0, 1]), torch.tensor([1.0, 3.0, 1.0]), 2
    ... )
    >>> rows.squeeze(2)
    tensor([[1., 2.],
            [3., 0.]])
    >>> share
    tensor([[0.2500, 0.7500],
            [1.0000, 0.0000]])
    """
    sizes = torch.bincount(set_of_unit, minlength=n_sets)
    starts = sizes.cumsum(0) - sizes
    n_rows = int(sizes.max())
    place = set_of_unit * n_rows + torch.arange(len(values), device=values.device) - starts[set_of_unit]
    rows = values.new_zeros(n_sets * n_rows, values.shape[1]).index_copy(0, place, values)
    mass = weight.new_zeros(n_sets * n_rows).index_copy(0, place, weight).view(n_sets, n_rows)
    total = mass.sum(1, keepdim=True)
    share = torch.where(total > 0, mass / total.clamp_min(torch.finfo(mass.dtype).tiny), 1 / n_rows)
    return rows.view(n_sets, n_rows, values.shape[1]), share
