"""Checks of the labels of groups, before anything is registered."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gde.data.label_of_units import label_of_units


def check_labels(
    obs: pd.DataFrame,
    group_keys: Sequence[str],
    labels_key: str,
    unlabeled_category: object,
    covariate_keys: Sequence[str] = (),
) -> None:
    """Raise a clear error if groups cannot be trained to have these labels; warn if numbers look like classes.

    Parameters
    ----------
    obs, group_keys, labels_key, unlabeled_category
        See :func:`label_of_units`.
    covariate_keys
        Columns of batch and covariates.

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
    if labels_key in covariate_keys:
        raise ValueError(
            f"`labels_key`: {labels_key!r} is a covariate too, which the generator is told. Choose one role."
        )
    labels, classes = label_of_units(obs, group_keys, labels_key, unlabeled_category)
    n_labels = len(np.unique(labels[np.isfinite(labels)]))
    if n_labels < 2:
        raise ValueError(
            f"`labels_key`: `.obs[{labels_key!r}]` has {n_labels} label(s) beside missing values and {unlabeled_category!r}, and at least 2 are needed."
        )
    if classes is None and n_labels == 2:
        warnings.warn(
            f"{labels_key!r} holds two distinct numbers and is taken for a number. If these are classes, make it `.astype(str)`.",
            UserWarning,
            stacklevel=3,
        )
