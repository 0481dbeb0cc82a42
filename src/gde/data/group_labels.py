"""One label per group from one or several columns of `.obs`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gde.data.near_matches import near_matches

SEPARATOR = " | "


def group_labels(obs: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Label of the group of each unit.

    One key gives its column as it is. Several keys make nested groups, whose label joins the levels, since h5ad has no MultiIndex.

    Parameters
    ----------
    obs
        Annotation of the units.
    keys
        Columns of ``obs``.

    Returns
    -------
    Labels with the index of ``obs``.

    Raises
    ------
    KeyError
        If a column does not exist.
    ValueError
        If no column is named, or levels hold the separator so that groups would get one name.

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.data import group_labels
    >>> obs = pd.DataFrame({"donor": ["D1", "D1"], "day": [2, 6]})
    >>> group_labels(obs, ["donor", "day"]).tolist()
    ['D1 | 2', 'D1 | 6']
    """
    if not keys:
        raise ValueError("`group_key` names no column. Name at least one column of `.obs`.")
    for key in keys:
        if key not in obs:
            raise KeyError(f"`group_key`: {key!r} is not a column of `.obs`. {near_matches(key, obs.columns)}")
    if len(keys) == 1:
        return obs[keys[0]]
    levels = [obs[key].astype(str) for key in keys]
    labels = levels[0].str.cat(levels[1:], sep=SEPARATOR)
    n_tuples = len(pd.concat(levels, axis=1).drop_duplicates())
    if labels.nunique() != n_tuples:
        raise ValueError(
            f"Levels of {list(keys)} contain {SEPARATOR!r}, so that {n_tuples} groups give only {labels.nunique()} labels: "
            "replace it in these columns, e.g. by `adata.obs[key].str.replace('|', '/')`."
        )
    return pd.Series(np.asarray(labels, dtype=object), index=obs.index)
