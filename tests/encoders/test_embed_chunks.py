import pytest
import torch

from gde.encoders import DeepSets, embed_chunks
from tests.encoders.set_encoder_contract import make_batch, take
from tests.encoders.test_set_encoder import Standardised


@pytest.mark.parametrize(("encoder", "n_passes"), [(DeepSets(3, 2), 1), (Standardised(3, 2), 2)])
def test_goes_through_the_chunks_once_a_pass(encoder, n_passes):
    batch = make_batch([4, 2], 3, torch.float32)
    calls = []

    def chunks():
        calls.append(None)
        for rows in torch.arange(6).split(4):
            yield take(batch, rows)

    z = embed_chunks(encoder, chunks, 2)
    assert len(calls) == n_passes
    torch.testing.assert_close(z, encoder(batch).detach())
    assert not z.requires_grad


def test_without_chunks_there_is_nothing_to_embed():
    with pytest.raises(ValueError, match="No chunk"):
        embed_chunks(DeepSets(3, 2), lambda: [], 2)
