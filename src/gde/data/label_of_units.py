"""The class or number of each unit's group."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gde.data.group_labels import group_labels
from gde.data.near_matches import near_matches


def label_of_units(
    obs: pd.DataFrame,
    group_keys: Sequence[str],
    labels_key: str,
    unlabeled_category: object = None,
    classes: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Label of the group of each unit, as a number, and the names of the classes.

    Text, categories and booleans are classes; numbers are numbers. Missing values and ``unlabeled_category`` say that nothing is known, and a group
    has the label of those of its units that have one.

    Parameters
    ----------
    obs
        Annotation of the units.
    group_keys
        Columns that say which group a unit belongs to.
    labels_key
        Column with the label of each unit's group.
    unlabeled_category
        What stands there for groups whose label is not known.
    classes
        Names of the classes that a model knows; None: those that are found.

    Returns
    -------
    Code of the class, or the number, of each unit's group, NaN where it is not known, shape (n_units,); and the names of the classes, None for numbers.

    Raises
    ------
    KeyError
        If there is no such column.
    ValueError
        If groups have no columns of their own, a group has two labels, numbers are infinite, or a class is not one of ``classes``.

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.data import label_of_units
    >>> obs = pd.DataFrame({"donor": list("aabbcc"), "phenotype": ["ill", "ill", "well", "well", "unknown", "unknown"]})
    >>> label_of_units(obs, ["donor"], "phenotype", "unknown")
    (array([ 0.,  0.,  1.,  1., nan, nan]), array(['ill', 'well'], dtype=object))
    """
    if not group_keys:
        raise ValueError(
            "`labels_key` is for groups that share no units: use `group_kind='discrete'`, or leave it out."
        )
    if labels_key in group_keys:
        raise ValueError(
            f"`labels_key`: {labels_key!r} names the groups too, so that no two groups share a label. Choose another column."
        )
    if labels_key not in obs:
        raise KeyError(
            f"`labels_key`: {labels_key!r} is not a column of `.obs`. {near_matches(labels_key, obs.columns)}"
        )
    column = obs[labels_key].astype(object).reset_index(drop=True)
    known = column[~(column.isna() | (column == unlabeled_category)).to_numpy(bool)]
    names: np.ndarray | None = None
    if _are_numbers(obs[labels_key], known) and classes is None:
        values = known.to_numpy(float)
        if not np.isfinite(values).all():
            raise ValueError(f"`labels_key`: `.obs[{labels_key!r}]` has infinite values. Make them NaN (not known).")
    else:
        found = known.astype(str)
        names = np.array(sorted(found.unique()) if classes is None else list(classes), dtype=object)
        values = pd.Index(names).get_indexer(found).astype(float)
        if (values < 0).any():
            raise ValueError(
                f"`labels_key`: {found[values < 0].iloc[0]!r} is not a class of this model, which knows {', '.join(map(repr, names))}. "
                "Make it missing, or train a new model."
            )
    groups = group_labels(obs, group_keys).astype(str).reset_index(drop=True)
    pairs = pd.DataFrame({"group": groups[known.index], "label": values}).drop_duplicates()
    _check_one_label(pairs, names, labels_key)
    return groups.map(pairs.set_index("group")["label"]).to_numpy(float), names


def _are_numbers(column: pd.Series, known: pd.Series) -> bool:
    """Whether known labels are numbers, in a column of numbers or among text that says what is not known."""
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(column.dtype):
        return False
    return pd.api.types.infer_dtype(known) in ("integer", "floating", "mixed-integer-float", "decimal")


def _check_one_label(pairs: pd.DataFrame, names: np.ndarray | None, labels_key: str) -> None:
    twice = pairs[pairs["group"].duplicated(keep=False)]
    if len(twice):
        group = twice["group"].iloc[0]
        labels = twice.loc[twice["group"] == group, "label"]
        shown = [f"{label:g}" if names is None else repr(names[int(label)]) for label in labels[:3]]
        raise ValueError(
            f"`labels_key`: a label belongs to a whole group, and group {group!r} has several in `.obs[{labels_key!r}]`: {', '.join(shown)} "
            f"({twice['group'].nunique()} such groups). Correct them, make them missing, or name finer groups in `group_key`."
        )
