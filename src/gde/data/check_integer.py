"""Check of an argument that counts something."""

from numbers import Integral, Real


def check_integer(argument: str, value: object, at_least: int = 0) -> int:
    """Raise a clear error if an argument is not a whole number, or too small.

    Parameters
    ----------
    argument
        Its name.
    value
        What was passed.
    at_least
        The smallest number that makes sense.

    Returns
    -------
    The number as an ``int``.

    Raises
    ------
    TypeError
        If it is no number; ``True`` is none.
    ValueError
        If it is a float, even ``2.0``, too small, or more than 64 bits hold.

    Examples
    --------
    >>> from gde.data import check_integer
    >>> check_integer("n_units", 20, 1)
    20
    """
    if type(value) is bool or not isinstance(value, Integral):
        error = TypeError if type(value) is bool or not isinstance(value, Real) else ValueError
        raise error(f"`{argument}` must be a whole number, at least {at_least}, got {value!r}.")
    if not at_least <= int(value) < 2**63:
        raise ValueError(f"`{argument}` must be at least {at_least}, and below 2**63, got {value}.")
    return int(value)
