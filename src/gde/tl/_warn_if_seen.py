"""Labels that a model was trained on say nothing when its embeddings are asked for them."""

import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd


def warn_if_seen(obs: pd.DataFrame, column: str, setup: Mapping[str, Any], n_seen: int, n_groups: int) -> None:
    """Warn, on behalf of the public function, of a column that says the same as the labels that training drew embeddings apart by.

    It may be another column than theirs, since labels of some groups are hidden in a copy of what is known of all.
    """
    labels_key = setup.get("labels_key")
    if not n_seen or labels_key not in obs:
        return
    is_known = obs[labels_key].notna() & (obs[labels_key] != setup["unlabeled_category"])
    pairs = pd.DataFrame({"class": obs[column], "label": obs[labels_key]})[is_known].dropna().drop_duplicates()
    if len(pairs) > 1 and pairs["class"].is_unique and pairs["label"].is_unique:
        warnings.warn(
            f"The model was trained to tell the values of {column!r} apart (`labels_key={labels_key!r}`), and saw them for {n_seen} of these {n_groups} "
            "groups: their embeddings differ by whatever they were said to be, so this says nothing about other groups. Use groups whose labels "
            "training did not see, or embeddings of a model without `labels_key`.",
            UserWarning,
            stacklevel=4,
        )
