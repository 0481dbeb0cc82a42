"""Some units of each half of each set."""

import numpy as np


def part_of_halves(sizes: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The first units of each half of each set, at least one of each. Units of a set come in random order, so these are random ones.

    Parameters
    ----------
    sizes
        Number of units of each set, shape (n_sets,), halved as by :meth:`gde.nn.SetBatch.halves`.
    share
        Share of the units of a half, in (0, 1], rounded up.

    Returns
    -------
    Positions of the units, ascending, and how many of them each set has, shape (n_sets,).

    Examples
    --------
    >>> import numpy as np
    >>> from gde.nn import part_of_halves
    >>> part_of_halves(np.array([9, 2]), 0.25)
    (array([ 0,  1,  5,  9, 10]), array([3, 2]))
    """
    halves = np.stack([sizes - sizes // 2, sizes // 2], axis=1).ravel()
    kept = np.ceil(share * halves).astype(int)
    skipped = np.cumsum(halves - kept) - (halves - kept)  # before each half
    return np.arange(kept.sum()) + np.repeat(skipped, kept), kept.reshape(-1, 2).sum(1)
