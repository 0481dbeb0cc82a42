import pytest
import torch

from gde.encoders import DeepSets, Framed, pool_chunks, pool_covariance
from tests.encoders.set_encoder_contract import make_batch, take


def test_means_are_bit_for_bit_those_of_embedding():
    encoder, batch = DeepSets(3, 2), make_batch([4, 2], 3, torch.float32)
    chunks = [take(batch, rows) for rows in torch.arange(6).split(4)]
    (mean,) = pool_chunks(encoder, lambda: chunks, 2)
    assert (pool_covariance(encoder, lambda: chunks, 2).mean.value.float() == mean).all()


def test_an_encoder_of_several_passes_is_refused_by_name():
    with pytest.raises(ValueError, match=r"Framed\(DeepSets\) goes through the units 3 times.*'deep_sets'"):
        pool_covariance(Framed(DeepSets(3, 2)), list, 2)
