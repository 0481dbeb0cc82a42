"""Which rows make the sets of a batch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SetIndex:
    """What a sampler yields: the rows of several sets, flat.

    Parameters
    ----------
    rows
        Row of each unit in the AnnData, shape (n_units,). A row may occur more than once.
    set_of_unit
        Set of each unit, shape (n_units,), ascending.
    weight
        Weight of each unit, shape (n_units,); those of a set sum to 1.
    label
        Code of the label of each set, shape (n_sets,); of a mixture, that of its first one.
    seeds
        Seed of the noise of each set, shape (n_sets,).
    share
        Share of a batch's sets that these are, where several processes have the others.
    n_units_of_batch
        Number of units of that batch; None: these are all.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import SetIndex
    >>> index = SetIndex(
    ...     np.array([7, 2, 5]), np.array([0, 0, 1]), np.array([0.5, 0.5, 1.0]), np.array([3, 1]), np.array([11, 12])
    ... )
    >>> index.sizes
    array([2, 1])
    """

    rows: np.ndarray
    set_of_unit: np.ndarray
    weight: np.ndarray
    label: np.ndarray
    seeds: np.ndarray
    share: float = 1.0
    n_units_of_batch: int | None = None

    @property
    def sizes(self) -> np.ndarray:
        """Number of units of each set, shape (n_sets,)."""
        return np.bincount(self.set_of_unit, minlength=len(self.label))

    def deal(self, process: int, n_processes: int) -> "SetIndex":
        """Every ``n_processes``-th set, from number ``process`` on. If there is none, one set that counts nothing, since processes go in step."""
        sets = np.arange(process, len(self.label), n_processes)
        share = len(sets) / len(self.label)
        sets = sets if len(sets) else np.array([0])
        is_dealt = np.isin(self.set_of_unit, sets)
        return SetIndex(
            rows=self.rows[is_dealt],
            set_of_unit=np.searchsorted(sets, self.set_of_unit[is_dealt]),
            weight=self.weight[is_dealt],
            label=self.label[sets],
            seeds=self.seeds[sets],
            share=share,
            n_units_of_batch=len(self.rows),
        )
