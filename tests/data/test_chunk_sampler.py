import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gde.data import ChunkSampler, GroupRows

few = settings(max_examples=40)
codes = st.lists(st.sampled_from([0, 2, 5, 9]), max_size=40).map(lambda values: np.array(values, dtype=int))
set_sizes = st.one_of(st.none(), st.integers(1, 12))
chunk_seeds = st.one_of(st.none(), st.integers(0, 5))


@few
@given(codes, st.integers(1, 15), set_sizes, chunk_seeds)
def test_every_unit_comes_once_in_a_set_of_its_group(codes, batch_size, set_size, seed):
    sampler = ChunkSampler(GroupRows(codes), batch_size=batch_size, set_size=set_size, seed=seed)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert sorted(row for index in batches for row in index.rows.tolist()) == list(range(len(codes)))
    for index in batches:
        assert 0 < len(index.rows) <= batch_size
        assert max(index.sizes) <= (set_size or batch_size)
        assert min(index.sizes) > 0 and len(index.sizes) == len(index.label) == len(index.seeds)
        np.testing.assert_array_equal(codes[index.rows], index.label[index.set_of_unit])
        np.testing.assert_allclose(np.bincount(index.set_of_unit, index.weight), 1, rtol=1e-5)


@few
@given(codes, st.integers(1, 15), set_sizes, chunk_seeds)
def test_yields_the_same_each_time(codes, batch_size, set_size, seed):
    sampler = ChunkSampler(GroupRows(codes), batch_size=batch_size, set_size=set_size, seed=seed)
    for first, second in zip(sampler, sampler, strict=True):
        np.testing.assert_array_equal(first.rows, second.rows)
        np.testing.assert_array_equal(first.seeds, second.seeds)


def test_a_seed_shuffles_units_within_their_group():
    groups = GroupRows(np.repeat([0, 1], 30))
    plain, shuffled = (next(iter(ChunkSampler(groups, batch_size=60, seed=seed))).rows for seed in (None, 0))
    assert plain.tolist() == list(range(60))
    assert shuffled.tolist() != plain.tolist()
    assert sorted(shuffled[:30]) == list(range(30))


def test_seeds_of_all_sets_differ():
    sampler = ChunkSampler(GroupRows(np.repeat([0, 1], 30)), batch_size=16, set_size=5, seed=0)
    seeds = [seed for index in sampler for seed in index.seeds]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("seed", [None, 0])
def test_of_no_units_there_are_no_chunks(seed):
    sampler = ChunkSampler(GroupRows(np.zeros(3, dtype=int), np.zeros(0, dtype=int)), batch_size=4, seed=seed)
    assert len(sampler) == 0 and list(sampler) == []
