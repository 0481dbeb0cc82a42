import pytest
import torch

from gde.encoders import DeepSets, ResNet, total_derivatives, unit_influence
from tests.encoders.set_encoder_contract import make_batch, take
from tests.encoders.test_set_encoder import Standardised


@pytest.mark.parametrize(
    ("encoder", "n_calls"), [(DeepSets(3, 2), 1), (Standardised(3, 2), 3), (ResNet(3, 2, n_hidden=8), 7)]
)
def test_goes_through_the_chunks_once_forth_and_back(encoder, n_calls):
    batch = make_batch([4, 2], 3, torch.float32)
    calls = []

    def chunks():
        calls.append(None)
        for rows in torch.arange(6).split(4):
            yield take(batch, rows)

    means, derivatives = total_derivatives(encoder, chunks, 2)
    assert len(calls) == n_calls
    for mean, derivative in zip(means, derivatives, strict=True):
        assert derivative.shape == (2, 2, mean.shape[1])
    assert not any(tensor.requires_grad for tensor in means + derivatives)


def test_directions_are_combinations_of_the_entries():
    encoder, batch = ResNet(3, 4, n_hidden=8).double(), make_batch([4, 2], 3, torch.float64)
    directions = torch.randn(2, 4).double()
    along = unit_influence(encoder, batch, *total_derivatives(encoder, lambda: [batch], 2, directions))
    entries = unit_influence(encoder, batch, *total_derivatives(encoder, lambda: [batch], 2))
    torch.testing.assert_close(along, entries @ directions.T)


def test_a_pass_that_does_not_look_at_the_means_is_no_way_for_them():
    class TwoMeans(DeepSets):
        n_passes = 2

        def head(self, means):
            return self.rho(means[0] + 2 * means[1])

    encoder, batch = TwoMeans(3, 2, n_hidden=8), make_batch([4, 2], 3, torch.float32)
    _, (first, second) = total_derivatives(encoder, lambda: [batch], 2)
    torch.testing.assert_close(second, 2 * first)
