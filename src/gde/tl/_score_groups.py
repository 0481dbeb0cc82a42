"""Scores of embeddings of groups."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gde.metrics import (
    Score,
    batch_removal,
    information_retention,
    logistic_probe,
    replicate_robustness,
    trajectory_preservation,
)

N_NEIGHBORS, N_FOLDS = 3, 5
Row = dict[str, object]


def score_groups(
    halves: tuple[pd.DataFrame, pd.DataFrame], embeddings: pd.DataFrame, labels: pd.DataFrame, seed: int
) -> Iterator[Row]:
    """Rows of ``evaluate`` about two embeddings of each group, and about embeddings with labels; ``batch`` in ``.attrs`` names the technical one."""
    common = halves[0].index.intersection(halves[1].index)
    if len(common) > 1:
        value = replicate_robustness(*(half.loc[common] for half in halves))
        yield {"about": "embeddings", "metric": "replicate_robustness", "value": value, "chance": 0.5}
    for column in labels:
        known = labels[column].dropna()
        if known.nunique() > 1 and len(known) > N_NEIGHBORS:
            yield from _score_label(embeddings.loc[known.index], known, column == labels.attrs["batch"], seed)


def _score_label(embeddings: pd.DataFrame, label: pd.Series, is_batch: bool, seed: int) -> Iterator[Row]:
    about = str(label.name)
    if is_batch:
        yield _row(about, "batch_removal", batch_removal(embeddings, label.astype(str), seed=seed))
        return
    yield _row(about, "information_retention", information_retention(embeddings, label, seed=seed))
    if pd.api.types.is_numeric_dtype(label) and not pd.api.types.is_bool_dtype(label):
        yield _row(about, "trajectory_preservation", trajectory_preservation(embeddings, label, seed=seed))
        return
    n_splits = min(N_FOLDS, int(label.value_counts()[lambda sizes: sizes > 0].min()))
    if n_splits > 1:
        table = logistic_probe(embeddings, label, n_splits=n_splits, seed=seed)
        for metric in ("roc_auc", "balanced_accuracy"):
            value, low, high, majority = table.loc[metric]
            yield _row(about, metric, Score(value, low, high)) | {"chance": majority}


def _row(about: str, metric: str, score: Score) -> Row:
    return {"about": about, "metric": metric, **score._asdict()}


def labels_of_groups(
    obs: pd.DataFrame, groups: np.ndarray, columns: Sequence[str], batch_key: str | None
) -> pd.DataFrame:
    """One value of each column for each group. The batch is left out where it varies within groups; another column that does is refused."""
    wanted = [*columns, *([batch_key] if batch_key is not None and batch_key not in columns else [])]
    if not wanted:
        labels = pd.DataFrame(index=np.unique(groups))
        labels.attrs["batch"] = None
        return labels
    by_group = obs[wanted].groupby(groups, observed=True)
    varies = (by_group.nunique(dropna=False) > 1).any()
    if bad := [column for column in columns if varies[column] and column != batch_key]:
        raise ValueError(f"`columns`: {bad[0]!r} varies within groups, so it says nothing about a group. Leave it out.")
    labels = by_group.first()[[column for column in wanted if not varies[column]]]
    labels.attrs["batch"] = batch_key
    return labels
