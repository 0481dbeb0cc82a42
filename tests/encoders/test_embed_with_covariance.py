from importlib import import_module

import pytest
import torch

from gde.encoders import Attention, DeepSets, embed_with_covariance
from gde.nn import SetBatch
from tests.encoders.set_encoder_contract import make_batch, take


@pytest.mark.parametrize("kind", [Attention, DeepSets])
def test_very_many_sets_take_a_second_pass_and_get_the_same(monkeypatch, kind):
    encoder, batch = kind(3, 2, n_hidden=8).double(), make_batch([4, 2, 9], 3, torch.float64)
    chunks = [take(batch, rows) for rows in torch.arange(15).split(4)]
    z, covariance = embed_with_covariance(encoder, lambda: chunks, 3)
    monkeypatch.setattr(import_module("gde.encoders.embed_with_covariance"), "MAX_SETS", 2)
    again, same = embed_with_covariance(encoder, lambda: chunks, 3)
    torch.testing.assert_close(again, z)
    torch.testing.assert_close(same, covariance)


def test_float32_is_good_to_its_precision():
    encoder, batch = DeepSets(3, 2), make_batch([400, 300], 3, torch.float32)
    _, covariance = embed_with_covariance(encoder, lambda: [batch], 2)
    exact = SetBatch(batch.units.double(), batch.set_of_unit, batch.weight.double(), 2)
    _, expected = embed_with_covariance(encoder.double(), lambda: [exact], 2)
    torch.testing.assert_close(covariance, expected, rtol=1e-4, atol=1e-7)
