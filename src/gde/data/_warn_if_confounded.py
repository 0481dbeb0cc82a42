"""Levels of a key that a covariate can explain away."""

import warnings

import pandas as pd


def warn_if_confounded(obs: pd.DataFrame, key: str, covariate: str) -> None:
    """Warn if each category of a covariate holds one level of a key only, so that the two cannot be told apart."""
    pairs = obs[[key, covariate]].drop_duplicates()
    levels_per_category = pairs.groupby(covariate, observed=True)[key].nunique()
    if len(levels_per_category) > 1 and pairs[key].nunique() > 1 and (levels_per_category == 1).all():
        warnings.warn(
            f"{covariate!r} and {key!r} are confounded: each category of {covariate!r} holds one level of {key!r} only. The generator can explain "
            f"all differences between levels of {key!r} by {covariate!r}, and embeddings will miss them. Leave {covariate!r} out, or bring in "
            "categories that several levels share.",
            UserWarning,
            stacklevel=4,
        )
