import pytest
import torch
from scipy.stats import wasserstein_distance

from gde.nn import sliced_wasserstein


def _sets(n, d=3, n_pairs=2):
    return torch.randn(n_pairs, n, d, dtype=torch.float64), torch.rand(n_pairs, n, dtype=torch.float64).softmax(1)


def test_is_the_distance_of_sorted_values_where_all_weights_are_equal():
    x, y, directions = _sets(6)[0], _sets(6)[0], _sets(4)[0]
    weight = torch.full((2, 6), 1 / 6, dtype=torch.float64)
    unit = directions / directions.norm(dim=2, keepdim=True)
    a, b = (torch.einsum("snd,spd->spn", v, unit).sort(2).values for v in (x, y))
    expected = 3 * (a - b).square().mean((1, 2))
    torch.testing.assert_close(sliced_wasserstein(x, weight, y, weight, directions), expected)


def test_a_weight_is_a_multiplicity():
    (x, _), (y, y_weight), directions = _sets(3), _sets(5), _sets(4)[0]
    weight = torch.tensor([1, 2, 3], dtype=torch.float64).div(6).expand(2, 3)
    repeated = x.repeat_interleave(torch.tensor([1, 2, 3]), dim=1)
    equal = torch.full((2, 6), 1 / 6, dtype=torch.float64)
    torch.testing.assert_close(
        sliced_wasserstein(x, weight, y, y_weight, directions),
        sliced_wasserstein(repeated, equal, y, y_weight, directions),
    )


def test_on_a_line_of_zeros_and_ones_it_is_scipy_s():
    """Where all transport goes over distance 1, its square is the distance."""
    x, y = torch.tensor([[[0.0], [1.0]]]), torch.tensor([[[0.0], [0.0], [1.0]]])
    a, b = torch.tensor([[0.3, 0.7]]), torch.tensor([[0.2, 0.6, 0.2]])
    expected = wasserstein_distance([0, 1], [0, 0, 1], a[0], b[0])
    assert sliced_wasserstein(x, a, y, b, torch.ones(1, 1, 1)).item() == pytest.approx(expected)


def test_of_a_shift_it_is_the_squared_length_on_average():
    x, weight = torch.randn(1, 5, 4), torch.full((1, 5), 0.2)
    shift = torch.tensor([1.0, -2, 0, 2])
    assert sliced_wasserstein(x, weight, x + shift, weight, torch.randn(1, 20_000, 4)).item() == pytest.approx(
        9, rel=0.03
    )


def test_units_without_weight_and_directions_of_zeros_do_not_count():
    (x, weight), directions = _sets(4), _sets(3)[0]
    y, y_weight = _sets(5)
    expected = sliced_wasserstein(x, weight, y, y_weight, directions)
    wider = torch.cat([x, 100 * torch.ones(2, 1, 3)], 1)
    padded = torch.nn.functional.pad(weight, (0, 1))
    more = torch.nn.functional.pad(directions, (0, 0, 0, 2))
    torch.testing.assert_close(sliced_wasserstein(wider, padded, y, y_weight, more), expected)
