import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.encoders import PooledMean


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 20), max_size=6))
def test_chunks_in_any_order_and_size_give_the_weighted_mean(seed, cuts):
    rng = np.random.default_rng(seed)
    values, weight, set_of_unit = rng.normal(5, 2, (20, 3)), rng.uniform(0, 3, 20), rng.integers(0, 3, 20)
    pooled = PooledMean(3)
    for rows in np.split(rng.permutation(20), sorted(cuts)):
        if len(rows):
            pooled.update(*(torch.from_numpy(part[rows]) for part in (values, set_of_unit, weight)))
    for s in range(3):
        own = set_of_unit == s
        expected = np.average(values[own], axis=0, weights=weight[own]) if own.any() else np.zeros(3)
        np.testing.assert_allclose(pooled.value[s], expected, rtol=1e-12)
        assert pooled.weight[s] == pytest.approx(weight[own].sum())


def test_float32_chunks_lose_nothing_to_large_sums():
    # 2 million units of value 1 ± 0.1: a running sum in float32 would be off in the fourth digit.
    chunk = torch.tensor([[0.9], [1.1]]).repeat(10_000, 1)
    pooled = PooledMean(1)
    for _ in range(100):
        pooled.update(chunk, torch.zeros(len(chunk), dtype=torch.long), torch.ones(len(chunk)))
    assert pooled.value.item() == pytest.approx(float(chunk.double().mean()), rel=1e-12)


def test_units_of_no_weight_change_nothing():
    pooled = PooledMean(2)
    pooled.update(torch.tensor([[7.0]]), torch.tensor([0]), torch.zeros(1))
    assert pooled.value.tolist() == [[0.0], [0.0]]
    pooled.update(torch.tensor([[3.0]]), torch.tensor([0]), torch.ones(1))
    assert pooled.value.tolist() == [[3.0], [0.0]]


def test_before_the_first_chunk_there_is_no_mean():
    with pytest.raises(ValueError, match="update"):
        PooledMean(2).value  # noqa: B018
