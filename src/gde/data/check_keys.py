"""Check of the names that are given to places in an AnnData."""

from collections.abc import Mapping
from typing import Any

NAMES = (
    "layer",
    "obsm_key",
    "encoder_obsm_key",
    "group_obsm_key",
    "sequence_key",
    "batch_key",
    "labels_key",
    "key_added",
    "key",
    "level",
    "by",
    "groupby",
)
LISTS = ("categorical_covariate_keys", "continuous_covariate_keys", "columns")


def check_keys(arguments: Mapping[str, Any]) -> None:
    """Raise a clear error if arguments that name columns, layers or matrices are not text.

    Parameters
    ----------
    arguments
        Arguments of :meth:`gde.GDEModel.setup_anndata` and other methods by name; those that name nothing are ignored.

    Raises
    ------
    TypeError
        If a name is not text, or a list of names is something else.

    Examples
    --------
    >>> from gde.data import check_keys
    >>> check_keys({"group_key": ["donor", "day"], "batch_key": None})
    """
    for argument in NAMES:
        name = arguments.get(argument)
        if not isinstance(name, str | None):
            raise TypeError(f"`{argument}` must be a name, a text such as 'batch', got {name!r}.")
    for argument in LISTS:
        names = arguments.get(argument)
        if isinstance(names, str):
            raise TypeError(f"`{argument}` must be a list of names: `{argument}=[{names!r}]`.")
        if names is not None and not _are_names(names):
            raise TypeError(f"`{argument}` must be a list of names, each a text, got {names!r}.")
    group = arguments.get("group_key")
    if not (isinstance(group, str | None) or _are_names(group)):
        raise TypeError(
            f"`group_key` must be the name of a column of `.obs`, or a list of names, each a text, got {group!r}."
        )


def _are_names(names: Any) -> bool:
    return isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
