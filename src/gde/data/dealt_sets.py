"""The sets of each batch, dealt out to processes."""

from collections.abc import Iterator
from typing import Any

from torch.utils.data import Sampler

from gde.data.set_index import SetIndex


class DealtSets(Sampler[SetIndex]):
    """What one of several processes gets of the batches that all of them agree on: every ``n_processes``-th set of each.

    So a batch is as large as without them, training goes the same way on any number of processes, and no set is seen twice.

    Parameters
    ----------
    batches
        A sampler of batches, or a list of them; the same in every process.
    process, n_processes
        Number of this process, from 0, and of all.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import ChunkSampler, DealtSets, GroupRows
    >>> batches = ChunkSampler(GroupRows(np.array([0, 1, 2])), batch_size=3)
    >>> [[index.rows.tolist() for index in DealtSets(batches, process, 2)] for process in range(2)]
    [[[0, 2]], [[1]]]
    """

    def __init__(self, batches: Any, process: int, n_processes: int):
        self.batches = batches
        self.process = process
        self.n_processes = n_processes

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[SetIndex]:
        return (index.deal(self.process, self.n_processes) for index in self.batches)

    def set_epoch(self, epoch: int) -> None:
        """Go to an epoch; Lightning calls this before each one."""
        if hasattr(self.batches, "set_epoch"):
            self.batches.set_epoch(epoch)
