import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import IntoBall


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 1e4]))
def test_stays_in_the_ball_and_keeps_the_direction(width, seed, scale):
    torch.manual_seed(seed)
    x = scale * torch.randn(6, width, dtype=torch.float64)
    y = IntoBall()(x)
    assert (y.norm(dim=1) < width**0.5).all()
    torch.testing.assert_close(torch.nn.functional.normalize(y), torch.nn.functional.normalize(x))


@pytest.mark.parametrize("width", [1, 2, 5])
def test_can_be_inverted(width):
    x = 0.01 * torch.randn(20, width, dtype=torch.float64)
    y = IntoBall()(x)
    torch.testing.assert_close(0.01 * y / torch.sqrt(1 - y.square().mean(1, keepdim=True)), x)


def test_gradient_is_finite_at_zero_and_far_away():
    x = torch.tensor([[0.0, 0.0], [1e15, 1.0]], requires_grad=True)
    IntoBall()(x).sum().backward()
    assert torch.isfinite(x.grad).all()
    torch.testing.assert_close(x.grad[0], torch.full((2,), 100.0))
