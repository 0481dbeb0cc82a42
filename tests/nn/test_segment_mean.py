import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import segment_mean


@given(st.lists(st.integers(0, 6), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_is_numpy_s_weighted_average_of_each_segment(sizes, seed):
    rng = np.random.default_rng(seed)
    segment = np.repeat(np.arange(len(sizes)), sizes)
    values, weight = rng.normal(size=(len(segment), 3)), rng.uniform(0.1, 5, len(segment))
    means = segment_mean(torch.from_numpy(values), torch.from_numpy(segment), torch.from_numpy(weight), len(sizes))
    for s, size in enumerate(sizes):
        own = segment == s
        expected = np.average(values[own], axis=0, weights=weight[own]) if size else np.zeros(3)
        np.testing.assert_allclose(means[s], expected, atol=1e-12)


def test_scale_of_the_weights_does_not_matter():
    values, segment = torch.randn(6, 2), torch.tensor([0, 0, 0, 1, 1, 1])
    weight = torch.rand(6) + 0.1
    for scale in (1e-10, 1e10):
        torch.testing.assert_close(
            segment_mean(values, segment, scale * weight, 2), segment_mean(values, segment, weight, 2)
        )


def test_units_of_no_weight_do_not_count_and_a_segment_of_no_weight_is_zero():
    means = segment_mean(torch.tensor([[1.0], [9.0], [7.0]]), torch.tensor([0, 0, 1]), torch.tensor([1.0, 0, 0]), 3)
    assert means.tolist() == [[1.0], [0.0], [0.0]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradient_is_the_normalised_weight(dtype):
    values = torch.randn(4, 1, dtype=dtype, requires_grad=True)
    weight = torch.tensor([1.0, 3.0, 2.0, 2.0], dtype=dtype)
    means = segment_mean(values, torch.tensor([0, 0, 1, 1]), weight, 2)
    assert means.dtype == dtype
    means.sum().backward()
    torch.testing.assert_close(values.grad.squeeze(1), torch.tensor([0.25, 0.75, 0.5, 0.5], dtype=dtype))
