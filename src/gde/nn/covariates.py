"""The covariates of units."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Covariates:
    """Covariates of each unit.

    Parameters
    ----------
    categorical
        Codes, shape (n_units, n_categorical), in the order of :attr:`CovariateSizes.n_categories`.
    continuous
        Standardised values, shape (n_units, n_continuous).

    Examples
    --------
    >>> import torch
    >>> from gde.nn import Covariates
    >>> Covariates(torch.tensor([[0], [1]]), torch.zeros(2, 0)).categorical.shape
    torch.Size([2, 1])
    """

    categorical: Tensor
    continuous: Tensor
