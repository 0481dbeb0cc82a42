"""Every unit once, in chunks."""

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from gde.data.group_rows import GroupRows
from gde.data.set_index import SetIndex


class ChunkSampler(Sampler[SetIndex]):
    """Goes through all units group by group; a large group is cut into sets of at most ``set_size`` units.

    It serves validation (each set is scored on its own) and embedding (the driver adds up the sets of a group by their label). It always
    yields the same batches with the same seeds.

    Parameters
    ----------
    groups
        Rows of the groups.
    batch_size
        Number of units in a batch, at most.
    set_size
        Largest number of units in a set; None: as large as a batch.
    seed
        Seed of the order of units within a group and of the sets' noise; None: the order of the data and no seeds of use.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import ChunkSampler, GroupRows
    >>> sampler = ChunkSampler(GroupRows(np.array([0, 0, 0, 1])), batch_size=2)
    >>> [(index.rows.tolist(), index.label.tolist()) for index in sampler]
    [([0, 1], [0]), ([2, 3], [0, 1])]
    """

    def __init__(self, groups: GroupRows, *, batch_size: int, set_size: int | None = None, seed: int | None = None):
        self.batch_size = batch_size
        self.seed = seed or 0
        rng = None if seed is None else np.random.default_rng(seed)
        rows = [
            groups[code] if rng is None or groups.in_runs else rng.permutation(groups[code])
            for code in groups.codes.tolist()
        ]
        self._rows = np.concatenate(rows) if rows else np.zeros(0, dtype=int)
        self._labels = np.repeat(groups.codes, groups.sizes)
        within_group = np.concatenate([np.arange(size) for size in groups.sizes]) if rows else self._rows
        self._piece = within_group // (set_size or len(self._rows) or 1)

    def __len__(self) -> int:
        return -(-len(self._rows) // self.batch_size)

    def __iter__(self) -> Iterator[SetIndex]:
        return (self._batch(start) for start in range(0, len(self._rows), self.batch_size))

    def _batch(self, start: int) -> SetIndex:
        window = slice(start, start + self.batch_size)
        labels, piece = self._labels[window], self._piece[window]
        is_first = np.r_[True, (np.diff(labels) != 0) | (np.diff(piece) != 0)]
        set_of_unit = np.cumsum(is_first) - 1
        sizes = np.bincount(set_of_unit)
        return SetIndex(
            rows=self._rows[window],
            set_of_unit=set_of_unit,
            weight=(1 / sizes).astype(np.float32)[set_of_unit],
            label=labels[is_first],
            seeds=np.concatenate(
                [
                    np.random.SeedSequence((self.seed, start, number), spawn_key=(0,)).generate_state(1, np.uint64)
                    for number in range(len(sizes))
                ]
            ),
        )
