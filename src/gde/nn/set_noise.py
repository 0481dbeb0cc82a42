"""Random numbers that belong to a set, not to the moment at which they are drawn."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


class SetNoise:
    """Noise of the units of several sets; that of each set is a function of the set's seed alone.

    A set gets the same numbers whichever other sets are in the batch and whichever process asks, so reruns, resumed runs and several
    processes agree. Successive calls give fresh numbers. The numbers are drawn on the CPU by numpy, whose streams are the same on
    every machine.

    Parameters
    ----------
    seeds
        Seed of each set.
    sizes
        Number of units of each set.
    device
        Where the numbers go.

    Examples
    --------
    >>> import torch
    >>> from gde.nn import SetNoise
    >>> both = SetNoise([1, 2], [3, 4], "cpu").normal(5)
    >>> second = SetNoise([2], [4], "cpu").normal(5)
    >>> bool((both[3:] == second).all())
    True
    """

    def __init__(self, seeds: Sequence[int], sizes: Sequence[int], device: torch.device | str):
        self._generators = [np.random.default_rng(int(seed)) for seed in seeds]
        self._bounds = np.cumsum([0, *sizes])
        self._device = device

    @property
    def n_units(self) -> int:
        """Number of units of all sets together."""
        return int(self._bounds[-1])

    def normal(self, n_columns: int) -> Tensor:
        """Standard normal numbers, shape (n_units, n_columns)."""
        return self._draw(lambda rng, start, stop: rng.standard_normal((stop - start, n_columns), dtype=np.float32))

    def normal_of_sets(self, n_columns: int) -> Tensor:
        """Standard normal numbers of the sets themselves, shape (n_sets, n_columns)."""
        numbers = [rng.standard_normal(n_columns, dtype=np.float32) for rng in self._generators]
        return torch.from_numpy(np.stack(numbers)).to(self._device)

    def uniform_of_sets(self, n_columns: int) -> Tensor:
        """Uniform numbers in [0, 1) of the sets themselves, shape (n_sets, n_columns)."""
        numbers = [rng.random(n_columns, dtype=np.float32) for rng in self._generators]
        return torch.from_numpy(np.stack(numbers)).to(self._device)

    def repeat(self, values: Tensor) -> Tensor:
        """Values of the sets, shape (n_sets, n_columns), for each of their units, shape (n_units, n_columns)."""
        return values.repeat_interleave(torch.from_numpy(np.diff(self._bounds)).to(values.device), dim=0)

    def uniform(self, n_columns: int) -> Tensor:
        """Uniform numbers in [0, 1), shape (n_units, n_columns)."""
        return self._draw(lambda rng, start, stop: rng.random((stop - start, n_columns), dtype=np.float32))

    def gamma(self, shape: Tensor) -> Tensor:
        """Gamma numbers with unit scale; ``shape`` is (n_units, n_columns)."""
        values = shape.numpy(force=True)
        return self._draw(lambda rng, start, stop: rng.standard_gamma(values[start:stop], dtype=values.dtype))

    def poisson(self, rate: Tensor) -> Tensor:
        """Poisson counts; ``rate`` is (n_units, n_columns)."""
        values = rate.numpy(force=True)
        return self._draw(lambda rng, start, stop: rng.poisson(values[start:stop]).astype(values.dtype))

    def thin(self, counts: Tensor, kept: Tensor) -> Tensor:
        """Binomial draws from ``counts``, CSR (n_units, n_columns), whose probability is that of the unit, (n_units,)."""
        starts = counts.crow_indices().numpy(force=True)
        share = np.repeat(kept.numpy(force=True), np.diff(starts))
        values = counts.values().numpy(force=True)

        def draw(rng: np.random.Generator, start: int, stop: int) -> np.ndarray:
            own = slice(starts[start], starts[stop])
            return rng.binomial(values[own].astype(np.int64), share[own]).astype(values.dtype)

        return torch.sparse_csr_tensor(counts.crow_indices(), counts.col_indices(), self._draw(draw), counts.shape)

    def dropout(self, values: Tensor, rate: float) -> Tensor:
        """Zero a share ``rate`` of ``values``, shape (n_units, n_columns), and scale up the rest (Srivastava et al. 2014)."""
        kept = (self.uniform(values.shape[1]) >= rate).to(values.dtype)
        return values * kept.mul_(1 / (1 - rate))

    def _draw(self, draw: Callable[[np.random.Generator, int, int], np.ndarray]) -> Tensor:
        bounds = zip(self._bounds[:-1], self._bounds[1:], strict=True)
        parts = [draw(rng, start, stop) for rng, (start, stop) in zip(self._generators, bounds, strict=True)]
        return torch.from_numpy(np.concatenate(parts)).to(self._device)
