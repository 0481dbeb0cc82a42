"""Checks of the labels of groups, before anything is registered."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gde.data._warn_if_confounded import warn_if_confounded
from gde.data.label_of_units import label_of_units
from gde.data.near_matches import near_matches


def check_labels(
    obs: pd.DataFrame,
    group_keys: Sequence[str],
    labels_key: str,
    unlabeled_category: object,
    categorical_keys: Sequence[str] = (),
    continuous_keys: Sequence[str] = (),
) -> None:
    """Raise a clear error if groups cannot be trained to have these labels; warn if they can be misleading.

    Parameters
    ----------
    obs, group_keys, labels_key, unlabeled_category
        See :func:`label_of_units`.
    categorical_keys, continuous_keys
        See :func:`check_obs`.

    Raises
    ------
    KeyError, ValueError
        See :func:`label_of_units`; and if the label is a covariate, or no two labels are known.

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.data import check_labels
    >>> check_labels(pd.DataFrame({"donor": ["a", "b"], "phenotype": ["ill", "well"]}), ["donor"], "phenotype", None)
    """
    if labels_key in (*categorical_keys, *continuous_keys):
        raise ValueError(
            f"`labels_key`: {labels_key!r} is a covariate too, which the generator is told. Choose one role."
        )
    labels, classes = label_of_units(obs, group_keys, labels_key, unlabeled_category)
    if unlabeled_category is not None and not (obs[labels_key] == unlabeled_category).any():
        warnings.warn(
            f"`unlabeled_category`: {unlabeled_category!r} does not occur in `.obs[{labels_key!r}]`, so all values there count as labels. "
            f"{near_matches(unlabeled_category, obs[labels_key].dropna().unique())}",
            UserWarning,
            stacklevel=3,
        )
    n_labels = len(np.unique(labels[np.isfinite(labels)]))
    if n_labels < 2:
        raise ValueError(
            f"`labels_key`: `.obs[{labels_key!r}]` has {n_labels} label(s) beside missing values and {unlabeled_category!r}, and at least 2 are needed."
        )
    if classes is not None:
        for covariate in categorical_keys:
            warn_if_confounded(obs[np.isfinite(labels)], labels_key, covariate)
    elif n_labels == 2:
        warnings.warn(
            f"{labels_key!r} holds two distinct numbers and is taken for a number. If these are classes, make it `.astype(str)`.",
            UserWarning,
            stacklevel=3,
        )
