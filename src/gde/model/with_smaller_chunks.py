"""Smaller chunks where memory does not suffice."""

import warnings
from collections.abc import Callable
from typing import TypeVar

import torch

T = TypeVar("T")


def with_smaller_chunks(run: Callable[[int], T], batch_size: int) -> T:
    """Do something chunk by chunk; while memory runs out, warn and start again with chunks of half the size.

    Parameters
    ----------
    run
        What is to be done; takes the number of units in a chunk, on which its result must not depend.
    batch_size
        Number of units in a chunk to begin with.

    Raises
    ------
    MemoryError, RuntimeError
        The error of ``run`` where a chunk of one unit is too much, or the error is another one.

    Examples
    --------
    >>> import warnings
    >>> from gde.model.with_smaller_chunks import with_smaller_chunks
    >>> def run(n_units):
    ...     if n_units > 100:
    ...         raise MemoryError
    ...     return n_units
    >>> with warnings.catch_warnings(action="ignore"):
    ...     with_smaller_chunks(run, 300)
    75
    """
    while True:
        try:
            return run(batch_size)
        except (MemoryError, RuntimeError) as error:
            if not _is_memory(error) or batch_size == 1:
                raise
        # Only here is the error gone, and with it the tensors that its frames held.
        batch_size //= 2
        warnings.warn(
            f"Not enough memory: starting again with chunks of {batch_size} units. The result is the same; `batch_size={batch_size}` spares the "
            "first attempt.",
            UserWarning,
            stacklevel=2,
        )


def _is_memory(error: Exception) -> bool:
    """Whether memory ran out; torch has a type of its own for it on accelerators, but not on the CPU."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)
