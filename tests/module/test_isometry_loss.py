import pytest
import torch

from gde.module import isometry_loss
from gde.nn import SetBatch


def _halves(shifts, size=6, d=2):
    """Copies of one set at several places, so that the Wasserstein distances are those of the places."""
    units = torch.randn(size, d, generator=torch.Generator().manual_seed(0))
    units = torch.cat([units + shift for shift in shifts])
    set_of_unit = torch.arange(len(shifts)).repeat_interleave(size)
    return SetBatch(units, set_of_unit, torch.ones(len(units)), len(shifts))


SHIFTS = torch.tensor([[0.0, 0], [0, 0], [1, 0], [0, 2], [3, 1], [1, 1], [-2, 0], [4, 4]])


@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_is_zero_where_distances_are_proportional_whatever_the_scale(scale):
    assert isometry_loss(scale * SHIFTS, _halves(SHIFTS)).item() < 1e-3


def test_is_what_the_best_scale_leaves():
    z = torch.randn(8, 3)
    wasserstein = (SHIFTS - SHIFTS.roll(-2, 0)).norm(dim=1)
    latent = (z - z.roll(-2, 0)).norm(dim=1)
    scale = (wasserstein @ latent) / (latent @ latent)
    expected = (wasserstein - scale * latent).square().sum() / wasserstein.square().sum()
    assert isometry_loss(z, _halves(SHIFTS)).item() == pytest.approx(expected.item(), abs=1e-3)


def test_an_empty_half_makes_no_pair():
    halves = _halves(SHIFTS)
    rest = halves.set_of_unit != 3
    empty = SetBatch(halves.units[rest], halves.set_of_unit[rest], halves.weight[rest], 8)
    z = SHIFTS.clone()
    z[3] = 1000
    assert isometry_loss(z, empty).item() < 1e-3 < isometry_loss(z, halves).item()


@pytest.mark.parametrize("n_halves", [2, 8])
def test_coinciding_embeddings_have_a_finite_gradient(n_halves):
    z = torch.zeros(n_halves, 3, requires_grad=True)
    isometry_loss(z, _halves(SHIFTS[:n_halves])).backward()
    assert torch.isfinite(z.grad).all()


def test_vectors_get_no_gradient():
    halves = _halves(SHIFTS)
    halves.units.requires_grad_()
    isometry_loss(torch.randn(8, 3, requires_grad=True), halves).backward()
    assert halves.units.grad is None
