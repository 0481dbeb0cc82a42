import pytest
import torch

from gde.nn import matrix_root


def _positive(n: int, p: int) -> torch.Tensor:
    torch.manual_seed(0)
    factor = torch.randn(n, p, p, dtype=torch.float64)
    return factor @ factor.mT + 0.1 * torch.eye(p)


def test_squares_to_the_matrix_and_is_symmetric_and_positive():
    matrix = _positive(4, 5)
    root = matrix_root(matrix)
    torch.testing.assert_close(root @ root, matrix)
    torch.testing.assert_close(root, root.mT)
    assert (torch.linalg.eigvalsh(root) > 0).all()


def test_gradient_is_that_of_finite_differences():
    matrix = _positive(3, 4).requires_grad_()
    assert torch.autograd.gradcheck(lambda a: matrix_root((a + a.mT) / 2), matrix)


@pytest.mark.parametrize("size", [1e-3, 1.0])
def test_gradient_is_finite_and_right_where_eigenvalues_are_equal(size):
    matrix = (size * torch.eye(3)).requires_grad_()
    matrix_root(matrix).diagonal().sum().backward()
    torch.testing.assert_close(matrix.grad, 0.5 / size**0.5 * torch.eye(3))


def test_gradient_is_bounded_where_rounding_makes_eigenvalues_negative():
    torch.manual_seed(0)
    basis = torch.linalg.qr(torch.randn(8, 8))[0]
    matrix = (basis * torch.tensor([1e5, 1e5, 3e4, 1.0, 0, 0, 0, 0])) @ basis.T + 1e-3 * torch.eye(8)
    assert (torch.linalg.eigvalsh(matrix) < 0).any()
    matrix.requires_grad_()
    root = matrix_root(matrix)
    root.sum().backward()
    assert torch.isfinite(root).all() and matrix.grad.abs().max() < 100
