"""The symmetric root of a positive definite matrix, with a gradient that equal eigenvalues do not spoil."""

from typing import Any

import torch
from torch import Tensor


def matrix_root(matrix: Tensor) -> Tensor:
    r"""Symmetric positive definite S with S² = A.

    With :math:`A = V \operatorname{diag}(\lambda) V^\top`, S is :math:`V \operatorname{diag}(\sqrt\lambda) V^\top`. Differentiating S² = A gives
    :math:`S\,dS + dS\,S = dA`, whose solution in the basis V divides entry (i, j) by :math:`\sqrt{\lambda_i} + \sqrt{\lambda_j}`. The gradient through the
    eigenvectors would divide by :math:`\lambda_i - \lambda_j` instead.

    Parameters
    ----------
    matrix
        Symmetric positive definite matrices, shape (..., p, p).

    Returns
    -------
    Roots, shape (..., p, p). They can be differentiated once. Eigenvalues count as at least the machine epsilon times the largest one.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import matrix_root
    >>> matrix_root(torch.tensor([[5.0, 4.0], [4.0, 5.0]]))
    tensor([[2.0000, 1.0000],
            [1.0000, 2.0000]])
    """
    return _MatrixRoot.apply(matrix)


class _MatrixRoot(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh(matrix)
        precision = torch.finfo(values.dtype)
        # Below this eigenvalues are rounding errors, some of them negative, whose roots would make gradients as large as they like.
        least = (precision.eps * values[..., -1:]).clamp_min(precision.tiny)
        roots = torch.maximum(values, least).sqrt()
        ctx.save_for_backward(roots, vectors)
        return (vectors * roots[..., None, :]) @ vectors.mT

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        roots, vectors = ctx.saved_tensors
        inner = vectors.mT @ gradient @ vectors / (roots[..., :, None] + roots[..., None, :])
        return vectors @ inner @ vectors.mT
