"""Sets of units, flat: no padding, no fixed set size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Scoring = Literal["other_half", "same_units", "both"]


@dataclass(frozen=True)
class SetBatch:
    """Several weighted empirical measures in one flat array.

    Parameters
    ----------
    units
        Features of the units of all sets, shape (n_units, n_features).
    set_of_unit
        Set of each unit, shape (n_units,), integers below ``n_sets``; ascending where sets are split or padded.
    weight
        Non-negative weight of each unit, shape (n_units,). Only ratios within a set matter.
    n_sets
        Number of sets.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import SetBatch
    >>> batch = SetBatch(torch.randn(5, 2), torch.tensor([0, 0, 0, 1, 1]), torch.ones(5), n_sets=2)
    >>> batch.n_units
    5
    """

    units: Tensor
    set_of_unit: Tensor
    weight: Tensor
    n_sets: int

    @property
    def n_units(self) -> int:
        """Number of units of all sets together."""
        return self.units.shape[0]

    def halves(self, scoring: Scoring = "other_half") -> tuple[SetBatch, Tensor]:
        """Split each set in two, so that a generator can be scored on units that the encoder did not see.

        Set ``s`` becomes the sets ``2 s`` (its first units) and ``2 s + 1`` (the rest). Units of a set come in random order
        from the sampler, so this is a random split.

        Parameters
        ----------
        scoring
            Whose embedding generates a half: that of the ``"other_half"``, or its own (``"same_units"``). ``"both"`` takes the one in every
            second set and the other in the rest, which estimates the mean of both losses without bias and at the cost of one.

        Returns
        -------
        The batch of ``2 * n_sets`` halves, and for each half the half whose embedding generates it, shape (2 * n_sets,); a set of a single
        unit has only itself.
        """
        counts = torch.bincount(self.set_of_unit, minlength=self.n_sets)
        second_half = counts.cumsum(0) - counts // 2  # where it begins
        units = torch.arange(self.n_units, device=counts.device)
        halves = 2 * self.set_of_unit + (units >= second_half[self.set_of_unit])

        own = torch.arange(2 * self.n_sets, device=counts.device)
        is_own = {"other_half": own < 0, "same_units": own >= 0, "both": own // 2 % 2 == 1}[scoring]
        is_alone = counts[own // 2] < 2 - own % 2  # the first half of a set of one unit, both of a set of none
        partner = torch.where(is_own | is_alone, own, own ^ 1)
        return SetBatch(self.units, halves, self.weight, 2 * self.n_sets), partner
