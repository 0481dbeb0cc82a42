"""Check of an argument that measures something."""

from numbers import Real


def check_number(argument: str, value: object) -> float:
    """Raise a clear error if an argument is not a number; its range is up to the caller.

    Parameters
    ----------
    argument
        Its name.
    value
        What was passed.

    Returns
    -------
    The number as a ``float``.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> from gde.data import check_number
    >>> check_number("thinning", 1)
    1.0
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{argument}` must be a number such as 0.5, got {value!r}.")
    return float(value)
