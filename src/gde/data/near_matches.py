"""What the user may have meant."""

import difflib
from collections.abc import Iterable


def near_matches(name: object, known: Iterable[object]) -> str:
    """The end of an error message about an unknown name: near matches, else the first known names.

    Examples
    --------
    >>> from gde.data import near_matches
    >>> near_matches("doner", ["donor", "batch"])
    "Did you mean 'donor'?"
    """
    names = [str(value) for value in known]
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    return f"There are: {shown}." if names else "There are none."
