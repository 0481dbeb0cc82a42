import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from gde.nn import SetNoise


def _draws(noise):
    n = noise.n_units
    return [
        noise.normal(3),
        noise.uniform(2),
        noise.gamma(torch.full((n, 2), 0.7)),
        noise.poisson(torch.full((n, 2), 30.0)),
        noise.dropout(torch.ones(n, 4), 0.5),
        noise.normal(1),
    ]


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 5)), min_size=1, max_size=5))
def test_noise_of_a_set_is_a_function_of_its_seed_alone(sets):
    seeds, sizes = zip(*sets, strict=True)
    together = _draws(SetNoise(seeds, sizes, "cpu"))
    start = 0
    for seed, size in sets:
        for all_draws, own in zip(together, _draws(SetNoise([seed], [size], "cpu")), strict=True):
            torch.testing.assert_close(all_draws[start : start + size], own, rtol=0, atol=0)
        start += size


def test_two_sets_and_two_calls_get_fresh_numbers():
    noise = SetNoise([1, 2], [4, 4], "cpu")
    first, second = noise.normal(2), noise.normal(2)
    assert len(torch.cat([first, second]).unique()) == 32


@pytest.mark.parametrize(
    ("draw", "distribution"),
    [
        (lambda noise, like: noise.normal(1), scipy.stats.norm()),
        (lambda noise, like: noise.uniform(1), scipy.stats.uniform()),
        (lambda noise, like: noise.gamma(0.5 * like), scipy.stats.gamma(0.5)),
        (lambda noise, like: noise.gamma(20 * like), scipy.stats.gamma(20)),
    ],
)
def test_continuous_numbers_have_their_distribution(draw, distribution):
    n = 4000
    values = draw(SetNoise([5, 6], [n // 2, n // 2], "cpu"), torch.ones(n, 1))
    assert values.shape == (n, 1) and values.dtype == torch.float32
    assert scipy.stats.kstest(values.numpy().ravel(), distribution.cdf).pvalue > 0.001


@pytest.mark.parametrize("rate", [0.0, 0.3, 40.0])
def test_poisson_numbers_have_their_moments(rate):
    n = 4000
    counts = SetNoise([7], [n], "cpu").poisson(torch.full((n, 1), rate)).numpy()
    assert (counts == np.rint(counts)).all()
    assert counts.mean() == pytest.approx(rate, abs=4 * np.sqrt(rate / n) + 1e-12)
    assert counts.var() == pytest.approx(rate, rel=0.15)


def test_dropout_zeroes_its_share_and_keeps_the_mean():
    values = SetNoise([8], [5000], "cpu").dropout(torch.full((5000, 1), 3.0), 0.2)
    assert set(values.unique().tolist()) == {0.0, 3.75}
    assert float((values == 0).float().mean()) == pytest.approx(0.2, abs=0.03)


def test_dropout_of_nothing_changes_nothing():
    values = torch.randn(5, 3)
    torch.testing.assert_close(SetNoise([9], [5], "cpu").dropout(values, 0.0), values)


def test_sizes_and_seeds_must_correspond():
    with pytest.raises(ValueError):
        SetNoise([1, 2], [3], "cpu").normal(1)


def test_does_not_touch_the_ambient_generators():
    torch.manual_seed(0), np.random.seed(0)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(0), np.random.seed(0)
    SetNoise([1], [3], "cpu").normal(2)
    assert (torch.rand(1), np.random.rand()) == expected


def test_noise_of_the_sets_is_a_function_of_their_seeds():
    both = SetNoise([1, 2], [3, 0], "cpu").normal_of_sets(4)
    assert both.shape == (2, 4)
    torch.testing.assert_close(both[1:], SetNoise([2], [5], "cpu").normal_of_sets(4), rtol=0, atol=0)
    assert (both[0] != both[1]).all()


def test_thinning_keeps_each_count_with_the_probability_of_its_unit_and_belongs_to_the_set():
    x = torch.full((200, 30), 10.0)
    x[:, ::2] = 0
    kept = torch.linspace(0, 1, 200)
    thinned = SetNoise([1, 2], [80, 120], "cpu").thin(x.to_sparse_csr(), kept).to_dense()
    assert (thinned == thinned.round()).all() and (thinned <= x).all() and (thinned >= 0).all()
    assert (thinned[0] == 0).all() and (thinned[-1] == x[-1]).all()
    np.testing.assert_allclose(thinned[:, 1::2].mean(1), 10 * kept, atol=2)
    second = SetNoise([2], [120], "cpu").thin(x[80:].to_sparse_csr(), kept[80:]).to_dense()
    assert (thinned[80:] == second).all()


def test_uniform_numbers_of_sets_belong_to_the_set():
    both = SetNoise([1, 2], [3, 4], "cpu").uniform_of_sets(2)
    assert both.shape == (2, 2) and ((both >= 0) & (both < 1)).all()
    assert (both[1] == SetNoise([2], [4], "cpu").uniform_of_sets(2)[0]).all()


def test_values_of_sets_are_repeated_for_their_units():
    noise = SetNoise([1, 2], [3, 1], "cpu")
    values = noise.uniform_of_sets(2)
    torch.testing.assert_close(noise.repeat(values), values[[0, 0, 0, 1]])
