from importlib import import_module

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.encoders import PooledCovariance

pooled_covariance = import_module("gde.encoders.pooled_covariance")


def _pool(values, set_of_unit, weight, parts, n_sets):
    pooled = PooledCovariance(n_sets)
    for rows in parts:
        if len(rows):
            pooled.update(*(torch.from_numpy(part[rows]) for part in (values, set_of_unit, weight)))
    return pooled


@pytest.mark.parametrize("n_held", [1, 7, 1000])
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 20), max_size=6))
def test_chunks_in_any_order_and_size_give_the_covariance_of_the_mean(n_held, seed, cuts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooled_covariance, "N_HELD", n_held)
        _check_chunks(seed, cuts)


def _check_chunks(seed, cuts):
    rng = np.random.default_rng(seed)
    values, weight, set_of_unit = rng.normal(5, 2, (20, 3)), rng.uniform(0, 3, 20), rng.integers(0, 3, 20)
    pooled = _pool(values, set_of_unit, weight, np.split(rng.permutation(20), sorted(cuts)), 3)
    for s in range(3):
        own = set_of_unit == s
        if own.sum() < 2:
            assert pooled.value[s].isnan().all()
            continue
        share = weight[own] / weight[own].sum()
        deviations = share[:, None] * (values[own] - share @ values[own])
        np.testing.assert_allclose(pooled.value[s], deviations.T @ deviations / (1 - share @ share), rtol=1e-10)
        assert pooled.moments["squared_weight"][s] == pytest.approx((weight[own] ** 2).sum())


def test_equal_weights_give_the_sample_covariance_over_n():
    values = np.random.default_rng(0).normal(size=(50, 3))
    pooled = _pool(values, np.zeros(50, dtype=int), np.full(50, 0.3), np.split(np.arange(50), [7, 30]), 1)
    np.testing.assert_allclose(pooled.value[0], np.cov(values.T) / 50)
    np.testing.assert_allclose(pooled.moments["squared_mean"][0], values.mean(0))


def test_float32_far_from_zero_loses_little():
    values = (1000 + np.random.default_rng(0).normal(size=(10_000, 2))).astype(np.float32)
    pooled = _pool(values, np.zeros(10_000, dtype=int), np.ones(10_000), np.split(np.arange(10_000), 10), 1)
    np.testing.assert_allclose(pooled.value[0], np.cov(values.T.astype(float)) / 10_000, rtol=1e-5, atol=1e-9)


def test_units_of_no_weight_change_nothing():
    values, weight = np.array([[1.0], [50.0], [3.0]]), np.array([1.0, 0.0, 1.0])
    pooled = _pool(values, np.zeros(3, dtype=int), weight, [[1], [0], [2]], 1)
    assert pooled.value.item() == pytest.approx(1.0)


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_correction_takes_the_bias_away(spread):
    rng = np.random.default_rng(0)
    weight = np.exp(spread * rng.normal(size=12))
    share = weight / weight.sum()
    values = rng.normal(size=(12 * 20_000, 1))
    sets = np.repeat(np.arange(20_000), 12)
    pooled = _pool(values, sets, np.tile(weight, 20_000), [np.arange(len(values))], 20_000)
    bias = pooled.value.mean().item() / (share @ share) - 1
    expected = -2 * ((share**3).sum() / (share @ share) - share @ share) / (1 - share @ share)
    assert bias == pytest.approx(expected, abs=0.01)
    assert expected > -0.1  # -0.21 without the correction


@pytest.mark.parametrize("n_held", [1, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_through_a_matrix_of_each_set(monkeypatch, n_held, dtype):
    monkeypatch.setattr(pooled_covariance, "N_HELD", n_held)
    rng = np.random.default_rng(0)
    values, sets = rng.normal(10, 1, (30, 4)), rng.permutation(np.repeat([0, 2], 15))
    matrix = torch.from_numpy(rng.normal(size=(3, 2, 4)))
    pooled = _pool(
        torch.from_numpy(values).to(dtype).numpy(), sets, rng.uniform(1, 2, 30), np.split(np.arange(30), 3), 3
    )
    result = pooled.through(matrix)
    torch.testing.assert_close(
        result[[0, 2]],
        (matrix @ pooled.value @ matrix.mT)[[0, 2]],
        rtol=1e-4 if dtype == torch.float32 else 1e-9,
        atol=0,
    )
    assert result[1].isnan().all()
