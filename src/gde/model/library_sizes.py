"""Library sizes that a user asks for."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gde.data import JointUnits, Units

LARGEST = 1e9  # counts in a unit; no cell has as many, and samplers of counts fail at some size


def library_sizes(library_size: Any, n_units: int, units: Units) -> dict[str, np.ndarray]:
    """Library sizes of new units, by the name of the argument of the observation's ``sample``.

    Parameters
    ----------
    library_size
        One number, or one for each new unit; of several modalities a mapping from their names to such; None: none are set.
    n_units
        Number of new units.
    units
        What a unit is.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If units have none, or a value is not positive.

    Examples
    --------
    >>> from gde.data import MatrixUnits
    >>> from gde.model.library_sizes import library_sizes
    >>> library_sizes(500, 2, MatrixUnits())
    {'library_size': array([500., 500.], dtype=float32)}
    """
    if library_size is None:
        return {}
    if not isinstance(units, JointUnits):
        if units.observation != "counts":
            raise ValueError(f"`library_size` is for counts; this model's units are {units.observation}.")
        return {"library_size": _checked(library_size, n_units, "`library_size`")}
    counted = [name for name, part in units.parts.items() if part.observation == "counts"]
    if not isinstance(library_size, Mapping) or not set(library_size) <= set(counted):
        raise ValueError(
            f"`library_size` must be a mapping from modalities with counts ({', '.join(counted)}), got {library_size!r}."
        )
    return {name: _checked(size, n_units, f"`library_size`, {name!r}") for name, size in library_size.items()}


def _checked(library_size: Any, n_units: int, where: str) -> np.ndarray:
    try:
        library = np.asarray(library_size, dtype=np.float32)
    except (TypeError, ValueError):
        raise TypeError(
            f"{where} must be one number, or one for each of the {n_units} new units, got {library_size!r}."
        ) from None
    if library.shape not in ((), (n_units,)) or not ((library > 0) & (library < LARGEST)).all():
        raise ValueError(
            f"{where} must be positive and below {LARGEST:.0e}: one number, or one for each of the {n_units} new units, got {library_size!r}."
        )
    return np.array(np.broadcast_to(library, n_units))
