import sys

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from gde.nn import sinkhorn

EQUAL = torch.full((1, 40), 1 / 40)


@pytest.mark.parametrize("debias", [True, False])
def test_is_near_the_cost_of_the_best_assignment(debias):
    torch.manual_seed(0)
    x, y = torch.randn(1, 40, 3), torch.randn(1, 40, 3) * 0.7 + 1
    cost = torch.cdist(x, y)[0] ** 2
    rows, columns = linear_sum_assignment(cost.numpy())
    exact = cost[rows, columns].mean().item()
    assert sinkhorn(x, EQUAL, y, EQUAL, debias=debias).item() == pytest.approx(exact, rel=0.1)


def test_pairs_do_not_depend_on_each_other_and_units_without_weight_do_not_count():
    x, y = torch.randn(2, 6, 3), torch.randn(2, 8, 3)
    x[1] *= 10
    a, b = torch.full((2, 6), 1 / 6), torch.full((2, 8), 1 / 8)
    together = sinkhorn(x, a, y, b)
    torch.testing.assert_close(sinkhorn(x[:1], a[:1], y[:1], b[:1]), together[:1])
    wider, padded = torch.cat([x, torch.zeros(2, 2, 3)], 1), torch.nn.functional.pad(a, (0, 2))
    torch.testing.assert_close(sinkhorn(wider, padded, y, b), together)


def test_the_gradient_is_finite_where_sets_coincide_and_points_home_elsewhere():
    torch.manual_seed(0)
    x = torch.randn(1, 40, 2)
    y = x.clone().requires_grad_()
    sinkhorn(x, EQUAL, y, EQUAL).backward()
    assert y.grad.abs().max() < 1e-3
    y = (x + 3).requires_grad_()
    sinkhorn(x, EQUAL, y, EQUAL).backward()
    assert (y.grad > 0).all()
    torch.testing.assert_close(
        y.grad.sum(1), torch.full((1, 2), 6.0), rtol=0.05, atol=0
    )  # of |shift|², up to few iterations


@pytest.mark.parametrize("is_enabled", [True, False])
def test_gradients_stay_switched_as_they_were(is_enabled):
    x = torch.randn(1, 40, 2)
    with torch.set_grad_enabled(is_enabled):
        sinkhorn(x, EQUAL, x, EQUAL)
        assert torch.is_grad_enabled() == is_enabled


@pytest.mark.parametrize("debias", [True, False])
def test_iterations_that_reach_their_limit_give_the_plan_of_pot_and_its_gradient(debias, monkeypatch):
    ot = pytest.importorskip("ot")
    monkeypatch.setattr(sys.modules["gde.nn.sinkhorn"], "BLUR", 1.0)
    monkeypatch.setattr(sys.modules["gde.nn.sinkhorn"], "SCALING", 0.995)
    rng = np.random.default_rng(0)
    (x, a), (y, b) = ((rng.normal(size=(n, 2)), rng.dirichlet(np.full(n, 5.0))) for n in (6, 5))
    blur = 2 * 2  # 2 σ²

    def value_and_slope(x, a, y, b):
        """T, and its derivative by x alone."""
        cost = ot.dist(x, y)
        plan = ot.sinkhorn(a, b, cost, blur, method="sinkhorn_log", stopThr=1e-13)
        value = (plan * cost).sum() + blur * (plan * np.log(plan / np.outer(a, b))).sum()
        return value, 2 * (plan.sum(1)[:, None] * x - plan @ y)

    (value, slope), (of_x, slope_of_x), (of_y, _) = (
        value_and_slope(*pair) for pair in [(x, a, y, b), (x, a, x, a), (y, b, y, b)]
    )
    if debias:  # in T(x, x) either x moves
        value, slope = value - (of_x + of_y) / 2, slope - slope_of_x
    units, *others = (torch.from_numpy(values)[None] for values in (x, a, y, b))
    found = sinkhorn(units.requires_grad_(), *others, debias=debias)
    assert found.item() == pytest.approx(value, rel=1e-3)
    error = torch.autograd.grad(found, units)[0][0].numpy() - slope
    assert np.linalg.norm(error) < 1e-3 * np.linalg.norm(slope)
