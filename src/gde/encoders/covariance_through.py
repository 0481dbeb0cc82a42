"""Covariances of means that went through a matrix."""

from collections.abc import Mapping

from torch import Tensor

from gde.encoders.covariance_of_mean import covariance_of_mean


def covariance_through(moments: Mapping[str, Tensor], matrix: Tensor) -> Tensor:
    r""":math:`A\,\Sigma A^\top`, with the covariance Σ of :func:`covariance_of_mean`.

    Parameters
    ----------
    moments
        Arguments of :func:`covariance_of_mean`.
    matrix
        A of each set, shape (n_sets, n_out, n_features).

    Returns
    -------
    Shape (n_sets, n_out, n_out), float64, on the CPU; NaN for sets of one unit.

    Examples
    --------
    >>> import torch
    >>> from gde.encoders.covariance_through import covariance_through
    >>> two, zero = torch.full((1,), 2.0), torch.zeros(1, 1)  # the units -1 and 1
    >>> moments = {"weight": two, "squared_weight": two, "mean": zero, "squared_mean": zero}
    >>> covariance_through(moments | {"scatter": torch.full((1, 1, 1), 2.0)}, torch.tensor([[[3.0]]]))
    tensor([[[9.]]], dtype=torch.float64)
    """
    matrix = matrix.cpu().double()
    # The moments go through A before they are put together: large matrices are touched once.
    moved = {key: (matrix @ moments[key].double()[:, :, None])[:, :, 0] for key in ("mean", "squared_mean")}
    scatter = matrix @ moments["scatter"].double() @ matrix.mT
    return covariance_of_mean(moments["weight"], moments["squared_weight"], **moved, scatter=scatter)
