import numpy as np
import torch
from scipy.stats import norm

from gde.observations import Frame

SET_OF_UNIT = torch.tensor([0, 0, 1])


def _make():
    torch.manual_seed(0)
    return Frame(4, 3), torch.randn(3, 3), torch.randn(2, 4)


def test_log_prob_is_scipy_s():
    frame, x, z = _make()
    with torch.no_grad():
        mean, sd = frame.normal.mean(z)[SET_OF_UNIT], frame.normal.log_sd(z).exp()[SET_OF_UNIT]
        np.testing.assert_allclose(frame.log_prob(x, z, SET_OF_UNIT), norm.logpdf(x, mean, sd).sum(1), rtol=1e-5)


def test_leaving_is_the_inverse_of_entering_each_set_s_own_frame():
    frame, x, z = _make()
    inside = frame.enter(x, z, SET_OF_UNIT)
    torch.testing.assert_close(frame.leave(inside, z, SET_OF_UNIT), x)
    torch.testing.assert_close(frame.enter(x[2:], z[1:], torch.tensor([0])), inside[2:])


def test_units_in_the_frame_carry_no_gradient_to_it():
    frame, x, z = _make()
    assert not frame.enter(x, z.requires_grad_(), SET_OF_UNIT).requires_grad
    frame.log_prob(x, z, SET_OF_UNIT).sum().backward()
    assert z.grad.abs().min() > 0 and frame.normal.mean.weight.grad.abs().min() > 0


def test_the_likelihood_alone_finds_location_and_scale():
    frame, _, z = _make()
    rng = torch.Generator().manual_seed(0)
    scale, shift = torch.tensor([[0.1, 1.0, 2.0], [1.0, 3.0, 0.5]]), torch.tensor([[1.0, 0, -1], [-2, 2, 0]])
    sets = torch.arange(2).repeat_interleave(2000)
    x = scale[sets] * torch.randn(4000, 3, generator=rng) + shift[sets]
    optimiser = torch.optim.Adam(frame.parameters(), lr=0.05)
    for _ in range(300):
        optimiser.zero_grad()
        (-frame.log_prob(x, z, sets)).mean().backward()
        optimiser.step()
    inside = frame.enter(x, z, sets)
    for s in (0, 1):
        torch.testing.assert_close(inside[sets == s].mean(0), torch.zeros(3), atol=0.05, rtol=0)
        torch.testing.assert_close(inside[sets == s].std(0), torch.ones(3), atol=0.05, rtol=0)
