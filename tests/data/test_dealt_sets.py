import numpy as np
import pytest

from gde.data import ChunkSampler, DealtSets, GroupRows, SetSampler


@pytest.mark.parametrize("n_processes", [1, 2, 3, 7])
def test_every_set_of_every_batch_goes_to_one_process_as_it_is(n_processes):
    sampler = SetSampler(GroupRows(np.repeat(np.arange(5), 30)), batch_size=64, n_batches=4, seed=1)
    dealt = [DealtSets(sampler, process, n_processes) for process in range(n_processes)]
    for part in dealt:
        part.set_epoch(3)
    for whole, *parts in zip(sampler, *dealt, strict=True):
        parts = [part for part in parts if part.share]
        assert sorted(np.concatenate([part.seeds for part in parts])) == sorted(whole.seeds)
        assert sum(part.share for part in parts) == pytest.approx(1)
        assert all(part.n_units_of_batch == len(whole.rows) for part in parts)
        for part in parts:
            for number, seed in enumerate(part.seeds):
                (position,) = np.flatnonzero(whole.seeds == seed)
                for name in ("rows", "weight"):
                    mine, all_of_them = getattr(part, name), getattr(whole, name)
                    np.testing.assert_array_equal(
                        mine[part.set_of_unit == number], all_of_them[whole.set_of_unit == position]
                    )
                assert part.label[number] == whole.label[position]


def test_a_process_without_a_set_gets_one_that_counts_nothing():
    (index,) = DealtSets(ChunkSampler(GroupRows(np.zeros(4, dtype=int)), batch_size=8), 1, 2)
    assert index.share == 0 and len(index.rows) == 4
