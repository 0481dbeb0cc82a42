import torch

from gde.encoders import pool_chunks
from gde.nn import segment_mean
from tests.encoders.set_encoder_contract import make_batch, take
from tests.encoders.test_set_encoder import Standardised


def test_gives_the_means_of_as_many_passes_as_asked_for():
    encoder, batch = Standardised(3, 2), make_batch([4, 2], 3, torch.float32)
    chunks = [take(batch, rows) for rows in torch.arange(6).split(4)]
    first = segment_mean(
        encoder.features(batch.units, [], batch.set_of_unit), batch.set_of_unit, batch.weight, batch.n_sets
    )
    means = pool_chunks(encoder, lambda: chunks, 2, n_passes=1)
    assert len(means) == 1
    torch.testing.assert_close(means[0], first)
    assert len(pool_chunks(encoder, lambda: chunks, 2)) == 2
