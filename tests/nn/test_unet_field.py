import pytest
import torch

from gde.nn import Covariates, CovariateSizes, UNetField

SIZES = CovariateSizes(n_categories=(2,))


def _field(shape, n_channels=8):
    torch.manual_seed(0)
    return UNetField(shape, 3, SIZES, n_channels=n_channels)


def _context(field, z, code=0):
    covariates = Covariates(torch.full((4, 1), code), torch.zeros(4, 0))
    return field.context(z, torch.tensor([0, 0, 1, 1]), covariates)


@pytest.mark.parametrize("shape", [(1, 8, 8), (2, 17, 21), (1, 1, 2)])
def test_images_of_any_size_go_in_and_out_flat(shape):
    field = _field(shape)
    vectors = torch.randn(4, shape[0] * shape[1] * shape[2])
    assert field(vectors, torch.rand(4), _context(field, torch.randn(2, 3))).shape == vectors.shape


def test_each_image_depends_on_its_own_time_and_context_alone():
    field, z = _field((1, 8, 8)), torch.randn(2, 3)
    torch.nn.init.normal_(field.context.covariate_effect.categorical[0].weight)  # effects start at zero
    vectors, time = torch.randn(4, 64), torch.rand(4)
    out = field(vectors, time, _context(field, z))
    other_z = field(vectors, time, _context(field, torch.stack([z[0], -z[1]])))
    torch.testing.assert_close(other_z[:2], out[:2])
    assert (other_z[2:] != out[2:]).any(1).all()
    time[0] = 1 - time[0]
    other_time = field(vectors, time, _context(field, z))
    torch.testing.assert_close(other_time[1:], out[1:])
    assert (other_time[0] != out[0]).any()
    assert (field(vectors, time, _context(field, z, code=1)) != other_time).any(1).all()


def test_a_number_of_channels_that_cannot_be_normalised_is_refused():
    with pytest.raises(ValueError, match="`n_channels` must be a multiple of 8, got 12"):
        _field((1, 8, 8), n_channels=12)
