"""Which units are held out of training."""

from typing import Literal

import numpy as np

from gde.data.check_number import check_number
from gde.data.group_rows import GroupRows


def split_units(
    codes: np.ndarray, validation: Literal["cells", "groups"], validation_size: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into training and validation.

    Parameters
    ----------
    codes
        Group code of each row, shape (n_rows,).
    validation
        ``"cells"`` holds out a share of the units of each group (rounded down, so that small groups give none),
        ``"groups"`` a share of the groups with all their units (at least one).
    validation_size
        The share, in [0, 1). 0 holds out nothing.
    seed
        Seed of the draw.

    Returns
    -------
    Rows of training and of validation, each ascending.

    Examples
    --------
    >>> import numpy as np
    >>> from gde.data import split_units
    >>> train, held_out = split_units(np.repeat([0, 1, 2], 10), "cells", 0.2, seed=0)
    >>> len(train), len(held_out)
    (24, 6)
    """
    if validation not in ("cells", "groups"):
        raise ValueError(f"`validation` must be 'cells' or 'groups', got {validation!r}.")
    if not 0 <= check_number("validation_size", validation_size) < 1:
        raise ValueError(f"`validation_size` must be at least 0 and below 1, got {validation_size}.")
    rng = np.random.default_rng(seed)
    groups = GroupRows(codes)
    held_out = np.zeros(len(codes), dtype=bool)
    if validation == "cells":
        for code in groups.codes.tolist():
            rows = rng.permutation(groups[code])
            held_out[rows[: int(validation_size * len(rows))]] = True
    elif validation_size > 0:
        n_held_out = max(1, int(validation_size * len(groups)))
        held_out = np.isin(codes, rng.permutation(groups.codes)[:n_held_out])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
