"""What the user may have meant."""

import difflib
import re
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
    alike = [known for known in names if _bare(known) == _bare(str(name))]
    close = [*alike, *(other for other in difflib.get_close_matches(str(name), names, n=3) if other not in alike)][:3]
    if close:
        return f"Did you mean {' or '.join(map(repr, close))}?"
    shown = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    return f"There are: {shown}." if names else "There are none."


def _bare(name: str) -> str:
    """A name without what one easily gets wrong: capitals, spaces and the like, zeros before a number, the point of a whole number."""
    name = re.sub(r"(?<=\d)\.0$", "", name.lower())
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", name))
