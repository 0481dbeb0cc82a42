import pytest
import torch

from gde.encoders import Attention, DeepSets, Median, ResNet
from gde.nn import SetBatch

TRAINED = [Attention, DeepSets, Median, ResNet]


def _embed_far_units(encoder):
    """Length of the embeddings of a set near the origin, and of one that is far."""
    units = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    batch = SetBatch(torch.cat([units, 1e4 * units]), torch.arange(2).repeat_interleave(8), torch.ones(16), 2)
    return encoder(batch).norm(dim=1).tolist()


@pytest.fixture(params=TRAINED)
def make(request):
    def make(noise_sd):
        torch.manual_seed(0)
        encoder = request.param(3, 4, n_hidden=8, noise_sd=noise_sd)
        with torch.no_grad():
            encoder.rho[-1 if noise_sd == 0 else -2][-1].weight.mul_(1e4)  # large weights make z long, if they can
        return encoder

    return make


def test_with_noise_z_is_bounded_and_without_it_is_not(make):
    assert max(_embed_far_units(make(0.5))) <= 2.001
    assert max(_embed_far_units(make(0.0))) > 100


def test_weights_fit_whether_there_is_noise_or_not(make):
    with_noise, without = make(0.5), make(0.0)
    without.load_state_dict(with_noise.state_dict())
    batch = SetBatch(torch.randn(5, 3), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), 2)
    torch.testing.assert_close(with_noise.rho[-1](without(batch)), with_noise(batch))
