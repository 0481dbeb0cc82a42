"""Checks of the annotation of units, before anything is registered."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gde.data._warn_if_confounded import warn_if_confounded
from gde.data.group_labels import group_labels
from gde.data.near_matches import near_matches

MANY_NUMBERS = 20  # distinct values of a float column
NAMING = ("string", "integer", "floating", "mixed-integer-float", "boolean", "empty")  # what pandas calls such values


def check_obs(
    obs: pd.DataFrame,
    group_keys: Sequence[str],
    categorical_keys: Sequence[str] = (),
    continuous_keys: Sequence[str] = (),
    *,
    min_groups: int = 2,
) -> None:
    """Raise a clear error if groups or covariates cannot be used; warn if they can be misleading.

    Parameters
    ----------
    obs
        Annotation of the units.
    group_keys
        Columns that say which group a unit belongs to; none if groups share units.
    categorical_keys
        Categorical covariates, the batch first.
    continuous_keys
        Continuous covariates.
    min_groups
        Fewest groups that make sense: 2 for training, 1 for embedding.

    Raises
    ------
    KeyError
        If a column does not exist.
    ValueError
        If labels or covariates are missing or not of the right kind, or if there are too few groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from gde.data import check_obs
    >>> check_obs(pd.DataFrame({"donor": ["D1", "D1", "D2", "D2"]}), ["donor"])
    """
    for argument, keys in {
        "group_key": group_keys,
        "batch_key or categorical_covariate_keys": categorical_keys,
        "continuous_covariate_keys": continuous_keys,
    }.items():
        for key in keys:
            _check_column(obs, argument, key)
            if argument != "continuous_covariate_keys":
                _check_one_type(obs[key], argument)
    for key in continuous_keys:
        if not pd.api.types.is_numeric_dtype(obs[key]) or not np.isfinite(obs[key].to_numpy(float)).all():
            raise ValueError(
                f"`continuous_covariate_keys`: `.obs[{key!r}]` must be finite numbers. Convert or fill it."
            )

    if not group_keys:
        return
    labels = group_labels(obs, group_keys)
    sizes = labels.value_counts()
    sizes = sizes[sizes > 0]
    if len(sizes) < min_groups:
        raise ValueError(
            f"`group_key` {list(group_keys)} has {len(sizes)} group(s) and at least {min_groups} are needed. "
            "Choose a column with one value per donor, clone or perturbation."
        )
    if (sizes == 1).any():
        warnings.warn(
            f"{(sizes == 1).sum()} of {len(sizes)} groups have a single unit, e.g. {sizes[sizes == 1].index[0]!r}. They are used, but their "
            "embedding says little, and in training they are explained by themselves.",
            UserWarning,
            stacklevel=3,
        )
    for key in group_keys:
        _warn_if_continuous(obs, key)
        for covariate in categorical_keys:
            warn_if_confounded(obs, key, covariate)


def _check_column(obs: pd.DataFrame, argument: str, key: str) -> None:
    if key not in obs:
        raise KeyError(f"`{argument}`: {key!r} is not a column of `.obs`. {near_matches(key, obs.columns)}")
    n_missing = int(obs[key].isna().sum())
    if n_missing:
        raise ValueError(
            f"`{argument}`: {n_missing} of {len(obs)} units have no value in `.obs[{key!r}]`. "
            f"Drop them with `adata = adata[adata.obs[{key!r}].notna()].copy()`."
        )


def _check_one_type(column: pd.Series, argument: str) -> None:
    """Names of groups are text in the end, where 1 and "1" would be one, and a date has several; and h5ad holds no other categories."""
    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if pd.api.types.infer_dtype(values) not in NAMING:
        types = sorted({type(value).__name__ for value in values})
        raise ValueError(
            f"`{argument}`: `.obs[{column.name!r}]` must hold one of text, numbers or booleans, and holds {', '.join(types)}. Make them text: "
            f"`adata.obs[{column.name!r}] = adata.obs[{column.name!r}].astype(str)`."
        )


def _warn_if_continuous(obs: pd.DataFrame, key: str) -> None:
    """Warn of a group key that holds measurements rather than names."""
    if pd.api.types.is_float_dtype(obs[key]) and obs[key].nunique() > MANY_NUMBERS:
        warnings.warn(
            f"{key!r} holds {obs[key].nunique()} distinct numbers, each of which becomes a group of its own. If it is a quantity such as an age, use "
            "`group_kind='continuous'`; if it names groups, make it `.astype(str)`.",
            UserWarning,
            stacklevel=4,
        )
