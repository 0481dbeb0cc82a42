"""Deviations of units from the mean of their set, each through the matrix of its set."""

import torch
from torch import Tensor

from gde.nn import rows_of_sets


def mapped_deviations(values: Tensor, set_of_unit: Tensor, mean: Tensor, matrix: Tensor) -> Tensor:
    r""":math:`A_s (f_i - m_s)` for each unit i, with s its set.

    Parameters
    ----------
    values
        Features f, shape (n_units, n_features).
    set_of_unit
        Set of each unit, shape (n_units,), in any order.
    mean
        m, shape (n_sets, n_features).
    matrix
        A, shape (n_sets, n_out, n_features).

    Returns
    -------
    Shape (n_units, n_out).

    Examples
    --------
    >>> import torch
    >>> from gde.encoders.mapped_deviations import mapped_deviations
    >>> mapped_deviations(
    ...     torch.tensor([[1.0], [3.0]]), torch.tensor([0, 0]), torch.tensor([[2.0]]), torch.tensor([[[5.0]]])
    ... )
    tensor([[-5.],
            [ 5.]])
    """
    sets, rows = rows_of_sets(set_of_unit)
    parts = [(values[own] - mean[s]) @ matrix[s].T for s, own in zip(sets.tolist(), rows, strict=True)]
    mapped = values.new_empty(len(values), matrix.shape[1])
    if parts:
        mapped[torch.cat(list(rows))] = torch.cat(parts)
    return mapped
